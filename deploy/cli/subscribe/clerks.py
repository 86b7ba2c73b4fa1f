"""Answers requests: a person at the terminal, or a stock reply."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from deploy.cli.subscribe.work import Work

STOCK_REPLY = "The department has dealt with this. (Stock reply of the demo.) محکمے نے اس پر کارروائی مکمل کر لی ہے۔"
PHOTO = "as a photo or document of the work is needed first: add it on the request's page and resolve it there"
OUTCOMES = ("granted", "partly_granted", "not_granted")
REASONS = ("not_eligible", "documents_missing", "no_fault_found", "already_done", "planned_later", "other")
MIN_REPLY = 10
COMMANDS = ("accept", "ask", "progress", "resolve", "transfer", "skip", "quit")
QUESTIONS = {
    "ask": (("question", "Question to the citizen:"),),
    "progress": (("note", "What was done:"),),
    "transfer": (("to", "To which department (code):"), ("reason", "Why:")),
}
"""What an action needs: the field, and the question to the person."""
LAST = ("ask", "resolve", "transfer", "skip")
"""Commands after which the next request follows."""


class QuitError(Exception):
    """The person wants to stop, or the input has ended."""


@dataclass(frozen=True)
class StockReply:
    """Accepts every request and resolves it, unless a photo of the work is needed, which only people can take."""

    console: Console

    async def handle(self, work: Work) -> None:
        """Accept the request, and resolve it once the acceptance has taken effect."""
        possible = await work.actions()
        if "accept" in possible:
            await work.act("accept")
        if not {"accept", "resolve"} & set(possible) or not await work.until_possible("resolve"):
            self.console.print(f"{work.number}: nothing to do now", highlight=False)
            return
        if await work.needs_photo():
            self.console.print(f"{work.number}: accepted; left open, {PHOTO}", highlight=False)
            return
        await work.act("resolve", outcome="granted", reply=STOCK_REPLY)
        self.console.print(f"{work.number}: accepted and resolved", highlight=False)


@dataclass(frozen=True)
class TerminalClerk:
    """Asks the person at the terminal until the request is handled."""

    console: Console

    async def handle(self, work: Work) -> None:
        """Ask for a command and execute it, until the request is handled."""
        while True:
            possible = await work.actions()
            if not possible:
                self.console.print(f"{work.number}: nothing to do now", highlight=False)
                return
            offered = [name for name in COMMANDS if name in possible or name in ("skip", "quit")]
            chosen = _command(await ask(self.console, f"{work.number} [{' / '.join(offered)}]"), offered)
            if chosen == "quit":
                raise QuitError
            if chosen is None:
                self.console.print("Type one of the offered words, or its beginning.")
                continue
            if chosen != "skip":
                await self._do(work, chosen)
            if chosen in LAST:
                return
            await work.until_possible("resolve")

    async def _do(self, work: Work, action: str) -> None:
        await work.act(action, **await self._words(action))
        self.console.print(f"{work.number}: {action} sent", highlight=False)

    async def _words(self, action: str) -> dict[str, str]:
        if action == "resolve":
            return await self._outcome()
        return {name: await ask(self.console, text, 1) for name, text in QUESTIONS.get(action, ())}

    async def _outcome(self) -> dict[str, str]:
        typed = await ask(self.console, f"Outcome [{' / '.join(OUTCOMES)}], Enter for granted:")
        outcome = _command(typed, OUTCOMES) or OUTCOMES[0]
        words = {"outcome": outcome, "reply": await ask(self.console, f"Reply to the citizen ({outcome}):", MIN_REPLY)}
        if outcome != OUTCOMES[0]:
            typed = await ask(self.console, f"Why [{' / '.join(REASONS)}], Enter for other:")
            words["reason"] = _command(typed, REASONS) or "other"
        return words


Clerk = StockReply | TerminalClerk


def _command(typed: str, offered: Sequence[str]) -> str | None:
    """The first offered command that begins with the typed text; None if there is none."""
    meant = [word for word in offered if typed and word.startswith(typed.lower())]
    return meant[0] if len(meant) == 1 else None


async def ask(console: Console, question: str, least: int = 0) -> str:
    """Ask for a line of at least `least` characters. Raises QuitError at the end of the input."""
    while True:
        console.print(question, end=" ", style="bold", markup=False, highlight=False)
        line = await _line()
        if len(line) >= least:
            return line
        console.print(f"At least {least} characters, please.")


async def _line() -> str:
    """A line from the terminal, read without a thread, so that Ctrl-C ends a question at once."""
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
        raise QuitError
    return line.strip()
