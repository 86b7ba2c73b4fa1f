"""The clamd adapter against a fake server, and the addresses that the setting accepts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.requests.files.scanning import Clamd, ScanVerdict, Unscanned, scanner_of
from tests.unit.requests.nasty_files import EICAR

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SIZE_LIMIT = 1_000_000


async def clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A fake clamd that knows one virus."""
    assert await reader.readexactly(10) == b"zINSTREAM\0"
    content = b""
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        content += await reader.readexactly(size)
        if len(content) > SIZE_LIMIT:
            writer.write(b"INSTREAM size limit exceeded. ERROR\0")
            writer.close()
            return
    writer.write(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0")
    writer.close()


def saying(answer: bytes) -> Talk:
    """A server that always sends these bytes and closes the connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    return talk


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that accepts everything and never responds."""
    while await reader.read(65536):
        pass
    writer.close()


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[str]:
    """The address of a server with this handler."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"", ScanVerdict.CLEAN),
        (b"a picture", ScanVerdict.CLEAN),
        (b"x" * 300_000, ScanVerdict.CLEAN),
        (EICAR, ScanVerdict.INFECTED),
        (b"y" * 200_000 + EICAR, ScanVerdict.INFECTED),
        (b"z" * 2 * SIZE_LIMIT, ScanVerdict.NONE),
    ],
    ids=["nothing", "small", "several pieces", "eicar", "eicar at the end", "too large for it"],
)
async def test_scan_returns_the_verdict_of_clamd(content: bytes, verdict: ScanVerdict) -> None:
    async with listening(clamd) as address:
        assert await Clamd(address).scan(content) is verdict


async def test_clamd_over_a_unix_socket(tmp_path: Path) -> None:
    server = await asyncio.start_unix_server(clamd, tmp_path / "clamd.ctl")
    async with server:
        assert await Clamd(f"unix://{tmp_path}/clamd.ctl").scan(EICAR) is ScanVerdict.INFECTED


@pytest.mark.parametrize(
    "answer",
    [b"", b"stream: OK", b"UNKNOWN COMMAND\0", b"stream: OK FOUNDATION\0", b"OK\0", b"\xff" * 9000, b"x: Y ERROR\0"],
)
async def test_anything_unclear_is_no_verdict(answer: bytes) -> None:
    async with listening(saying(answer)) as address:
        assert await Clamd(address, 2.0).scan(b"content") is ScanVerdict.NONE


async def test_a_clamd_that_is_away_or_silent_gives_no_verdict(tmp_path: Path) -> None:
    async with listening(silent) as address:
        assert await Clamd(address, 0.2).scan(b"content") is ScanVerdict.NONE
    assert await Clamd(address, 2.0).scan(b"content") is ScanVerdict.NONE
    assert await Clamd(f"unix://{tmp_path}/nobody", 2.0).scan(b"content") is ScanVerdict.NONE


def test_production_names_a_clamd_or_says_that_none_is_accepted() -> None:
    assert isinstance(scanner_of("none", 1.0, production=False), Unscanned)
    assert isinstance(scanner_of("none-accepted", 1.0, production=True), Unscanned)
    assert isinstance(scanner_of("tcp://clamd:3310", 1.0, production=True), Clamd)
    with pytest.raises(ValueError, match="RABTA_SCANNER"):
        scanner_of("none", 1.0, production=True)


@pytest.mark.parametrize("setting", ["", "clamd", "tcp://clamd", "http://clamd:3310", "unix://", "nothing"])
def test_a_setting_that_names_nothing_stops_the_start(setting: str) -> None:
    with pytest.raises(ValueError, match="clamd"):
        scanner_of(setting, 1.0, production=False)
