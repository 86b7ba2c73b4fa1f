"""Figures on the real database: kept up step by step or made anew, they are the same, and what a slow count says."""

import random
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from services.routing.directory import Directory
from services.routing.figures.models.facts import RequestFact, fact_of
from services.routing.figures.models.rows import SUMS, Base, Cell, FigureQuery, FigureSums, Row, rows_of
from services.routing.figures.service import PublicFigures
from services.routing.figures.store import FigureStore
from services.routing.models.assignment import EDGES, Assignment, AssignmentState
from services.routing.store.assignments import AssignmentStore
from shared.mongo import Database, ServerClock

START = datetime(2026, 9, 20, 6, tzinfo=UTC)
DEPARTMENTS, SERVICES, DISTRICTS = ("power", "roads", "water"), ("lamp", "leak"), ("kohat", "swat")
ACTIONS = [action for action in EDGES if action not in ("route", "decided")]
REQUESTS, DAYS = 90, 45
ALL = FigureQuery("2000-01", "2999-12")


class City:
    """Departments that work on requests at random, on a clock that goes on by days."""

    def __init__(self, assignments: AssignmentStore, figures: FigureStore, seed: int) -> None:
        self.seed, self.random = seed, random.Random(seed)
        self.assignments, self.store = assignments, figures
        self.now = START
        directory = cast(Directory, type("Known", (), {"departments": dict.fromkeys(DEPARTMENTS)}))
        self.figures = PublicFigures(figures, directory, lambda: self.now)

    def __repr__(self) -> str:
        """The seed, to repeat a run that failed."""
        return f"City(seed={self.seed})"

    async def file(self, number: int) -> None:
        """A new request at a department."""
        made = Assignment(id=f"RB-{number:04}", kind="complaint", routed_at=self.now)
        made.department, made.service = self.random.choice(DEPARTMENTS), self.random.choice(SERVICES)
        made.district = self.random.choice(DISTRICTS)
        made.due_at = self.now + timedelta(days=self.random.choice((0.5, 3, 12)))
        made.take("route", self.now, by="routing")
        await self.assignments.insert_many([made])

    async def step(self) -> None:
        """One thing that happens to one request: an action that is possible, or a rating."""
        made = await self.assignments.get(f"RB-{self.random.randrange(REQUESTS):04}")
        if made is None:
            return
        if made.state == AssignmentState.CLOSED and self.random.random() < 0.5:
            made.rate(self.random.randint(1, 5), self.now)
        elif possible := [action for action in ACTIONS if made.can(action)]:
            action = self.random.choice(possible)
            made.take(action, self.now, by="somebody", **({"due_at": made.due_at} if action == "resolve" else {}))
            made.responded_at = made.responded_at or self.now
            if action in ("disputed", "answered") and made.due_at:
                made.due_at += timedelta(days=self.random.randint(1, 9))
            if action == "transfer":
                made.department = self.random.choice(DEPARTMENTS)
        await self.assignments.save_many([made])

    async def rate_all(self) -> None:
        """Every citizen of a closed request rates it, which is no step of the request."""
        closed = [one async for batch in self.store.everything() for one in batch if one.state == "closed"]
        for made in (await self.assignments.load_many([one.id for one in closed])).values():
            made.rate(self.random.randint(1, 5), self.now)
            await self.assignments.save_many([made])

    async def rows(self) -> dict[str, list[Row]]:
        """What is published."""
        return await self.store.rows(ALL)

    async def counted_slowly(self) -> dict[str, list[Row]]:
        """The same from every assignment, in memory."""
        facts = [fact async for batch in self.store.everything() for one in batch if (fact := fact_of(one))]
        months = sorted(set[str]().union(*(fact.months for fact in facts)))
        found = {month: rows_of(slow_tallies(facts, month, self.now)) for month in months}
        return {month: rows for month, rows in found.items() if rows}


def slow_tallies(facts: Iterable[RequestFact], month: str, now: datetime) -> dict[Base, dict[Cell, FigureSums]]:
    """The sums of a month, one fact after the other."""
    cells: dict[Base, dict[Cell, FigureSums]] = {"received": {}, "due": {}, "rated": {}}
    for fact in facts:
        of: list[tuple[Base, int | None]] = [("received", fact.response)] if fact.received_month == month else []
        if fact.due_month == month and fact.due_at is not None and fact.due_at <= now:
            of.append(("due", fact.resolution))
            if fact.rating is not None:
                of.append(("rated", None))
        for base, days in of:
            tally = cells[base].setdefault((fact.department, fact.service, fact.district), FigureSums())
            tally.sums["n"] += 1
            tally.sums.update({name: number_of(fact, name, now) for name in SUMS[base]})
            tally.days.update([days] if days is not None else [])
    return cells


def number_of(fact: RequestFact, name: str, now: datetime) -> int:
    """What a fact adds to a sum."""
    if name == "provisional":
        return int(fact.kept and fact.final_at is not None and fact.final_at > now)
    return int(getattr(fact, name))


@pytest.fixture
async def city(database: Database, clock: ServerClock) -> City:
    """A city of its own."""
    assignments = AssignmentStore(database["assignments"], clock, lease=8, settle_after=120)
    figures = FigureStore(database)
    await assignments.create_indexes()
    await figures.create_indexes()
    return City(assignments, figures, secrets.randbelow(1_000_000))


async def test_figures_updated_by_sweeps_equal_rebuilt_ones_and_a_slow_count(city: City) -> None:
    assert await city.figures.sweep(), "the first sweep makes everything"
    for day in range(DAYS):
        for number in range(2 * day, min(2 * day + 2, REQUESTS)):
            await city.file(number)
        for _ in range(6):
            city.now += timedelta(minutes=city.random.randint(1, 300))
            await city.step()
        city.now += timedelta(hours=6)
        if day % 4 == 0:
            assert await city.figures.sweep()
    city.now += timedelta(days=20)  # due dates pass, and outcomes become final, though nothing is done
    assert await city.figures.sweep()
    await city.rate_all()
    city.now += timedelta(hours=1)
    assert await city.figures.sweep()
    kept_up = await city.rows()

    assert await city.figures.rebuild()

    assert len(kept_up) >= 2
    assert await city.rows() == kept_up == await city.counted_slowly()
    assert await city.store.as_of() == city.now


async def test_only_one_process_brings_figures_up_to_date_at_a_time(city: City) -> None:
    assert await city.store.lease()
    assert not await city.figures.sweep()

    await city.store.release(None)

    assert await city.figures.sweep()
