"""What becomes of each request of the history: drawn by chance, carried out by the rules of the services."""

import json
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta

from deploy.cli.history.simulation import Simulation
from deploy.cli.history.story import CityStory
from services.requests.filing.service.filing import FiledBy
from services.requests.filing.service.intake import Intake
from services.requests.life.service.appeals import Grounds
from services.requests.life.service.citizen import Answer, Confirmation, Dispute, Rating, Withdrawal
from services.requests.request.models.lifecycle import State
from services.requests.request.models.request import Request
from services.routing.models.acts import Accept, Act, Ask, Delay, Progress, Resolve, Transfer
from services.routing.models.assignment import Assignment
from services.routing.service.deciding import Actor
from shared.clock import PAKISTAN
from shared.errors import Problem
from shared.rights import Role

WRONG = {
    ("street-light-out", "works"): "power",
    ("water-leak", "water"): "works",
    ("blocked-drain", "sanitation"): "works",
    ("illegal-parking", "police"): "registration",
    ("encroachment", "registration"): "police",
}
"""To which department another passes on a request of a service that may not be its own."""
REASONS = {"partly_granted": ("done_in_part",), "not_granted": ("no_fault_found", "planned_later", "no_funds")}
FORGOTTEN, COPIED = 0.02, 0.05
"""The share of requests that are accepted and then left lying, and of replies that many citizens get."""
Staff = Mapping[tuple[str, str], Sequence[str]]
"""Accounts by role and department."""


class PresentReachedError(Exception):
    """What comes next lies in the future."""


class Life:
    """One request, from its filing to its end or to the present."""

    def __init__(self, simulation: Simulation, intake: Intake, story: CityStory, staff: Staff) -> None:
        self._simulation = simulation
        self._intake = intake
        self._story = story
        self._staff = staff
        self._lot = story.random.random()
        self._citizen = ""
        self._place = ""
        self._number = ""

    async def live(self, at: datetime, service: str) -> None:
        """Everything that happens to it until now."""
        try:
            await self._file(at, service)
            await self._live()
        except PresentReachedError:
            pass
        except Problem:  # by chance not possible any more, such as an answer after the time for it
            await self._simulation.run_clocks(self._number, self._story.now)

    async def _file(self, at: datetime, service: str) -> None:
        self._simulation.now = at
        self._citizen, _ = self._story.person()
        filing = self._story.filing(service, at)
        self._place = filing["place"]["address"]
        body = json.dumps(filing, ensure_ascii=False).encode()
        key = f"history-{len(self._simulation.requests.documents)}"
        self._number = (await self._intake.file(FiledBy(self._citizen), key, body, "en")).request.id
        await self._simulation.settle()

    async def _live(self) -> None:
        story = self._story
        if story.chance(0.03):
            await self._wait(0.1, 2)
            await self._heard(self._simulation.citizen_acts.withdraw(self._citizen, self._number, Withdrawal()))
            return
        if story.chance(0.1):
            await self._pass_on()
        await self._work()
        await self._hear_of_outcome()

    async def _pass_on(self) -> None:
        assignment = await self._assignment()
        await self._wait(0.05, 1.2)
        if other := WRONG.get((assignment.service, assignment.department or "")):
            await self._act(Transfer(to=other, reason="It lies within the work of that department."))

    async def _work(self) -> None:
        """The department's work, up to the outcome."""
        story, routed = self._story, self._simulation.now
        assignment = await self._assignment()
        assert assignment.due_at is not None
        assert assignment.routed_at is not None
        department = assignment.department or ""
        took = (assignment.due_at - assignment.routed_at) * story.part_of_time(department, routed)
        await self._until(routed + took * story.random.uniform(0.08, 0.6))
        await self._act(Accept())
        if story.chance(FORGOTTEN):
            await self._until(story.now)
        if story.chance(story.profile(department, "asks")):
            await self._ask()
        if story.chance(0.5):
            await self._until(routed + took * story.random.uniform(0.4, 0.9))
            await self._act(Progress(note=story.words("notes")))
        await self._explain_delay(routed + took)
        await self._until(routed + took)
        await self._resolve(head=False)

    async def _ask(self) -> None:
        await self._act(Ask(question=self._story.words("questions")))
        if self._story.chance(0.12):  # no answer ever comes
            await self._until(self._story.now + timedelta(days=1))
        await self._wait(0.2, 4)
        answer = Answer(answer=self._story.words("answers"))
        await self._heard(self._simulation.citizen_acts.answer(self._citizen, self._number, answer))

    async def _explain_delay(self, done: datetime) -> None:
        """If it will be late, the department often says so, and gives a new date."""
        due_at = (await self._assignment()).due_at
        if due_at is None or done < due_at or not self._story.chance(0.55):
            return
        await self._until(due_at + timedelta(hours=2))
        until = max(done, self._simulation.now).astimezone(PAKISTAN).date() + timedelta(days=2)
        await self._act(Delay.model_validate({"reason": self._story.words("delays"), "until": until.isoformat()}))

    async def _resolve(self, *, head: bool) -> None:
        story = self._story
        [outcome] = story.random.choices(("granted", "partly_granted", "not_granted"), (80, 11, 9))
        reason = story.one_of(REASONS[outcome]) if outcome in REASONS else None
        reply = story.reply(outcome, self._place)
        act = Resolve.model_validate({"outcome": outcome, "reason": reason, "reply": reply})
        await self._act(act, Role.HEAD if head else Role.OFFICER, copied=story.chance(COPIED))

    async def _hear_of_outcome(self) -> None:
        """The citizen agrees, disagrees, or says nothing."""
        story, acts = self._story, self._simulation.citizen_acts
        was_late = (await self._assignment()).overdue_at is not None
        if story.chance(story.profile(await self._department(), "disputed") * (1.8 if was_late else 1)):
            await self._wait(0.2, 8)
            dispute = Dispute(reason=story.one_of(("not_done", "partly_done")), words=story.words("disputes"))
            await self._heard(acts.dispute(self._citizen, self._number, dispute))
            await self._heard_by_head()
        elif story.chance(0.55):
            await self._wait(0.1, 7)
            await self._heard(
                acts.confirm(self._citizen, self._number, Confirmation(rating=self._rating(late=was_late)))
            )
        else:
            await self._wait(15, 15)
            if story.chance(0.15):
                rating = Rating(rating=self._rating(late=was_late) or 3)
                await self._heard(acts.rate(self._citizen, self._number, rating))

    async def _heard_by_head(self) -> None:
        story = self._story
        await self._wait(0.3, 3)
        await self._act(Accept(), Role.HEAD)
        await self._wait(0.5, 5)
        await self._resolve(head=True)
        await self._wait(0.3, 6)
        if story.chance(0.4):
            await self._appeal()
        else:
            await self._heard(
                self._simulation.citizen_acts.confirm(self._citizen, self._number, Confirmation(rating=2))
            )

    async def _appeal(self) -> None:
        """An appeal at the authority, and what it decides."""
        story, simulation = self._story, self._simulation
        grounds = Grounds(grounds=story.words("appeals"))
        first = self._number
        self._number = (await simulation.appeals.appeal(self._citizen, first, "history", grounds)).request.id
        await simulation.settle()
        await self._wait(0.5, 3)
        await self._act(Accept(), Role.APPELLATE)
        await self._wait(2, 12)
        granted = story.chance(0.45)
        await self._act(
            Resolve.model_validate({
                "outcome": "granted" if granted else "not_granted",
                "reason": None if granted else "no_fault_found",
                "reply": "The authority has visited the place and heard both sides.",
            }),
            Role.APPELLATE,
        )  # fmt: skip
        await simulation.run_clocks(self._number, simulation.now)
        self._number = first
        if granted:
            await self._wait(0.5, 5)
            await self._act(Accept(), Role.HEAD)
            await self._wait(0.5, 4)
            await self._resolve(head=True)

    def _rating(self, *, late: bool) -> int | None:
        weights = (22, 24, 28, 18, 8) if late else (3, 5, 14, 38, 40)
        [rating] = self._story.random.choices((1, 2, 3, 4, 5), weights)
        return rating if self._story.chance(0.8) else None

    async def _heard(self, act: Awaitable[object]) -> None:
        """Let the citizen act, and everybody hear of it."""
        await act
        await self._simulation.settle()

    async def _wait(self, least: float, most: float) -> None:
        """Let some days pass. Raises PresentReachedError."""
        await self._until(self._simulation.now + self._story.days_of(least, most))

    async def _until(self, at: datetime) -> None:
        """Let the time pass. Raises PresentReachedError."""
        await self._simulation.run_clocks(self._number, min(at, self._story.now))
        if at >= self._story.now:
            raise PresentReachedError
        self._simulation.now = max(self._simulation.now, at)
        request = await self._simulation.requests.get(self._number)
        assert isinstance(request, Request)
        if request.state == State.CLOSED:
            raise PresentReachedError

    async def _act(self, act: Act, role: Role = Role.OFFICER, *, copied: bool = False) -> None:
        department = await self._department()
        members = self._staff.get((role, department)) or [f"department.{department}"]
        account = members[int(self._lot * len(members))]
        await self._simulation.act(self._number, act, Actor(account, department, role), copied=copied)

    async def _assignment(self) -> Assignment:
        assignment = await self._simulation.assignments.get(self._number)
        assert isinstance(assignment, Assignment)
        return assignment

    async def _department(self) -> str:
        return (await self._assignment()).department or ""
