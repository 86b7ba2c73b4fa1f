"""Checking of files in the real process: accepted and refused malicious files, and what remains of a picture."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.ExifTags import Base

from services.requests.files.checking.kinds import REASONS
from services.requests.files.checking.pool import Checker, Checkers
from shared.errors import Problem, words
from tests.unit.requests.nasty_files import BAD, GOOD, HTML, SECRET, flood, picture, told_where, zipped


@pytest.fixture(scope="module")
async def checkers() -> AsyncIterator[Checkers]:
    """One checking process for all tests."""
    async with Checkers.running(1, 20.0) as checkers:
        yield checkers


@pytest.fixture
async def new_checkers() -> AsyncIterator[Checkers]:
    """A checking process for one test, which measures its memory or kills it."""
    async with Checkers.running(1, 20.0) as checkers:
        yield checkers


@pytest.mark.parametrize("name", GOOD)
async def test_valid_file_is_accepted_by_its_content(checkers: Checkers, name: str) -> None:
    content, kind = GOOD[name]
    checked = await checkers.check(content)
    assert checked.type == kind
    if kind == "application/pdf":
        assert checked.content == (await checkers.check(checked.content)).content, "once cleaned it is clean"
    else:
        assert (checked.width, checked.height) == (64, 48)
        Image.open(BytesIO(checked.content)).load()


async def test_every_nasty_file_is_refused_for_what_it_is(checkers: Checkers) -> None:
    found = {}
    for name, (content, _) in BAD.items():
        with pytest.raises(Problem) as refused:
            await checkers.check(content)
        found[name] = refused.value.problem_code
    assert found == {name: reason for name, (_, reason) in BAD.items()}


def test_every_reason_has_words() -> None:
    assert set(REASONS) <= words().keys()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_nothing_but_the_pixels_is_left_of_a_picture(checkers: Checkers, kind: str) -> None:
    sent = told_where(kind)
    assert SECRET.encode() in sent
    kept = (await checkers.check(sent)).content
    assert SECRET.encode() not in kept
    assert b"<script>" not in kept
    image = Image.open(BytesIO(kept))
    assert not image.getexif()
    assert not set(image.info) & {"exif", "icc_profile", "comment", "Comment", "xmp", "photoshop"}


async def test_a_picture_that_lay_on_its_side_stands_up(checkers: Checkers) -> None:
    checked = await checkers.check(told_where())
    assert (checked.width, checked.height) == (48, 64)
    image = Image.open(BytesIO(checked.content)).convert("RGB")
    assert image.getpixel((24, 5)) > (150, 0, 0)  # type: ignore[operator]  # the red half is at the top now
    assert image.getpixel((24, 60)) < (50, 50, 50)  # type: ignore[operator]


@pytest.mark.parametrize("hidden", [HTML, zipped()], ids=["html", "zip"])
async def test_data_appended_to_a_picture_is_removed(checkers: Checkers, hidden: bytes) -> None:
    kept = (await checkers.check(picture() + hidden)).content
    assert hidden[:20] not in kept
    assert kept.endswith(b"\xff\xd9")


SMALLER = [
    ("PNG", (4160, 3120), (4160, 3120)),  # of a telephone: 13 megapixels
    ("PNG", (8160, 6120), (4163, 3122)),
    ("JPEG", (8160, 6120), (4080, 3060)),  # 50
    ("JPEG", (9248, 6936), (4163, 3122)),  # 64
    ("JPEG", (16_320, 12_240), (4080, 3060)),  # 200
]


async def test_a_picture_with_more_pixels_than_are_kept_is_made_smaller(new_checkers: Checkers) -> None:
    for kind, size, kept in SMALLER:
        checked = await new_checkers.check(picture(kind, size, mode="L"))
        assert (checked.width, checked.height) == kept
        assert peak_of(new_checkers) < 400 * 1024 * 1024


async def test_a_large_photo_that_lay_on_its_side_stands_up(checkers: Checkers) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    checked = await checkers.check(picture("JPEG", (8000, 6000), exif=exif.tobytes()))
    assert (checked.width, checked.height) == (3000, 4000)
    image = Image.open(BytesIO(checked.content))
    assert not image.getexif()
    assert image.getpixel((1500, 100)) > (150, 0, 0)  # type: ignore[operator]  # the red half is at the top now


def peak_of(checkers: Checkers) -> int:
    """The peak memory of the process, in bytes."""
    status = Path(f"/proc/{checkers._idle[0]._process.pid}/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


async def test_a_process_that_hangs_or_dies_is_replaced(new_checkers: Checkers) -> None:
    await new_checkers.check(picture())
    [checker] = new_checkers._idle
    checker.kill()
    with pytest.raises(Problem, match="file-broken"):
        await new_checkers.check(picture())
    assert (await new_checkers.check(picture())).type == "image/jpeg"

    slow = Checkers(1, 0.0001)
    with pytest.raises(Problem, match="file-broken"):
        await slow.check(picture())
    assert slow._idle == []


async def test_checking_process_is_replaced_after_its_quota(new_checkers: Checkers) -> None:
    await new_checkers.check(picture())
    new_checkers._idle[0].left = 1
    await new_checkers.check(picture())
    assert new_checkers._idle == []


async def test_no_more_processes_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    started, start = [], Checker.start

    async def counting() -> Checker:
        started.append(1)
        return await start()

    monkeypatch.setattr(Checker, "start", counting)
    async with Checkers.running(2, 20.0) as checkers:
        await asyncio.gather(
            *(checkers.check(flood(10, 10) if n % 2 else picture()) for n in range(8)), return_exceptions=True
        )
    assert len(started) == 2
