"""A few processes that check files; each is replaced if it takes too long, dies, or after FILES_EACH files."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from services.requests.files.checking.kinds import BROKEN, refusal

ROOT = Path(__file__).parents[4]
MODULE = "services.requests.files.checking.worker"
FILES_EACH = 200
LENGTH_BYTES = 4

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CheckedFile:
    """An accepted file: media type, content, and size in pixels if it is a picture."""

    type: str
    content: bytes = field(repr=False)
    width: int | None = None
    height: int | None = None


class Checkers:
    """Checks files in `processes` at once; others wait. A file may take at most `seconds`."""

    def __init__(self, processes: int = 2, seconds: float = 30.0) -> None:
        self._turn = asyncio.Semaphore(processes)
        self._seconds = seconds
        self._idle: list[Checker] = []

    async def check(self, content: bytes) -> CheckedFile:
        """The file to store. Raises what `refusal` makes of the reason."""
        async with self._turn:
            checker = self._idle.pop() if self._idle else await Checker.start()
            try:
                async with asyncio.timeout(self._seconds):
                    answer, kept = await checker.ask(content)
            except (TimeoutError, OSError, EOFError) as error:
                log.warning("checking.failed", error=type(error).__name__, bytes=len(content))
                checker.kill()
                raise refusal(BROKEN) from None
            except BaseException:
                checker.kill()
                raise
            if checker.left > 0 and not answer.get("spent"):
                self._idle.append(checker)
            else:
                checker.kill()
        if "type" not in answer:
            raise refusal(str(answer.get("reason")))
        return CheckedFile(answer["type"], kept, answer.get("width"), answer.get("height"))

    async def close(self) -> None:
        """End the processes."""
        while self._idle:
            await self._idle.pop().end()

    @classmethod
    @asynccontextmanager
    async def running(cls, processes: int, seconds: float) -> AsyncIterator["Checkers"]:
        """Checkers for as long as the context is open."""
        checkers = cls(processes, seconds)
        try:
            yield checkers
        finally:
            await checkers.close()


class Checker:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.left = FILES_EACH

    @classmethod
    async def start(cls) -> "Checker":
        """Start a process with an empty environment, so that it has no secrets."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            MODULE,
            cwd=ROOT,
            env={},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return cls(process)

    async def ask(self, content: bytes) -> tuple[dict[str, Any], bytes]:
        """The process's answer for a file. Raises OSError or EOFError if it died."""
        given, answers = self._process.stdin, self._process.stdout
        assert given is not None
        assert answers is not None
        self.left -= 1
        given.write(len(content).to_bytes(LENGTH_BYTES, "big"))
        given.write(content)
        await given.drain()
        text = await answers.readexactly(int.from_bytes(await answers.readexactly(LENGTH_BYTES), "big"))
        kept = await answers.readexactly(int.from_bytes(await answers.readexactly(LENGTH_BYTES), "big"))
        return json.loads(text), kept

    def kill(self) -> None:
        """End it at once."""
        if self._process.returncode is None:
            self._process.kill()

    async def end(self) -> None:
        """End it, and wait until it is gone."""
        self.kill()
        await self._process.wait()
