"""A notifier that receives SMS, with stores in memory."""

from datetime import datetime, timedelta
from typing import Any

from services.notifier.channels.provider import InboundMessage
from services.notifier.inbound.answers import SmsAnswers
from services.notifier.preferences import CitizenPreferences
from services.notifier.store.senders import MAX_IN_AN_HOUR, SenderStore
from shared.seal import SealPurpose
from tests.builders import KEYS
from tests.fakes import FakeClock
from tests.unit.notifier.memory import Recording, World
from tests.unit.notifier.samples import MOBILE


class MemorySenders(SenderStore):
    """Counts in memory."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.kept: dict[str, list[tuple[str, datetime, bool]]] = {}

    async def may_answer(self, index: str, name: str, *, is_help: bool) -> bool:
        """Whether the SMS with that id gets an answer."""
        now = self.clock()
        before = self.kept.setdefault(index, [])
        if any(one == name for one, _, _ in before):
            return True
        in_an_hour = sum(at > now - timedelta(hours=1) for _, at, _ in before)
        helped = any(was_help and at > now - timedelta(days=1) for _, at, was_help in before)
        if in_an_hour >= MAX_IN_AN_HOUR or (is_help and helped):
            return False
        before.append((name, now, is_help))
        return True


class Phones(World):
    """A notifier, and phones that send SMS to it."""

    def __init__(self) -> None:
        super().__init__(Recording(at_once=False))
        store: Any = self.contacts
        self.choosing = CitizenPreferences(self.contacts, self.known, KEYS)
        self.sms_answers = SmsAnswers(
            self.known,
            self.choosing,
            store,
            self.followers,
            MemorySenders(self.clock),
            self.notifications,
            KEYS,
            self.clock,
        )
        self.arrivals = 0

    async def send(self, words: str, sender: str = MOBILE, id: str | None = None) -> list[str]:
        """Send an SMS to the portal; returns the new answers."""
        before = len(self.answers())
        self.arrivals += 1
        await self.sms_answers.answer(InboundMessage("sms", id or f"SM{self.arrivals}", sender, words))
        return self.answers()[before:]

    def answers(self) -> list[str]:
        """The texts of all answers."""
        found = [one for one in self.notifications.all() if one.id.startswith("inbound/")]
        return [KEYS.unseal(one.words or "", SealPurpose.NOTIFICATION_WORDS, owner=one.citizen_id) for one in found]
