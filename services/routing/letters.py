"""Dead letters of departments: sent on their way again by themselves, with growing pauses.

A department's queue puts away what its software rejects. A queue made by an earlier version also puts away what was
returned 50 times, which a program that does not wait reaches within a second. The usual cause is an outage. So a
letter goes back to its queue for as long as its request is open at the department, and any other letter `TRIES` times;
then it stays for an operator. `x-rabta-attempt` tells how often it went back.
"""

from datetime import datetime, timedelta

import aiohttp
import structlog

from services.routing.broker import TROUBLE, BrokerAdmin, QueueFacts
from services.routing.directory import Directory
from services.routing.store import AssignmentStore
from shared.bus.connection import BROKER_TROUBLE, BrokerConnection, open_connection
from shared.bus.consumer import ATTEMPT, is_copied
from shared.bus.letters import Letter, next_letter, send_again
from shared.bus.topology import dead_queue, department_queue
from shared.clock import utc_now

TRIES = 10
"""How often a letter is sent again when its request is over, or when it is about none: for some five hours."""
LONGEST = 60
"""The longest pause, in first pauses: an hour, where the first is a minute."""
MOST = 10_000
"""The most letters of a department that one round looks at."""
AWAY: tuple[type[BaseException], ...] = (*TROUBLE, *BROKER_TROUBLE)
TIMEOUT = aiohttp.ClientTimeout(total=10)

log = structlog.get_logger(__name__)


class Letters:
    """Sends dead letters of departments again; `pause` is the first pause of each, in seconds."""

    def __init__(
        self, amqp_url: str, broker: BrokerAdmin, directory: Directory, assignments: AssignmentStore, pause: float
    ) -> None:
        self._amqp_url = amqp_url
        self._broker = broker
        self._directory = directory
        self._assignments = assignments
        self._pause = pause

    async def look(self) -> None:
        """Send again what is due; several processes may do so at once, each gets letters of its own."""
        try:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
                queues = await self._broker.queues(http)
            codes = [code for code in self._directory.departments if letters_at(queues, code)]
            if codes:
                async with open_connection(self._amqp_url, "routing-letters") as connection:
                    for code in codes:
                        await self._drive(connection, code)
        except AWAY as error:
            log.warning("letters.broker_away", error=type(error).__name__)

    async def _drive(self, connection: BrokerConnection, code: str) -> None:
        queue, letters = department_queue(code).name, list[Letter]()
        while len(letters) < MOST and (letter := await next_letter(connection, dead_queue(queue))) is not None:
            letters.append(letter)
        still_open = await self._assignments.open_at(code, {letter.subject for letter in letters})
        now, sent = utc_now(), 0
        for letter in letters:
            if is_due(letter, now, self._pause) and (letter.subject in still_open or letter.attempt < TRIES):
                sent += await send_again(connection, letter, queue, headers_of(letter))
        if sent:
            log.warning("department.letters_sent_again", department=code, letters=sent)


def letters_at(queues: dict[str, QueueFacts], code: str) -> int:
    """How many dead letters a department has, as the broker counted last."""
    facts = queues.get(dead_queue(department_queue(code).name))
    return (facts.messages or 0) if facts else 0


def is_due(letter: Letter, now: datetime, pause: float) -> bool:
    """Whether a letter has waited long enough: one pause the first time, each time twice as long as before."""
    pauses = min(2**letter.attempt, LONGEST)
    return letter.died_at is None or now >= letter.died_at + timedelta(seconds=pause * pauses)


def headers_of(letter: Letter) -> dict[str, object]:
    """The headers of a letter that goes back: those of the event, and how often it was sent again."""
    kept = {name: value for name, value in letter.headers.items() if is_copied(name, value)}
    return kept | {ATTEMPT: letter.attempt + 1}
