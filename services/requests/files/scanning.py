"""Looking for viruses in attachments: the port, clamd behind it, and doing without where that is accepted."""

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter


class ScanVerdict(StrEnum):
    """Clean, infected, or nothing that could be relied on."""

    CLEAN = "clean"
    INFECTED = "infected"
    NONE = "none"


PIECE = 64 * 1024
LONGEST_ANSWER = 4096
SCANS = Counter("rabta_scans", "Files that an antivirus was asked about, by its verdict", ["verdict"])

log = structlog.get_logger(__name__)


class Clamd:
    """Asks the clamd at an address. Raises ValueError for an address that is none."""

    def __init__(self, address: str, seconds: float = 20.0) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._path = parts.path if parts.scheme == "unix" else ""
        self._seconds = seconds
        if not self._path and not (parts.scheme == "tcp" and self._host and self._port):
            raise ValueError("an address of a clamd is tcp://host:port or unix:///path")

    async def scan(self, content: bytes) -> ScanVerdict:
        """The verdict; NONE when clamd is away, too slow, or says anything but OK and FOUND."""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._ask(content)
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            log.warning("clamd.away", error=type(error).__name__)
            return _counted(ScanVerdict.NONE)
        if answer == "stream: OK":
            return _counted(ScanVerdict.CLEAN)
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            log.warning("clamd.found", bytes=len(content))
            return _counted(ScanVerdict.INFECTED)
        log.warning("clamd.unclear", size_limit="size limit" in answer)
        return _counted(ScanVerdict.NONE)

    async def _ask(self, content: bytes) -> str:
        reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            with suppress(ConnectionError):  # it may say what it has found, and hang up, before it has seen all
                for start in range(0, len(content), PIECE):
                    piece = content[start : start + PIECE]
                    writer.write(len(piece).to_bytes(4, "big") + piece)
                    await writer.drain()
                writer.write(bytes(4))
                await writer.drain()
            answer = await reader.readuntil(b"\0")
            return answer[:-1].decode("utf-8", "replace")
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._path:
            return await asyncio.open_unix_connection(self._path, limit=LONGEST_ANSWER)
        return await asyncio.open_connection(self._host, self._port, limit=LONGEST_ANSWER)


def _counted(verdict: ScanVerdict) -> ScanVerdict:
    SCANS.labels(str(verdict)).inc()
    return verdict


DEMO, ACCEPTED = "none", "none-accepted"


class Scanner(Protocol):
    """Looks at a file."""

    async def scan(self, content: bytes) -> ScanVerdict:
        """The verdict on the content. Never raises: a scanner that does not answer gives NONE."""


class Unscanned:
    """Lets every file pass: for demo and tests, or where somebody has said in so many words that it is accepted."""

    async def scan(self, content: bytes) -> ScanVerdict:
        """Let it pass."""
        return ScanVerdict.CLEAN


def scanner_of(setting: str, seconds: float, *, production: bool) -> Scanner:
    """The scanner that a setting names: `tcp://host:port`, `unix:///path`, `none` or `none-accepted`.

    Raises ValueError for anything else, and for `none` in production.
    """
    if setting == ACCEPTED or (setting == DEMO and not production):
        return Unscanned()
    if setting == DEMO:
        raise ValueError(
            "RABTA_SCANNER must name a clamd (tcp://host:port or unix:///path) in production; "
            "`none-accepted` says that attachments of strangers are handed on unscanned"
        )
    return Clamd(setting, seconds)
