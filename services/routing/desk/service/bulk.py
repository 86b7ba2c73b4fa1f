"""One action on many requests: each in the revision that the officer saw, with a result of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.routing.desk.models.reply_templates import fill
from services.routing.desk.service.reply_templates import TemplateShelf
from services.routing.models.assignment import CLOCK_MARKS, Assignment
from services.routing.service.acting import Acting, AnyAct
from services.routing.service.copies import CopiedReplies
from services.routing.service.deciding import Actor
from services.routing.service.views import PURPOSES
from services.routing.store import AssignmentStore
from shared.clock import utc_now
from shared.errors import PreconditionFailedError, Problem
from shared.seal import KeyRing

URDU = re.compile("[\u0600-\u06ff]")
TEXTS = {"ask": "question", "progress": "note", "resolve": "reply", "delay": "reason"}
"""The field of each action that the citizen reads: fields of reply templates are filled in it."""


@dataclass(frozen=True)
class SeenRequest:
    """A request in the revision that the officer saw."""

    number: str
    revision: int


@dataclass
class BulkOutcome:
    """What became of a request: its revision now, or the problem."""

    number: str
    revision: int = 0
    problem: Problem | None = None


class BulkActing:
    """Carries out an action on many requests with one read and one write for all of them."""

    def __init__(
        self, store: AssignmentStore, acting: Acting, copies: CopiedReplies, templates: TemplateShelf, keys: KeyRing
    ) -> None:
        self._store = store
        self._acting = acting
        self._copies = copies
        self._templates = templates
        self._keys = keys

    async def carry_out(self, actor: Actor, act: AnyAct, seen: Sequence[SeenRequest]) -> list[BulkOutcome]:
        """The outcome for each request, in their order; an action that was carried out before is not repeated."""
        records = await self._store.load_many({one.number for one in seen})
        acts = await self._filled(act, records, actor)
        given = ((actor.department, number, self._acting.fingerprint_of(one)) for number, one in acts.items())
        copied = await self._copies.among((code, number, print_) for code, number, print_ in given if print_)
        await self._acting.prepare(act)
        outcomes, changed, now = {}, [], utc_now()
        for one in {one.number: one for one in seen}.values():
            outcome, record = BulkOutcome(one.number), records.get(one.number)
            try:
                if self._act(record, acts.get(one.number, act), actor, one.revision, now, copied):
                    assert record is not None
                    changed.append(record)
            except Problem as problem:
                outcome.problem = problem
            outcome.revision = record.rev if record else 0
            outcomes[one.number] = outcome
        lost = await self._store.save_many(changed)
        for record in changed:
            outcomes[record.id].revision = record.rev + 1
        for number in lost:
            outcomes[number].problem = PreconditionFailedError()
        return list(outcomes.values())

    def _act(
        self,
        record: Assignment | None,
        act: AnyAct,
        actor: Actor,
        revision: int,
        now: datetime,
        copied: set[tuple[str, str]],
    ) -> bool:
        """Apply the action; False if it was carried out before. Raises Problem."""
        here = record is not None and record.department == actor.department and actor.id not in record.hidden_from
        if record is not None and here and record.rev != revision:
            if self._is_done(record, act, actor):
                return False
            raise PreconditionFailedError
        self._acting.act(record if here else None, act, actor, now, copied)
        return True

    def _is_done(self, record: Assignment, act: AnyAct, actor: Actor) -> bool:
        """Whether the last step is this action by this officer: the form was sent twice."""
        steps = [entry for entry in record.history if entry["action"] not in CLOCK_MARKS]
        last = steps[-1] if steps else {}
        if last.get("action") != act.action or last.get("by") != actor.id:
            return False
        if act.action not in TEXTS:
            return True
        words = self._keys.unseal(last["sealed_words"], PURPOSES[act.action], owner=record.id)
        return bool(words == getattr(act, TEXTS[act.action]))

    async def _filled(self, act: AnyAct, records: dict[str, Assignment], actor: Actor) -> dict[str, AnyAct]:
        """The action for each request, with the fields of its text filled."""
        name = TEXTS.get(act.action)
        if name is None or "{" not in (text := getattr(act, name)):
            return dict.fromkeys(records, act)
        officer = await self._templates.officer_names(actor)
        language = "ur" if URDU.search(text) else "en"
        return {
            number: act.model_copy(update={name: fill(text, self._templates.values_in(language, record, officer))})
            for number, record in records.items()
        }
