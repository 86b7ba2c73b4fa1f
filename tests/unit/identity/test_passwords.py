"""Which passwords are refused, and how they are hashed."""

import asyncio

import pytest

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.passwords import MAX_LENGTH, common, is_acceptable
from shared.errors import UnavailableError
from tests.unit.identity.world import RING

OWN = {"words": ("Ayesha Khan", "ayesha.k"), "numbers": ("3520212345671", "3001234567")}


@pytest.mark.parametrize(
    "password",
    ["monsoon over the blue hills", "correct horse 4711", "Ayesha likes eleven pears", "نیلی پہاڑیوں پر بارش",
     "x7#Kp!2mQ9", "rabta-demo-password", "twelve slow boats, " * 6],
)  # fmt: skip
def test_valid_password(password: str) -> None:
    assert is_acceptable(password, **OWN)


@pytest.mark.parametrize(
    "password",
    ["", "short7!", "a" * (MAX_LENGTH + 1), "password", "PASSWORD1", "p@ssw0rd!!", "12345678", "87654321", "qwertyuiop",
     "abcdefgh", "aaaaaaaaaaaa", "abababab", "Pakistan123", "Rabta2026!", "ayesha1234", "my 35202-1234567-1 card",
     "call 0300 1234567", "Zindabad!99", "１２３４５６７８", "iloveyou99", "lahorekarachi", "ayesha12345678",
     "۱۲۳۴۵۶۷۸", "٨٧٦٥٤٣٢١", "password۱۲۳", "میرا نمبر ۰۳۰۰۱۲۳۴۵۶۷", "۳۵۲۰۲-۱۲۳۴۵۶۷-۱ میرا کارڈ"],
)  # fmt: skip
def test_invalid_password(password: str) -> None:
    assert not is_acceptable(password, **OWN)


def test_a_long_password_of_wide_characters_is_bounded_in_bytes() -> None:
    assert not is_acceptable("پہاڑیوں" * 40)


def test_the_blocklist_is_a_list_of_small_letters() -> None:
    assert len(common()) >= 3000  # and the next line: also those of leaks
    assert {"trustno1", "letmein", "jordan23"} <= common()
    assert all(word == word.casefold().strip() for word in common())


async def test_a_hash_verifies_its_own_password_only() -> None:
    hasher = Hasher(RING, workers=1, queue=5)
    hashed = await hasher.hash("ﬁne words for a hash")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await hasher.verify(hashed, "fine words for a hash")  # NFKC
    assert not await hasher.verify(hashed, "other words")
    assert not await hasher.verify(None, "nobody's password")
    assert not await hasher.verify("not a hash", "words")
    assert not hasher.is_outdated(hashed)
    assert hasher.is_outdated(hashed.replace("t=2", "t=1"))
    hasher.close()


async def test_more_than_the_queue_holds_is_refused_at_once() -> None:
    hasher = Hasher(RING, workers=1, queue=2)
    results = await asyncio.gather(*(hasher.hash("some words") for _ in range(6)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, UnavailableError)]
    assert len(refused) == 3
    assert await hasher.hash("some words")
    hasher.close()


async def test_cancelled_caller_does_not_free_its_slot_early() -> None:
    hasher = Hasher(RING, workers=1, queue=0)
    first = asyncio.create_task(hasher.hash("some words"))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    with pytest.raises(UnavailableError):
        await hasher.hash("other words")
    hasher.close()
