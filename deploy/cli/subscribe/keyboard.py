"""Reads lines from the terminal without a thread, so that Ctrl-C ends a question at once."""

import asyncio
import sys

from rich.console import Console


class EndOfInputError(Exception):
    """The input has ended."""


async def ask(console: Console, question: str, least: int = 0) -> str:
    """Ask for a line of at least `least` characters. Raises EndOfInputError."""
    while True:
        console.print(question, end=" ", style="bold", markup=False, highlight=False)
        line = await _line()
        if len(line) >= least:
            return line
        console.print(f"At least {least} characters, please.")


async def _line() -> str:
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        line = await typed
    finally:
        loop.remove_reader(sys.stdin.fileno())
    if not line:
        raise EndOfInputError
    return line.strip()
