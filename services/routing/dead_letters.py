"""Resends the dead letters of departments, with growing pauses: what their software rejected, mostly in an outage.

A letter goes back to its queue for as long as its request is open at the department, and any other letter `MAX_RESENDS`
times; then it stays for an operator, and its department is told. The header `x-rabta-attempt` counts how often it went
back, `x-rabta-told` marks a letter that was reported to its department.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import aiohttp
import structlog

from services.routing.broker import MANAGEMENT_ERRORS, BrokerAdmin, QueueState
from services.routing.directory import Directory
from services.routing.models.access import Access
from services.routing.models.directory import DepartmentRecord
from services.routing.store.assignments import AssignmentStore
from services.routing.store.departments import DepartmentStore
from shared.bus.connection import BROKER_TROUBLE, BrokerConnection, open_connection
from shared.bus.consumer import ATTEMPT, ERROR, is_copied
from shared.bus.letters import Letter, next_letter, send_again
from shared.bus.topology import dead_queue
from shared.changing import change
from shared.clock import utc_now
from shared.events import DepartmentMessagesPutAside

MAX_RESENDS = 10
"""How often a letter is resent when its request is closed, or when it has none: for about five hours."""
MAX_PAUSES = 60
"""The longest pause, as a multiple of the first: an hour, if the first is a minute."""
MAX_LETTERS_PER_ROUND = 10_000
"""How many letters of one department a round reads."""
BROKER_ERRORS: tuple[type[BaseException], ...] = (*MANAGEMENT_ERRORS, *BROKER_TROUBLE)
TIMEOUT = aiohttp.ClientTimeout(total=10)

TOLD = "x-rabta-told"
MAX_NAMED = 100
"""How many letters one event names."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Resends dead letters of departments; `pause` is the first pause of each, in seconds."""

    amqp_url: str = field(repr=False)
    broker: BrokerAdmin
    directory: Directory
    departments: DepartmentStore
    assignments: AssignmentStore
    pause: float

    async def resend_due(self) -> None:
        """Resend what is due. Several processes may do so at once: each reads different letters."""
        try:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
                queues = await self.broker.queues(http)
            departments = self.directory.departments.values()
            waiting = [
                (department.id, access)
                for department in departments
                for access in department.accesses
                if dead_letter_count(queues, access.queue)
            ]
            if waiting:
                async with open_connection(self.amqp_url, "routing-letters") as connection:
                    for code, access in waiting:
                        await self._resend_from(connection, code, access)
        except BROKER_ERRORS as error:
            log.warning("letters.broker_away", error=type(error).__name__)

    async def _resend_from(self, connection: BrokerConnection, code: str, access: Access) -> None:
        letters, queue = list[Letter](), access.queue
        while (
            len(letters) < MAX_LETTERS_PER_ROUND
            and (letter := await next_letter(connection, dead_queue(queue))) is not None
        ):
            letters.append(letter)
        still_open = await self.assignments.open_at(code, {letter.subject for letter in letters})
        now, resent, kept = utc_now(), 0, list[Letter]()
        for letter in letters:
            if letter.subject not in still_open and letter.attempt >= MAX_RESENDS:
                kept.append(letter)
            elif is_due(letter, now, self.pause):
                resent += await send_again(connection, letter, queue, headers_of(letter))
        if resent:
            log.warning("department.letters_sent_again", department=code, letters=resent)
        if not access.is_test:
            await self._tell(connection, code, queue, [letter for letter in kept if has_to_be_told(letter)])

    async def _tell(self, connection: BrokerConnection, code: str, queue: str, letters: Sequence[Letter]) -> None:
        """Tell a department of letters that are not resent, and mark them; after a crash it is told again."""
        ids = [str(letter.headers.get("ce-id", "")) for letter in letters]
        for first in range(0, len(ids), MAX_NAMED):
            event = DepartmentMessagesPutAside(queue=queue, messages=ids[first : first + MAX_NAMED])
            await change(self.departments, code, partial(_note, event=event))
        for letter in letters:
            await send_again(connection, letter, dead_queue(queue), marked(letter))


def _note(department: DepartmentRecord, event: DepartmentMessagesPutAside) -> None:
    department.emit(event, utc_now(), queue=department.queue)


def dead_letter_count(queues: Mapping[str, QueueState], queue: str) -> int:
    """How many dead letters a department's queue has, by the broker's last count."""
    state = queues.get(dead_queue(queue))
    return (state.messages or 0) if state else 0


def is_due(letter: Letter, now: datetime, pause: float) -> bool:
    """Whether a letter has waited long enough: one pause the first time, each time twice as long as before."""
    pauses = min(2**letter.attempt, MAX_PAUSES)
    return letter.died_at is None or now >= letter.died_at + timedelta(seconds=pause * pauses)


def headers_of(letter: Letter) -> dict[str, object]:
    """The headers of a resent letter: those of the event, and how often it was resent."""
    kept = {name: value for name, value in letter.headers.items() if is_copied(name, value)}
    return kept | {ATTEMPT: letter.attempt + 1}


def has_to_be_told(letter: Letter) -> bool:
    """Whether a letter is a message of the feed of which the department was not told, and no such notice itself."""
    numbered = "ce-number" in letter.headers and letter.type != DepartmentMessagesPutAside.type
    return numbered and TOLD not in letter.headers


def marked(letter: Letter) -> dict[str, object]:
    """The headers of a letter of which its department was told; it keeps its place among the dead letters."""
    return headers_of(letter) | {ATTEMPT: letter.attempt, ERROR: letter.error, TOLD: 1}
