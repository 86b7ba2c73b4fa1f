"""One action on many requests: each in the revision that the officer saw, with a result of its own."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from services.routing.desk.models.named import fill, is_filled
from services.routing.desk.models.team import Team
from services.routing.desk.service.assigning import AnyAssigning, Assign, Assigning, Claim, Release
from services.routing.desk.service.reply_templates import DepartmentTemplates
from services.routing.models.acts import AnyAct
from services.routing.models.assignment import CLOCK_MARKS, Assignment
from services.routing.service.acting import Acting
from services.routing.service.deciding import Actor
from services.routing.service.views import PURPOSES
from services.routing.store.assignments import AssignmentStore
from shared.clock import utc_now
from shared.errors import ForbiddenError, NotFoundError, PreconditionFailedError, Problem
from shared.rights import IN_DEPARTMENT
from shared.seal import KeyRing

URDU = re.compile("[\u0600-\u06ff]")
BulkableAct = Annotated[AnyAct | AnyAssigning, Field(discriminator="action")]
TEXTS = {"ask": "question", "progress": "note", "resolve": "reply", "delay": "reason"}
"""The field of each action that the citizen reads: fields of reply templates are filled in it."""


ASSIGNING = (Claim, Assign, Release)
STEPS = {"claim": "assign"}
"""The step that the history has of an action, where its name differs."""


@dataclass
class BulkOutcome:
    """What became of a request: its revision now, or the problem."""

    number: str
    revision: int = 0
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class BulkActing:
    """Carries out an action on many requests with one read and one write for all of them."""

    store: AssignmentStore
    acting: Acting
    assigning: Assigning
    templates: DepartmentTemplates
    keys: KeyRing

    async def carry_out(self, actor: Actor, act: AnyAct | AnyAssigning, seen: Mapping[str, int]) -> list[BulkOutcome]:
        """The outcome for each request, in the order of those `seen`: the revision of each, by its number.

        An action that was carried out before is not repeated.
        """
        records = await self.store.load_many(seen)
        apply = await self._applying(act, records, actor)
        outcomes: dict[str, BulkOutcome] = {}
        changed: list[Assignment] = []
        for number, revision in seen.items():
            record = records.get(number)
            outcome = outcomes[number] = BulkOutcome(number, record.rev if record else 0)
            try:
                if self._is_new(record, act, actor, revision) and apply(record, number) and record is not None:
                    changed.append(record)
            except Problem as problem:
                outcome.problem = problem
        lost = await self.store.save_many(changed)
        for record in changed:
            outcomes[record.id].revision = record.rev + 1
            if record.id in lost:
                outcomes[record.id].problem = PreconditionFailedError()
        return list(outcomes.values())

    async def _applying(
        self, act: AnyAct | AnyAssigning, records: Mapping[str, Assignment], actor: Actor
    ) -> Callable[[Assignment | None, str], bool]:
        """The function that applies the action to a record; it returns False if that changes nothing."""
        now = utc_now()
        if isinstance(act, Claim) and actor.role not in IN_DEPARTMENT:
            raise ForbiddenError
        if isinstance(act, ASSIGNING):
            team: Team = await self.assigning.team(actor.department)
            return lambda record, _: self.assigning.apply(team, record, act, actor, now)
        acts = await self._filled(act, records, actor)
        copied = await self.acting.prepare((actor.department, number, one) for number, one in acts.items())

        def apply(record: Assignment | None, number: str) -> bool:
            self.acting.act(record, acts.get(number, act), actor, now, copied)
            return True

        return apply

    def _is_new(self, record: Assignment | None, act: AnyAct | AnyAssigning, actor: Actor, revision: int) -> bool:
        """False if the action was carried out before. Raises NotFoundError, PreconditionFailedError."""
        if record is None or record.department != actor.department or actor.id in record.hidden_from:
            raise NotFoundError
        if record.rev == revision:
            return True
        if not self._is_done(record, act, actor):
            raise PreconditionFailedError
        return False

    def _is_done(self, record: Assignment, act: AnyAct | AnyAssigning, actor: Actor) -> bool:
        """Whether the last step is this action by this officer: the form was sent twice."""
        steps = [entry for entry in record.history if entry["action"] not in CLOCK_MARKS]
        last = steps[-1] if steps else {}
        if last.get("action") != STEPS.get(act.action, act.action) or last.get("by") != actor.id:
            return False
        return self._says_the_same(record, last, act)

    def _says_the_same(self, record: Assignment, step: Mapping[str, Any], act: AnyAct | AnyAssigning) -> bool:
        """Whether the step has the words of the action, apart from what was filled in."""
        if act.action not in TEXTS:
            return True
        if "sealed_words" not in step:  # erased meanwhile
            return False
        words = self.keys.unseal(step["sealed_words"], PURPOSES[act.action], owner=record.id)
        return is_filled(getattr(act, TEXTS[act.action]), words)

    async def _filled(self, act: AnyAct, records: Mapping[str, Assignment], actor: Actor) -> dict[str, AnyAct]:
        """The action for each request, with the fields of its text filled."""
        name = TEXTS.get(act.action)
        if name is None or "{" not in (text := getattr(act, name)):
            return dict.fromkeys(records, act)
        officer = await self.templates.officer_names(actor)
        language = "ur" if URDU.search(text) else "en"
        return {
            number: act.model_copy(update={name: fill(text, self.templates.values_in(language, record, officer))})
            for number, record in records.items()
        }
