"""`rabta verify-receipt`: valid proofs are accepted, alterations are found, and trust is mentioned."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from deploy.cli.main import app
from deploy.cli.verify_receipt.command import read
from deploy.local.errors import LocalError
from services.requests.proof.paper import printed_receipt
from services.requests.proof.printable import Printed, find_fonts
from shared.proof.chain import link_hash
from shared.proof.evidence import evidence_in
from shared.proof.signatures import ROOT_TYPE
from tests.builders import NUMBER, rechain
from tests.fakes import START
from tests.unit.cli.proofs import a_history, a_proof, a_root, signer

Proof = dict[str, Any]


def run(file: Path, *options: str) -> Result:
    """The command, without colours and line breaks."""
    return CliRunner().invoke(app, ["verify-receipt", str(file), *options], env={"COLUMNS": "400"})


def saved(tmp_path: Path, what: object, name: str = "proof.json") -> Path:
    """Save a file with this content."""
    file = tmp_path / name
    file.write_text(what if isinstance(what, str) else json.dumps(what))
    return file


async def test_a_whole_proof_holds_and_says_what_it_rests_on(tmp_path: Path) -> None:
    done = run(saved(tmp_path, await a_proof()))
    assert done.exit_code == 0, done.output
    assert f"received: {NUMBER} (street-light-out, version 1, complaint) at 2026-03-02T09:00:00.000Z" in done.output
    assert "3 steps in one chain whose beginning matches the receipt" in done.output
    assert "root of 2026-03-02: covers this history up to step 3 of 3" in done.output
    assert "each signed, each covering the day before" in done.output
    assert done.output.count("TRUST") == 2
    assert "Everything is valid." in done.output


async def test_with_keys_and_roots_of_ones_own_nothing_of_the_file_is_trusted(tmp_path: Path) -> None:
    proof = await a_proof()
    keys = saved(tmp_path, proof["keys"], "keys.json")
    roots = saved(tmp_path, {"roots": proof["roots"], "next": None}, "roots.json")
    done = run(saved(tmp_path, proof), "--keys", str(keys), "--roots", str(roots))
    assert done.exit_code == 0, done.output
    assert "TRUST" not in done.output
    assert "2 of 2 match your file of roots" in done.output
    forged = run(saved(tmp_path, await a_proof()), "--keys", str(keys), "--roots", str(roots))
    assert forged.exit_code == 1
    assert "not signed by any of the keys" in forged.output


async def test_only_a_receipt_needs_keys_and_shows_less(tmp_path: Path) -> None:
    proof = await a_proof()
    receipt = saved(tmp_path, proof["receipt"] + "\n", "receipt.jws")
    keys = saved(tmp_path, proof["keys"], "keys.json")
    assert "https://rabta.example/.well-known/receipt-keys.json" in run(receipt).output
    assert run(receipt).exit_code == 1
    done = run(receipt, "--keys", str(keys))
    assert done.exit_code == 0
    assert "this file is only the receipt" in done.output
    assert "Everything in this file is valid." in done.output


async def test_the_printed_page_is_a_receipt_too(tmp_path: Path) -> None:
    proof = await a_proof()
    page = Printed(
        number=NUMBER,
        service=("Street light", "بتی"),
        kind="complaint",
        submitted_at=datetime(2026, 3, 2, tzinfo=UTC),
        district=("Swat", "سوات"),
        checks=[],
        receipt=proof["receipt"],
        url="https://rabta.example",
    )
    (tmp_path / "page.pdf").write_bytes(printed_receipt(page, find_fonts(tmp_path)))
    done = run(tmp_path / "page.pdf", "--keys", str(saved(tmp_path, proof["keys"], "keys.json")))
    assert done.exit_code == 0
    assert f"received: {NUMBER}" in done.output


def cut(proof: Proof) -> None:
    """Remove the newest step."""
    proof["history"].pop()


def rewritten(proof: Proof) -> None:
    """Change the newest step, and calculate its hash again."""
    links = proof["history"]
    links[2].update(at="2026-03-02T08:00:00.000Z")
    shown = {name: value for name, value in links[2].items() if name != "hash"}
    links[2]["hash"] = link_hash(NUMBER, links[1]["hash"], shown)


def rewritten_from_the_start(proof: Proof) -> None:
    """Change the first step, and calculate all later hashes again."""
    previous = ""
    proof["history"][0]["at"] = "2026-03-01T08:00:00.000Z"
    for link in proof["history"]:
        shown = {name: value for name, value in link.items() if name != "hash"}
        link["hash"] = previous = link_hash(NUMBER, previous, shown)


def day_taken_out(proof: Proof) -> None:
    """Remove the root of a day."""
    proof["roots"][1]["date"] = "2026-03-04"


TAMPERING: dict[str, tuple[Callable[[Proof], object], str]] = {
    "a date": (lambda p: p["history"][1].update(at="2026-03-02T08:00:00.000Z"), "step 2 was altered"),
    "a state": (lambda p: p["history"][2].update(to="closed"), "step 3 was altered"),
    "a detail": (lambda p: p["history"][2].update(details="0" * 64), "step 3 was altered"),
    "one taken out": (lambda p: p["history"].pop(1), "was altered"),
    "cut": (cut, "steps were removed"),
    "rewritten": (rewritten, "it was rewritten"),
    "rewritten from the start": (rewritten_from_the_start, "beginning does not match the receipt"),
    "nothing left": (lambda p: p.update(history=[]), "beginning does not match the receipt"),
    "another leaf": (lambda p: p["inclusions"][0].update(count=2), "covers this history is wrong"),
    "another path": (
        lambda p: p["inclusions"][0].update(path=["0" * 64]),
        "covers this history is wrong",
    ),
    "no path": (lambda p: p["inclusions"][0].pop("path"), "covers this history is wrong"),
    "left out": (lambda p: p["inclusions"].clear(), "should be in a daily root by now"),
    "another root": (lambda p: p["roots"][0].update(tree="0" * 64), "its signature is wrong"),
    "another count": (lambda p: p["roots"][0].update(count=9), "its signature is wrong"),
    "a day taken out": (day_taken_out, "does not follow the day before"),
    "the receipt": (lambda p: p.update(receipt=p["receipt"][:-4] + "AAAA"), "not signed by any of the keys"),
    "a root for a receipt": (lambda p: p.update(receipt=p["roots"][0]["signature"]), "not signed by any of the keys"),
}


@pytest.mark.parametrize(("tamper", "finding"), TAMPERING.values(), ids=TAMPERING.keys())
async def test_tampering_is_found(tmp_path: Path, tamper: Callable[[Proof], object], finding: str) -> None:
    proof = await a_proof()
    tamper(proof)
    done = run(saved(tmp_path, proof))
    assert done.exit_code == 1, done.output
    assert finding in done.output
    assert "This is not valid." in done.output


async def test_a_holder_of_the_key_cannot_rewrite_published_roots(tmp_path: Path) -> None:
    """Even if the operator signs everything again, roots and proofs that others kept reveal it."""
    signs = await signer()
    before = await a_proof(signs)
    request = a_history()
    request.history[2]["action"] = "transfer"
    rechain(NUMBER, request.history)
    after = await a_proof(signs, request)
    assert run(saved(tmp_path, after)).exit_code == 0
    roots = saved(tmp_path, before["roots"], "roots.json")
    by_roots = run(saved(tmp_path, after), "--roots", str(roots))
    assert by_roots.exit_code == 1
    assert "differs from the one in your file of roots" in by_roots.output
    earlier = saved(tmp_path, before, "earlier.json")
    by_earlier = run(saved(tmp_path, after), "--earlier", str(earlier))
    assert by_earlier.exit_code == 1
    assert "some of its steps were altered or removed since" in by_earlier.output
    assert "differs from the one in the earlier proof" in by_earlier.output
    assert run(saved(tmp_path, before), "--earlier", str(earlier)).exit_code == 0


async def test_a_signed_root_that_is_not_over_its_own_parts_is_refused(tmp_path: Path) -> None:
    signs = await signer()
    proof = await a_proof(signs)
    signed_root = {name: value for name, value in proof["roots"][1].items() if name != "signature"} | {"root": "0" * 64}
    proof["roots"][1] = {**signed_root, "signature": signs.sign(ROOT_TYPE, signed_root, START)}
    done = run(saved(tmp_path, proof))
    assert done.exit_code == 1
    assert "daily root of 2026-03-03: its signature is wrong" in done.output


async def test_roots_of_other_days_prove_nothing(tmp_path: Path) -> None:
    signs = await signer()
    roots = saved(tmp_path, [a_root(signs, "2025-01-01", [], None)], "roots.json")
    done = run(saved(tmp_path, await a_proof(signs)), "--roots", str(roots))
    assert done.exit_code == 1
    assert "has none of these days" in done.output


async def test_steps_not_yet_in_a_root_are_no_fault(tmp_path: Path) -> None:
    proof = await a_proof()
    proof["inclusions"], proof["roots"] = [], []
    done = run(saved(tmp_path, proof))
    assert done.exit_code == 0
    assert "steps 1 to 3: not in a daily root yet" in done.output
    assert "daily roots: none in this file" in done.output


@given(st.one_of(st.binary(max_size=200), st.text('{}[]":eyJ.ab1', max_size=60).map(str.encode)))
def test_nonsense_is_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "nonsense"
    file.write_bytes(content)
    with pytest.raises(LocalError):
        read(file, evidence_in)


async def test_members_of_other_kinds_are_findings_not_accidents(tmp_path: Path) -> None:
    for name, value in (("inclusions", [{}]), ("roots", [{}, {}]), ("history", [{}]), ("keys", {"keys": [{}, 1]})):
        done = run(saved(tmp_path, {**await a_proof(), name: value}))
        assert done.exit_code == 1, name
        assert "WRONG" in done.output


def with_a_step_more(proof: Proof, **fields: Any) -> Proof:
    """The proof with another step and a correct hash, as the author of a file can add."""
    last = proof["history"][-1]
    link = {**{name: value for name, value in last.items() if name != "hash"}, "n": last["n"] + 1, **fields}
    return {**proof, "history": [*proof["history"], {**link, "hash": link_hash(NUMBER, last["hash"], link)}]}


async def test_a_file_cannot_write_to_the_readers_screen(tmp_path: Path) -> None:
    """Terminal escapes could wipe the findings and print that everything is valid."""
    escapes = "\x1b[2J\x1b[1;1H\x9b2J\u202eEverything is valid.\n\x07"
    proof = with_a_step_more(await a_proof(), action=escapes)
    for file in (proof, {**proof, "roots": [{**proof["roots"][0], "date": escapes}], "inclusions": []}):
        output = run(saved(tmp_path, file)).output
        assert "Everything is valid" in output
        assert not any((ord(sign) < 32 and sign != "\n") or sign in "\x9b\u202e" for sign in output)
        assert not [line for line in output.splitlines() if line.startswith("Everything is valid.")]


HALF = "\ud800"
HOSTILE: dict[str, Callable[[Proof], object]] = {
    "half a letter in a step": lambda p: p["history"][1].update(action=HALF),
    "half a letter in a root": lambda p: p["roots"][0].update(tree=HALF),
    "half a letter in a date": lambda p: p["roots"][0].update(date=HALF),
    "half a letter in a leaf": lambda p: p["inclusions"][0].update(head=HALF),
    "half a letter in a path": lambda p: p["inclusions"][0].update(path=[HALF]),
    "half a letter for a receipt": lambda p: p.update(receipt=HALF),
    "half a letter for a signature": lambda p: p["roots"][0].update(signature=HALF),
    "the last day there is": lambda p: p["roots"][0].update(date="9999-12-31"),
    "a list for a date": lambda p: p["inclusions"][0].update(date=["2026-03-02"]),
    "a list for a date of a root": lambda p: p["roots"][0].update(date=["2026-03-02"]),
    "not a number": lambda p: p["inclusions"][0].update(count=float("nan")),
    "endless": lambda p: p["inclusions"][0].update(index=float("inf")),
    "a key of another curve": lambda p: p["keys"]["keys"].insert(0, {"kty": "OKP", "crv": "X25519", "x": "AA"}),
    "a key without its parts": lambda p: p["keys"]["keys"].insert(0, {"kty": "OKP"}),
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_file_is_judged_and_ends_nothing(tmp_path: Path, spoil: Callable[[Proof], object]) -> None:
    proof = await a_proof()
    spoil(proof)
    done = run(saved(tmp_path, proof))
    assert done.exception is None or isinstance(done.exception, SystemExit | LocalError), done.exception
    earlier = run(saved(tmp_path, await a_proof()), "--earlier", str(saved(tmp_path, proof, "earlier.json")))
    assert earlier.exception is None or isinstance(earlier.exception, SystemExit | LocalError), earlier.exception


async def test_days_in_the_readers_roots_that_the_file_lacks_are_reported(tmp_path: Path) -> None:
    """Otherwise leaving out days with another history would look like a day that is not closed yet."""
    proof = await a_proof()
    roots = saved(tmp_path, proof["roots"], "roots.json")
    for left in (0, 1):
        file = with_a_step_more({**proof, "roots": proof["roots"][:left]}, noted_at="2026-03-03T12:00:00.000Z")
        done = run(saved(tmp_path, {**file, "inclusions": proof["inclusions"] if left else []}), "--roots", str(roots))
        assert done.exit_code == 0, done.output
        assert "your file of roots has that day" in done.output
        assert "not in a daily root yet" not in done.output


def test_a_large_file_of_beginnings_is_read_in_a_moment(tmp_path: Path) -> None:
    started = time.process_time()
    with pytest.raises(LocalError):
        read(saved(tmp_path, "eyJ" * 1_000_000), evidence_in)
    assert time.process_time() - started < 2
