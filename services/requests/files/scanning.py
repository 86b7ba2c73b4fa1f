"""Virus scanning of attachments: the port, clamd, and no scanner if that is accepted."""

import asyncio
from contextlib import suppress
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from prometheus_client import Counter


class ScanVerdict(StrEnum):
    """Clean, infected, or unknown."""

    CLEAN = "clean"
    INFECTED = "infected"
    NONE = "none"


PIECE = 64 * 1024
MAX_ANSWER = 4096
SCANS = Counter("rabta_scans", "Files scanned by the antivirus, by verdict", ["verdict"])

log = structlog.get_logger(__name__)


class Clamd:
    """Asks the clamd at an address. Raises ValueError for an invalid address."""

    def __init__(self, address: str, seconds: float = 20.0) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._path = parts.path if parts.scheme == "unix" else ""
        self._seconds = seconds
        if not self._path and not (parts.scheme == "tcp" and self._host and self._port):
            raise ValueError("an address of a clamd is tcp://host:port or unix:///path")

    async def scan(self, content: bytes) -> ScanVerdict:
        """The verdict; NONE if clamd cannot be reached, is too slow, or answers anything except OK and FOUND."""
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
            with suppress(ConnectionError):  # clamd may answer and disconnect before it has read everything
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
            return await asyncio.open_unix_connection(self._path, limit=MAX_ANSWER)
        return await asyncio.open_connection(self._host, self._port, limit=MAX_ANSWER)


def _counted(verdict: ScanVerdict) -> ScanVerdict:
    SCANS.labels(str(verdict)).inc()
    return verdict


DEMO, ACCEPTED = "none", "none-accepted"


class Scanner(Protocol):
    """Scans files for viruses."""

    async def scan(self, content: bytes) -> ScanVerdict:
        """The verdict. Never raises: a scanner that does not answer gives NONE."""


class Unscanned:
    """Accepts every file: for demo and test, or if an operator has explicitly accepted that."""

    async def scan(self, content: bytes) -> ScanVerdict:
        """Always clean."""
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
            "`none-accepted` means that attachments are passed on unscanned"
        )
    return Clamd(setting, seconds)
