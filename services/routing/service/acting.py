"""What a department does with an assignment: accept, ask, progress, transfer, delay, resolve; by AMQP or HTTP alike."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from services.routing.directory import Directory, NotYetKnownError
from services.routing.models.acts import Accept, Act, AnyAct, Ask, Delay, Progress, Resolve, Transfer
from services.routing.models.assignment import Assignment
from services.routing.models.clock import MAX_DELAY, MAX_INTERIM_REPLIES
from services.routing.models.directory import TRIAGE
from services.routing.models.reasons import TRANSFERRED, TRANSFERRED_OFTEN, naming
from services.routing.models.reply import common_part
from services.routing.service.colleagues import SOFTWARE
from services.routing.service.deciding import Actor, require_decider
from services.routing.service.routing import RequestRouter
from services.routing.store.assignments import AssignmentStore
from shared import events
from shared.errors import ConflictError, InvalidError, NotFoundError, field_error
from shared.rights import Role
from shared.seal import BlindPurpose, KeyRing, SealPurpose
from shared.transitions import TooManyStepsError, TransitionRefusedError

MAX_TRANSFERS = 2
"""How often departments may transfer a request among themselves; after that the triage desk decides."""
WINDOW = timedelta(days=30)
MIN_OTHER_REQUESTS = 3
"""A reply is copied if this many other requests of the department got it within `WINDOW`."""
CACHE_SECONDS = 3600.0
"""For how many seconds a copied reply is remembered without another query."""
MAX_CACHED = 10_000


class Acting:
    """Applies a department's actions to records in memory; writes nothing."""

    def __init__(self, directory: Directory, router: RequestRouter, keys: KeyRing, store: AssignmentStore) -> None:
        self._directory, self._router, self._keys, self._store = directory, router, keys, store
        self._known_copies: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._apply: dict[str, Callable[[Assignment, Any, datetime, Actor], None]] = {
            "accept": self._accept,
            "ask": self._ask,
            "progress": self._progress,
            "transfer": self._transfer,
            "resolve": self._resolve,
            "delay": self._delay,
        }

    def fingerprint_of(self, act: Act) -> str | None:
        """The keyed fingerprint of the action's reply, to find equal replies; None for an action without a reply."""
        if not isinstance(act, Resolve):
            return None
        return self._keys.blind(common_part(act.reply), BlindPurpose.ASSIGNMENT_REPLY)

    def content_of(self, act: Act) -> str:
        """A keyed fingerprint of the whole action, to recognise it when it comes again."""
        return self._keys.blind(act.model_dump_json(), BlindPurpose.ASSIGNMENT_ACT)[:32]

    async def prepare(self, acts: Iterable[tuple[str, str, AnyAct]]) -> set[tuple[str, str]]:
        """The copied replies among acts (department, number, act), as (department, fingerprint).

        Reloads the departments if a transfer names one that this process does not know: it may be new.
        """
        given = list(acts)
        if {act.to for _, _, act in given if isinstance(act, Transfer)} - self._directory.departments.keys():
            await self._directory.refresh()
        printed = ((department, number, self.fingerprint_of(act)) for department, number, act in given)
        return await self._copied((department, number, one) for department, number, one in printed if one)

    async def _copied(self, given: Iterable[tuple[str, str, str]]) -> set[tuple[str, str]]:
        """Those (department, fingerprint) of the given (department, number, fingerprint) that are copied.

        The given replies count too, so that a batch of equal replies is noticed.
        """
        numbers: dict[tuple[str, str], set[str]] = {}
        for department, number, fingerprint in given:
            numbers.setdefault((department, fingerprint), set()).add(number)
        now = time.monotonic()
        known = {pair for pair in numbers if self._known_copies.get(pair, 0.0) > now}
        if unknown := numbers.keys() - known:
            for department, fingerprint, number in await self._store.reply_prints(set(unknown), WINDOW):
                numbers[department, fingerprint].add(number)
            found = {pair for pair in unknown if len(numbers[pair]) > MIN_OTHER_REQUESTS}
            self._known_copies.update(dict.fromkeys(found, now + CACHE_SECONDS))
            while len(self._known_copies) > MAX_CACHED:
                self._known_copies.popitem(last=False)
            known |= found
        return known

    def act(
        self,
        assignment: Assignment | None,
        act: Act,
        actor: Actor,
        now: datetime,
        copied: Collection[tuple[str, str]] = (),
    ) -> None:
        """Apply `act` by `actor`; `copied` are fingerprints of replies that the department copies.

        Raises NotFoundError, TransitionRefusedError, TooManyStepsError, InvalidError, and the ForbiddenErrors of
        `require_decider`.
        """
        if assignment is None or assignment.department != actor.department:
            raise NotFoundError
        name: str = act.action  # type: ignore[attr-defined]  # every Act has it, as a literal of its own
        if not assignment.can(name):
            raise TransitionRefusedError(state=str(assignment.state))
        if not assignment.has_room_for(name):
            raise TooManyStepsError
        require_decider(assignment, name, actor)
        self._apply[name](assignment, act, now, actor)
        if takes_over(assignment, act, actor):
            assignment.taken_by = actor.id
        if isinstance(act, Resolve):
            self._emit_resolved(assignment, act, actor, now, copied)
        if assignment.responded_at is None:
            assignment.responded_at = now

    def _accept(self, assignment: Assignment, _: Accept, now: datetime, actor: Actor) -> None:
        assignment.take("accept", now, by=actor.id)
        assignment.tell(events.RequestAccepted(**actor.event_fields(assignment)), now)

    def _ask(self, assignment: Assignment, act: Ask, now: datetime, actor: Actor) -> None:
        question = self._keys.seal(act.question, SealPurpose.REQUEST_QUESTION, owner=assignment.id)
        assignment.take("ask", now, by=actor.id, sealed_words=question)
        fields = actor.event_fields(assignment)
        assignment.tell(events.RequestQuestioned(**fields, question=question, due_at=assignment.due_at), now)

    def _progress(self, assignment: Assignment, act: Progress, now: datetime, actor: Actor) -> None:
        note = self._keys.seal(act.note, SealPurpose.REQUEST_NOTE, owner=assignment.id)
        assignment.take("progress", now, by=actor.id, sealed_words=note)
        assignment.tell(events.RequestProgressed(**actor.event_fields(assignment), note=note), now)

    def _delay(self, assignment: Assignment, act: Delay, now: datetime, actor: Actor) -> None:
        if not assignment.is_due_soon(now):
            raise ConflictError("delay-too-early")
        if len(assignment.interim_replies) >= MAX_INTERIM_REPLIES:
            raise ConflictError("delays-used-up")
        assert assignment.due_at is not None
        until = self._router.end_of_day(act.until)
        if not max(now, assignment.due_at, assignment.delayed_until or now) < until <= now + MAX_DELAY:
            raise InvalidError(errors=[field_error("/until", "new_date", actor.language)])
        reason = self._keys.seal(act.reason, SealPurpose.REQUEST_REASON, owner=assignment.id)
        assignment.delayed_until, assignment.interim_replies = until, [*assignment.interim_replies, now]
        assignment.take("delay", now, by=actor.id, sealed_words=reason, until=until)
        event = events.RequestDelayed(
            **actor.event_fields(assignment),
            reason=reason,
            until=until,
            due_at=assignment.due_at,
            count=len(assignment.interim_replies),
        )
        assignment.tell(event, now)

    def _resolve(self, assignment: Assignment, act: Resolve, now: datetime, actor: Actor) -> None:
        if assignment.open_parts:
            raise ConflictError("parts-open", departments=self._names(assignment.open_parts, actor.language))
        wanted = not assignment.is_appeal and self._directory.wants_evidence(assignment.service)
        if wanted and not assignment.evidence:
            raise ConflictError("evidence-needed")
        reply = self._keys.seal(act.reply, SealPurpose.REQUEST_REPLY, owner=assignment.id)
        outcome = {"outcome": act.outcome, "reason": act.reason, "due_at": assignment.due_at}
        assignment.take("resolve", now, by=actor.id, sealed_words=reply, **outcome)
        assignment.outcome, assignment.resolved_at = act.outcome, now

    def _emit_resolved(
        self, assignment: Assignment, act: Resolve, actor: Actor, now: datetime, copied: Collection[tuple[str, str]]
    ) -> None:
        """Emit the event of the outcome just taken; it closes an appeal."""
        entry = assignment.history[-1]
        assignment.reply_print, assignment.replied_at = self.fingerprint_of(act), now
        assignment.copied = (actor.department, assignment.reply_print) in copied
        if assignment.copied:
            entry["copied"] = True
        if actor.role is Role.OFFICER:
            assignment.resolvers = [*assignment.resolvers, actor.id]
        appeal = assignment.is_appeal
        event = events.RequestResolved(
            **actor.event_fields(assignment),
            outcome=act.outcome,
            reply=entry["sealed_words"],
            due_at=assignment.due_at,
            reason=act.reason,
            copied=True if assignment.copied else None,
            level="appeal" if appeal else "head" if assignment.for_head else None,
            final=True if assignment.remitted else None,
        )
        assignment.tell(event, now)
        if appeal:
            self._router.end(assignment, "decided", now)

    def _transfer(self, assignment: Assignment, act: Transfer, now: datetime, actor: Actor) -> None:
        try:
            target = self._directory.department(act.to)
        except NotYetKnownError:
            raise InvalidError(errors=[field_error("/to", "department", actor.language)]) from None
        if target.id == assignment.department or target.id in assignment.barred_departments:
            raise InvalidError(errors=[field_error("/to", "department_unfit", actor.language)])
        own = self._directory.departments.get(assignment.department or "")
        because = naming(TRANSFERRED, own.name if own else {"en": "", "ur": ""})
        wanted = None
        if assignment.transfers >= MAX_TRANSFERS and TRIAGE not in (assignment.department, target.id):
            wanted, target, because = target.id, self._directory.department(TRIAGE), TRANSFERRED_OFTEN
        reason = self._keys.seal(act.reason, SealPurpose.REQUEST_REASON, owner=assignment.id)
        event = events.RequestTransferred(
            **actor.event_fields(assignment),
            to=target.id,
            wanted=wanted,
            reason=reason,
            question_open=assignment.question_open or None,
        )
        assignment.tell(event, now)
        self._router.hand_over(
            assignment, "transfer", target, because, now, by=actor.id, actor_kind=actor.kind, sealed_words=reason
        )

    def _names(self, parts: Iterable[dict[str, Any]], language: str) -> str:
        known = self._directory.departments
        codes = dict.fromkeys(part["department"] for part in parts)
        return ("، " if language == "ur" else ", ").join(known[code].name[language] for code in codes if code in known)


def takes_over(assignment: Assignment, act: Act, actor: Actor) -> bool:
    """Whether the actor is responsible for it from now on.

    Whoever accepts it is, and whoever acts while nobody has it. The department's software never takes it from an
    officer, an officer does from the software. A head who explains a delay does not take the work over.
    """
    if isinstance(act, Transfer | Delay):
        return False
    nobody = assignment.taken_by is None or assignment.taken_by.startswith(SOFTWARE)
    return nobody or (isinstance(act, Accept) and actor.role is not Role.DEPARTMENT)
