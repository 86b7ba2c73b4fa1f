"""Acts of administrators come by events of other services, and are entered in the audit once."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, cast

from services.identity.accounts.models.audit import What
from services.identity.accounts.models.staff import DepartmentSecret, NotedActs
from services.identity.handlers import HANDLERS, RULES_HANDLERS, SERVICE_HANDLERS
from services.identity.staff.service.audit import Audit, OtherServicesActs
from services.identity.staff.store.audit import AuditStore
from services.identity.staff.store.departments import ActStore
from shared.events import (
    DepartmentChanged,
    DepartmentCreated,
    Event,
    RulesPublished,
    ServicePublished,
    ServiceWithdrawn,
)
from shared.inbox import Inbox
from tests.builders import a_delivery, an_envelope
from tests.fakes import MemoryStore
from tests.unit.identity.staff_fakes import FakeAudit
from tests.unit.identity.world import RING

WATER = {"en": "Water", "ur": "پانی"}
DECLARED = DepartmentCreated(name=WATER, client_secret_sha256="0")
MADE = DepartmentCreated(name=WATER, client_secret_sha256="a", by="admin-1")
RENEWED = DepartmentCreated(name=WATER, client_secret_sha256="b", by="admin-2", renewed=True)
CHANGED = DepartmentChanged(name=WATER, changed=["name", "districts"], by="admin-1")


class Copies(MemoryStore[Any]):
    """The copies of departments, or of what else there are acts on; `meanwhile` is called after each read."""

    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def ended_since(self, since: datetime) -> list[DepartmentSecret]:
        """Not used here."""
        return []

    async def with_acts(self) -> list[Any]:
        """Those with acts."""
        found = [code for code, document in self.documents.items() if document["acts"]]
        left = list((await self.load_many(found)).values())
        if self.meanwhile is not None:
            await self.meanwhile()
        return left


class Room:
    """The copies of departments, the audit, and the sweep that moves acts from one to the other."""

    def __init__(self) -> None:
        self.departments, self.audit = Copies(DepartmentSecret), FakeAudit()
        self.inbox = Inbox(self.departments, HANDLERS, lambda code: DepartmentSecret(id=code))
        self.others = Copies(NotedActs)
        stores = [cast(ActStore[Any], store) for store in (self.departments, self.others)]
        self.acts = OtherServicesActs(stores, Audit(cast(AuditStore, self.audit), RING))

    async def hear(self, *sent: Event, first: int = 1) -> None:
        """Handle an event of routing about the department `water`."""
        envelopes = [an_envelope(event, seq, subject="water") for seq, event in enumerate(sent, first)]
        outcomes = await self.inbox.take([a_delivery(envelope) for envelope in envelopes])
        assert {outcome.verdict for outcome in outcomes} == {"done"}

    def entered(self) -> list[tuple[What, str, str | None, dict[str, str]]]:
        """The entries of the audit, oldest first."""
        acts = [self.audit.kept[n].act for n in sorted(self.audit.kept)]
        return [(act.what, act.by, act.of, act.details) for act in acts]


async def test_each_act_is_entered_with_who_did_it_and_to_which_department() -> None:
    room = Room()
    await room.hear(MADE, CHANGED, RENEWED)
    assert await room.acts.sweep() == 1
    assert room.entered() == [
        (What.DEPARTMENT_MADE, "admin-1", None, {"department": "water"}),
        (What.DEPARTMENT_CHANGED, "admin-1", None, {"department": "water", "changed": "name, districts"}),
        (What.DEPARTMENT_ACCESS_RENEWED, "admin-2", None, {"department": "water"}),
    ]
    assert room.departments.documents["water"]["client_secret_sha256"] == "b"
    assert await room.acts.sweep() == 0


async def test_department_declared_in_a_file_is_not_audited() -> None:
    room = Room()
    await room.hear(DECLARED)
    assert (await room.acts.sweep(), room.entered()) == (0, [])


async def test_an_act_that_was_entered_before_a_crash_is_not_entered_again() -> None:
    room = Room()
    await room.hear(MADE)
    before = dict(room.departments.documents["water"])
    await room.acts.sweep()
    room.departments.documents["water"] = before  # what was entered was not noted
    await room.hear(RENEWED, first=2)
    await room.acts.sweep()
    assert [what for what, *_ in room.entered()] == [What.DEPARTMENT_MADE, What.DEPARTMENT_ACCESS_RENEWED]


async def test_act_noted_meanwhile_is_entered_next_time() -> None:
    room = Room()
    await room.hear(MADE)
    room.departments.meanwhile = lambda: room.hear(CHANGED, first=2)
    await room.acts.sweep()
    room.departments.meanwhile = None
    await room.acts.sweep()
    assert [what for what, *_ in room.entered()] == [What.DEPARTMENT_MADE, What.DEPARTMENT_CHANGED]
    assert room.departments.documents["water"]["acts"] == []


async def test_published_and_withdrawn_services_and_published_rules_are_entered() -> None:
    room = Room()
    published: dict[str, Any] = {"version": 2, "kind": "complaint", "name": WATER, "due": {}, "respond": {}}
    published |= {"department": []}
    by_file, by_hand = (ServicePublished.model_validate(published | more) for more in ({}, {"by": "admin-1"}))
    services = Inbox(room.others, SERVICE_HANDLERS, lambda code: NotedActs(id=code))
    rules = Inbox(room.others, RULES_HANDLERS, lambda name: NotedActs(id=name))
    withdrawn = ServiceWithdrawn(version=2, by="admin-2")
    told = [an_envelope(event, seq, subject="leak") for seq, event in enumerate((by_file, by_hand, withdrawn), 1)]
    await services.take([a_delivery(one) for one in told])
    in_force = an_envelope(RulesPublished(version=4, rules=12, by="admin-3"), 1, subject="routing")
    await rules.take([a_delivery(in_force)])
    assert await room.acts.sweep() == 2
    assert room.entered() == [
        (What.SERVICE_PUBLISHED, "admin-1", None, {"service": "leak", "version": "2"}),
        (What.SERVICE_WITHDRAWN, "admin-2", None, {"service": "leak", "version": "2"}),
        (What.RULES_PUBLISHED, "admin-3", None, {"version": "4", "rules": "12"}),
    ]
    assert await room.acts.sweep() == 0
