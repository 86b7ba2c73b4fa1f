"""Publishes events for many notices and a steady flow of codes to the notifier's queue."""

import asyncio
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from math import ceil
from typing import Any

from shared.bus import Publisher
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import CitizenCodeIssued, CitizenRegistered, Event, RequestAccepted
from shared.seal import KeyRing, SealPurpose
from shared.tracking_number import new_number

BATCH = 500
AGAIN = 0.05
"""The share of notices whose event arrives twice."""
NUMBER = re.compile(r"RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])")


@dataclass
class Fanout:
    """Recipients, messages, and when each event was published; all but times and numbers follow from `seed`."""

    publisher: Publisher
    keys: KeyRing
    notices: int
    seed: int = 1
    said: dict[str, float] = field(default_factory=dict)
    """When the event of each notice was published, by tracking number."""
    issued: dict[str, float] = field(default_factory=dict)
    """When each code was issued."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.citizens = max(200, self.notices // 20)  # nobody gets more than 50 SMS a day of one group
        self._people = [f"citizen-{self._random.getrandbits(64):016x}" for _ in range(2 * self.citizens)]
        self._seqs = dict.fromkeys(self._people, 1)

    async def register(self) -> None:
        """Publish the citizens' registrations; the second half of them gets codes."""
        registrations = [
            _said(self._registered(citizen, f"+92300{place:07d}", place), citizen, 1)
            for place, citizen in enumerate(self._people)
        ]
        assert all(await self.publisher.publish_events(registrations))

    async def say_notices(self, rate: float | None = None) -> None:
        """Publish the events of all notices, at a rate or as fast as possible; some twice."""
        notices, begun, said = self._notices(), time.monotonic(), 0
        while events := list(islice(notices, BATCH if rate is None else ceil(rate / 10))):
            now = time.time()
            assert all(await self.publisher.publish_events(events))
            self.said |= {envelope.subject: now for envelope in events}
            said += len(events)
            await asyncio.sleep(max(0.0, begun + said / rate - time.monotonic()) if rate else 0)

    async def issue_codes(self, rate: float, ended: asyncio.Event) -> None:
        """Issue codes at a rate until the event is set."""
        begun, place = time.monotonic(), 0
        while not ended.is_set():
            place += 1
            citizen, code = self._people[self.citizens + place % self.citizens], f"{100_000 + place:06d}"
            self._seqs[citizen] += 1
            self.issued[code] = time.time()
            await self.publisher.publish_events([_said(self._code(citizen, code), citizen, self._seqs[citizen])])
            await asyncio.sleep(max(0.0, begun + place / rate - time.monotonic()))

    def _notices(self) -> Iterator[Envelope]:
        numbers: set[str] = set()
        while len(numbers) < self.notices:
            numbers.add(new_number())
        for number in numbers:
            citizen = self._people[self._random.randrange(self.citizens)]
            envelope = _said(RequestAccepted(citizen_id=citizen, department="works"), number, 1)
            yield envelope
            if self._random.random() < AGAIN:
                yield envelope

    def _registered(self, citizen: str, mobile: str, place: int) -> CitizenRegistered:
        told = {"name": "Amina Khan", "email": "amina@example.org", "mobile": mobile}
        sealed = {
            name: self.keys.seal(text, SealPurpose(f"citizen.{name}"), owner=citizen) for name, text in told.items()
        }
        return CitizenRegistered.model_validate({**sealed, "language": ("en", "ur")[place % 2]})

    def _code(self, citizen: str, code: str) -> CitizenCodeIssued:
        sealed = self.keys.seal(code, SealPurpose.CITIZEN_CODE, owner=citizen)
        return CitizenCodeIssued(purpose="login", code=sealed, expires_at=utc_now() + timedelta(minutes=10))


def _said(event: Event, subject: str, seq: int) -> Envelope:
    body = event.model_dump_json(exclude_none=True).encode()
    return Envelope(event.source, event.type, subject, seq, utc_now(), body)


@dataclass(frozen=True)
class Found:
    """What the providers accepted."""

    notices: dict[str, list[float]]
    """When each notice was accepted, by tracking number."""
    codes: dict[str, list[float]]

    @classmethod
    def of(cls, messages: list[dict[str, Any]]) -> "Found":
        """Read it from the stand-ins."""
        found = cls({}, {})
        for message in messages:
            if number := NUMBER.search(message["words"]):
                found.notices.setdefault(number[0], []).append(message["at"])
            elif code := CODE.search(message["words"]):
                found.codes.setdefault(code[0], []).append(message["at"])
        return found

    @property
    def twice(self) -> int:
        """The number of messages that were accepted more than once."""
        return sum(len(times) > 1 for kind in (self.notices, self.codes) for times in kind.values())
