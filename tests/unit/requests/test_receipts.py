"""Receipts: always the same, signed by the key of their day, verifiable for ever, and scannable from paper."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from joserfc import jws
from joserfc.jwk import KeySet

from services.requests.proof.models import ReceiptKey, signing_key
from services.requests.proof.paper import (
    FOLLOW,
    KINDS,
    LABELS,
    MONTHS_UR,
    PASSED,
    PROOF,
    TITLE,
    moment,
    printed_receipt,
)
from services.requests.proof.printable import Fonts, Printed, find_fonts
from services.requests.proof.schemas import ReceiptKeys
from services.requests.proof.service.receipts import Receipts, make_key
from services.requests.proof.store import ReceiptKeyStore
from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.request import Request
from shared.proof.evidence import evidence_in
from shared.proof.signatures import ROOT_TYPE
from shared.seal import KeyRing
from tests.builders import CITIZEN, KEYS, NUMBER, a_request
from tests.fakes import START, FakeClock

QR_CODE = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
ISSUER = "https://rabta.example"
FONTS, AMIRI_ALONE = find_fonts(Path("/usr/share/fonts")), find_fonts(Path("/nothing"))


class MemoryKeys:
    """Keys in memory; as in the real store, only the two newest can sign."""

    def __init__(self) -> None:
        self.keys: list[ReceiptKey] = []

    async def all(self) -> list[ReceiptKey]:
        """The keys, newest first."""
        return list(self.keys)

    async def add(self, key: ReceiptKey, known: list[ReceiptKey]) -> None:
        """Add a key."""
        assert known == self.keys
        self.keys = [key, *known[:1], *(replace(old, sealed="") for old in known[1:])]


def signer(clock: FakeClock, keys: MemoryKeys | None = None) -> Receipts:
    """A signer whose keys are renewed each year."""
    return Receipts(cast(ReceiptKeyStore, keys or MemoryKeys()), KEYS, clock, days=365, issuer=ISSUER)


def filed() -> Request:
    """A newly filed request."""
    request = a_request(body_hash="b" * 64)
    request.note("submit", ActorKind.CITIZEN, START, by=CITIZEN, version=1)
    request.take("pass", ActorKind.RULES, START, results=[])
    return request


def read(receipt: str, keys: ReceiptKeys) -> dict[str, Any]:
    """The claims of a receipt, if one of the keys signed it."""
    content: dict[str, Any] = json.loads(
        jws.deserialize_compact(receipt, KeySet.import_key_set(cast(Any, keys)), algorithms=["Ed25519"]).payload
    )
    return content


async def test_a_receipt_says_what_was_received_and_nothing_personal() -> None:
    receipts = signer(FakeClock())
    await receipts.prepare()
    request = filed()
    receipt = receipts.receipt(request)
    assert read(receipt, receipts.published()) == {
        "iss": ISSUER,
        "number": NUMBER,
        "service": "street-light-out",
        "version": 1,
        "kind": "complaint",
        "submitted_at": "2026-03-02T09:00:00.000Z",
        "body": "b" * 64,
        "history": request.history[1]["hash"],
    }
    header = jws.extract_compact(receipt.encode()).headers()
    assert (header["alg"], header["typ"]) == ("Ed25519", "rabta-receipt+jwt")


async def test_a_receipt_stays_the_same_whatever_happens_later() -> None:
    clock = FakeClock()
    receipts = signer(clock)
    await receipts.prepare()
    request = filed()
    first = receipts.receipt(request)
    request.take("route", ActorKind.ROUTING, START)
    request.service_version = 2
    clock.advance(days=400)
    await receipts.prepare()
    assert len(receipts.published()["keys"]) == 2
    assert receipts.receipt(request) == first


async def test_old_keys_verify_for_ever_and_sign_no_more() -> None:
    clock, keys = FakeClock(), MemoryKeys()
    receipts = signer(clock, keys)
    await receipts.prepare()
    first = receipts.receipt(filed())
    for _ in range(3):
        clock.advance(days=400)
        await receipts.prepare()
    assert read(first, receipts.published())["number"] == NUMBER
    assert [bool(key.sealed) for key in keys.keys] == [True, True, False, False]
    again = receipts.receipt(filed())
    assert again != first
    assert read(again, receipts.published())["number"] == NUMBER
    assert not any("d" in key for key in receipts.published()["keys"])


def test_a_new_key_is_known_everywhere_before_it_signs() -> None:
    old, new = make_key(KEYS, START), make_key(KEYS, START + timedelta(days=1))
    assert signing_key([new, old], START + timedelta(days=1, minutes=1)) is old
    assert signing_key([new, old], START + timedelta(days=1, minutes=3)) is new
    assert signing_key([new, old], START - timedelta(days=1)) is old


async def test_a_forged_receipt_does_not_verify() -> None:
    receipts, other = signer(FakeClock()), signer(FakeClock())
    await receipts.prepare()
    await other.prepare()
    with pytest.raises(Exception, match=r"(?i)key|signature"):
        read(other.receipt(filed()), receipts.published())


def a_page(receipt: str, checks: int = 2) -> Printed:
    """The text of a printed receipt."""
    words = ("You have lived there long enough.", "آپ وہاں مقررہ مدت سے مقیم ہیں۔")
    return Printed(
        number=NUMBER,
        service=("Domicile certificate", "ڈومیسائل سرٹیفکیٹ"),
        kind="application",
        submitted_at=datetime(2026, 11, 24, 19, 4, tzinfo=UTC),
        district=("Peshawar", "پشاور"),
        checks=[(n % 2 == 0, words) for n in range(checks)],
        receipt=receipt,
        url=ISSUER,
    )


@pytest.mark.parametrize("fonts", [FONTS, AMIRI_ALONE], ids=["fonts of this machine", "Amiri alone"])
@pytest.mark.parametrize("checks", [0, 2, 25])
async def test_the_code_on_the_page_scans_and_the_file_holds_the_receipt(fonts: Fonts, checks: int) -> None:
    receipts = signer(FakeClock())
    await receipts.prepare()
    receipt = receipts.receipt(filed())
    file = printed_receipt(a_page(receipt, checks), fonts)
    assert receipt.encode() in file
    pages = pypdfium2.PdfDocument(file)
    image = pages[len(pages) - 1].render(scale=2).to_pil()
    # Without a format, the lines of the code itself are read as an EAN-13 once in some hundred receipts.
    [code] = zxingcpp.read_barcodes(image, formats=QR_CODE)
    assert code.text == f"{ISSUER}/prove?receipt={receipt}"
    assert evidence_in(code.text.encode()).receipt == receipt
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    assert NUMBER in text
    assert "Domicile certificate" in text


@pytest.mark.parametrize("checks", [6, 9, 11, 13])
async def test_receipt_fits_one_page_in_both_languages(checks: int) -> None:
    words = ("The plot stands in the approved scheme. " * 4 + "Whole.", "پلاٹ منظور شدہ سکیم میں واقع ہے۔ " * 4)
    receipts = signer(FakeClock())
    await receipts.prepare()
    page = replace(a_page(receipts.receipt(filed())), checks=[(True, words)] * checks)
    pages = [found.get_textpage().get_text_range() for found in pypdfium2.PdfDocument(printed_receipt(page, FONTS))]
    assert len(pages) == 2
    for text in pages:
        assert text.count("Met:") == text.count("Whole.")
    assert sum(text.count("Whole.") for text in pages) == checks


def test_moments_are_those_of_pakistan() -> None:
    english, urdu = moment(datetime(2026, 11, 24, 19, 4, tzinfo=UTC))
    assert english == "25 November 2026, 00:04 (Pakistan time)"
    assert urdu.startswith("۲۵ نومبر ۲۰۲۶، ۰۰:۰۴")


def test_installed_fonts_come_first_and_amiri_replaces_the_others(tmp_path: Path) -> None:
    assert find_fonts(tmp_path / "nothing") == AMIRI_ALONE
    (tmp_path / "noto").mkdir()
    nastaliq = tmp_path / "noto" / "NotoNastaliqUrdu-Regular.ttf"
    nastaliq.touch()
    found = find_fonts(tmp_path)
    assert (found.urdu, found.tall) == (nastaliq, True)
    assert (found.latin, AMIRI_ALONE.tall) == (AMIRI_ALONE.latin, False)


def test_amiri_has_every_letter_that_is_printed() -> None:
    letters = TTFont(AMIRI_ALONE.urdu).getBestCmap()
    words = [
        text for both in (TITLE, FOLLOW, PROOF, *LABELS.values(), *KINDS.values(), *PASSED.values()) for text in both
    ]
    written = {letter for text in (*words, *MONTHS_UR, "ٹڈڑںےہھگچپژکیۓۂؤئ۔،؟؛۰۱۲۳۴۵۶۷۸۹") for letter in text}
    assert {letter for letter in written if not letter.isspace()} <= {chr(code) for code in letters}


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("place", [0, 1])
async def test_foreign_key_in_the_database_is_not_trusted(place: int, sealed: bool) -> None:
    """Otherwise a person with access to the database could add a key, sign receipts, and have the key published."""
    clock, keys = FakeClock(), MemoryKeys()
    receipts = signer(clock, keys)
    await receipts.prepare()
    others = KeyRing(data_key=b"o" * 32, index_key=b"o" * 32)
    theirs = make_key(others, START - timedelta(days=1))
    keys.keys.insert(place, theirs if sealed else replace(theirs, sealed="", mark=keys.keys[0].mark))
    await receipts.prepare()
    assert [key["kid"] for key in receipts.published()["keys"]] != [theirs.kid]
    assert theirs.public not in receipts.published()["keys"]
    assert read(receipts.receipt(filed()), receipts.published())["number"] == NUMBER
    forger = Receipts(cast(ReceiptKeyStore, MemoryKeys()), others, clock, days=365, issuer=ISSUER)
    forger._keys = [theirs]
    content = {"date": "2026-03-02", "root": "0" * 64}
    assert forger.vouches_for(forger.sign(ROOT_TYPE, content, START), content)
    assert not receipts.vouches_for(forger.sign(ROOT_TYPE, content, START), content)
