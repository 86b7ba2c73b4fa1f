"""Figures: what a request counts as, days, and that nothing about fewer than five can be calculated."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.figures import views
from services.routing.figures.models.days import days_within, earlier, month_of, months_between, tenths_of
from services.routing.figures.models.facts import RequestFact, fact_of
from services.routing.figures.models.protecting import FEWEST, places_shown
from services.routing.figures.models.rows import BASES, Base, Cell, FigureSums, Row, rows_of, summed
from services.routing.figures.schemas import FigureRow
from services.routing.models.acts import Accept, Resolve
from services.routing.models.assignment import APPEAL, Assignment, AssignmentState
from shared import events
from tests.builders import CITIZEN, NUMBER
from tests.unit.routing.office import Office, submitted

START = datetime(2026, 10, 5, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def an_assignment(*steps: tuple[str, float], due: float = 5, **fields: Any) -> Assignment:
    """An assignment that was routed at START and whose steps were taken so many days later."""
    made = Assignment(
        id="RB-7F3K-9Q2M-E",
        service="water-leak",
        kind="complaint",
        district="swat",
        department="water",
        routed_at=START,
        due_at=START + due * DAY,
        state=AssignmentState.ROUTED,
    )
    for action, days in steps:
        at = START + days * DAY
        more = {"due_at": made.due_at} if action == "resolve" else {}
        made.take(action, at, by="somebody", **more)
        made.responded_at = made.responded_at or at
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def the_fact(*steps: tuple[str, float], due: float = 5, **fields: Any) -> RequestFact:
    """The fact of such an assignment."""
    fact = fact_of(an_assignment(*steps, due=due, **fields))
    assert fact is not None
    return fact


DONE = (("accept", 1), ("resolve", 4))


def test_a_request_resolved_by_its_due_date_is_kept() -> None:
    fact = the_fact(*DONE)

    assert (fact.on_time, fact.kept, fact.reopened) == (True, True, False)
    assert (fact.response, fact.resolution) == (10, 40)
    assert (fact.received_month, fact.due_month) == ("2026-10", "2026-10")
    assert fact.final_at == START + 34 * DAY


def test_a_disputed_request_no_longer_counts_as_kept_and_stays_in_its_month() -> None:
    fact = the_fact(*DONE, ("disputed", 20), ("accept", 21), ("resolve", 30), due_at=START + 40 * DAY)

    assert (fact.on_time, fact.kept, fact.disputed, fact.reopened) == (True, False, True, True)
    assert (fact.due_month, fact.resolution) == ("2026-10", 40)


def test_an_upheld_appeal_counts_as_reopened_and_a_refused_one_does_not() -> None:
    upheld = the_fact(*DONE, ("appealed", 6), ("remitted", 9))
    refused = the_fact(*DONE, ("appealed", 6), ("appeal_decided", 9))

    assert (upheld.appealed, upheld.appeal_upheld, upheld.kept) == (True, True, False)
    assert (refused.appealed, refused.appeal_upheld, refused.kept) == (True, False, True)


def test_an_open_request_counts_as_due_from_its_due_date_on() -> None:
    fact = the_fact(("accept", 1))

    assert (fact.due_at, fact.on_time, fact.resolution) == (START + 5 * DAY, False, None)
    assert fact.turns == [START + 5 * DAY]


def test_a_request_that_waits_for_its_citizen_is_not_due() -> None:
    assert the_fact(("ask", 1)).due_at is None
    assert the_fact(("ask", 1)).paused
    assert the_fact(("ask", 6)).due_at == START + 5 * DAY, "it was late before"


@pytest.mark.parametrize("end", ["withdrawn", "lapsed", "merged"])
def test_a_request_that_ended_without_an_outcome_counts_only_if_it_was_late(end: str) -> None:
    assert the_fact((end, 2)).due_at is None
    late = the_fact((end, 6))
    assert (late.due_at, late.on_time) == (START + 5 * DAY, False)
    assert the_fact(*DONE, (end, 7)).resolution is None


def test_a_separated_request_begins_anew() -> None:
    assert the_fact(*DONE, ("merged", 4.5), ("separated", 8)).resolution is None


async def test_a_fact_contains_the_acts_of_citizen_and_department() -> None:
    office = await Office().open()
    await office.receive(submitted())
    await office.as_head(Accept(), Resolve(outcome="granted", reply="It was replaced."))
    await office.receive(events.RequestDisputed(citizen_id=CITIZEN, reason="not_done"))
    await office.as_head(Accept(), Resolve(outcome="granted", reply="It was replaced now."))
    await office.receive(events.RequestConfirmed(citizen_id=CITIZEN, rating=4))

    fact = fact_of((await office.assignments.load_many([NUMBER]))[NUMBER])

    assert fact is not None
    assert (fact.rating, fact.disputed, fact.on_time, fact.kept) == (4, True, True, False)
    assert not fact.transferred
    moved = the_fact(("ask", 1), ("answered", 2), ("delay", 2), ("transfer", 3))
    assert (moved.transferred, moved.paused, moved.delayed) == (True, True, True)


def test_neither_appeals_nor_requests_without_a_department_have_a_fact() -> None:
    assert fact_of(an_assignment(kind=APPEAL)) is None
    assert fact_of(Assignment(id="RB-7F3K-9Q2M-E")) is None


def test_months_are_those_of_pakistan() -> None:
    assert month_of(datetime(2026, 10, 31, 18, 59, tzinfo=UTC)) == "2026-10"
    assert month_of(datetime(2026, 10, 31, 19, 0, tzinfo=UTC)) == "2026-11"
    assert earlier("2026-01", 1) == "2025-12"
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert months_between("2026-02", "2025-11") == []


@given(st.lists(st.floats(0, 400), min_size=FEWEST, max_size=60))
def test_the_median_and_the_ninety_per_cent_are_within_a_tenth_or_a_day(took: list[float]) -> None:
    counted: dict[int, int] = defaultdict(int)
    for days in took:
        counted[tenths_of(days * DAY)] += 1
    ordered = sorted(took)
    for percent in (50, 90):
        exact = ordered[-(-len(took) * percent // 100) - 1]
        shown = days_within(counted, percent, FEWEST)
        assert shown is not None
        assert exact - 0.001 <= shown <= exact + (0.11 if exact <= 10 else 1.01)


CELLS = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("stu"), st.sampled_from("xyz")),
    st.integers(0, 9) | st.integers(0, 60),
    max_size=20,
)


def tallies(sizes: dict[Cell, int]) -> dict[Cell, FigureSums]:
    """Tallies with these numbers of requests."""
    found = {cell: FigureSums() for cell, n in sizes.items() if n}
    for cell, tally in found.items():
        tally.sums["n"] = sizes[cell]
    return found


def published(sizes: dict[Cell, int]) -> dict[tuple[str | None, ...], int]:
    """What is published of such a month, by department, service and district."""
    rows = rows_of({"received": tallies(sizes)})
    return {(row["department"], row["service"], row["district"]): row["received"]["n"] for row in rows}


def members(group: tuple[str | None, ...], cells: list[Cell]) -> tuple[int, ...]:
    """Which cells belong to a group, as a vector."""
    return tuple(int(all(part in (None, own) for part, own in zip(group, cell, strict=True))) for cell in cells)


PRIME = (1 << 61) - 1
"""Elimination modulo a large prime: exact for these small sums, and faster than fractions."""


def reduced(vector: list[int], basis: dict[int, list[int]]) -> list[int]:
    """What is left of a vector when all that the basis can tell is taken off."""
    for place, row in basis.items():
        if factor := vector[place]:
            vector = [(mine - factor * other) % PRIME for mine, other in zip(vector, row, strict=True)]
    return vector


def basis_of(vectors: list[tuple[int, ...]]) -> dict[int, list[int]]:
    """A basis of all that can be calculated from these sums."""
    basis: dict[int, list[int]] = {}
    for vector in vectors:
        left = reduced(list(vector), basis)
        place = next((place for place, n in enumerate(left) if n), None)
        if place is None:
            continue
        row = [n * pow(left[place], -1, PRIME) % PRIME for n in left]
        for other, known in basis.items():
            basis[other] = [(mine - known[place] * n) % PRIME for mine, n in zip(known, row, strict=True)]
        basis[place] = row
    return basis


@given(CELLS)
def test_no_hidden_and_no_small_group_can_be_calculated_from_what_is_published(sizes: dict[Cell, int]) -> None:
    """Tried by exact elimination over all groups of all drill-downs: any sums and differences of what is shown."""
    shown = published(sizes)
    assert all(n >= FEWEST for n in shown.values())
    cells = [(d, s, x) for d in "abcd" for s in "stu" for x in "xyz"]
    basis = basis_of([members(group, cells) for group in shown])
    groups = {(d, s, x) for d in (*"abcd", None) for s in (*"stu", None) for x in (*"xyz", None)}
    for group in groups - shown.keys():
        vector = members(group, cells)
        size = sum(sizes.get(cell, 0) for cell, holds in zip(cells, vector, strict=True) if holds)
        if 0 < size < FEWEST or (size and is_published_by(group)):
            assert any(reduced(list(vector), basis)), (group, size, shown)


def is_published_by(group: tuple[str | None, ...]) -> bool:
    """Whether figures are published by groups of this kind."""
    department, service, district = group
    return service is None or (department is not None and district is None)


@given(CELLS)
def test_the_rest_beside_published_parts_is_about_at_least_five(sizes: dict[Cell, int]) -> None:
    shown = published(sizes)
    wholes = (
        {(None, None, None): ("department", "district")}
        | {(d, None, None): ("service", "district") for d in "abcd"}
        | {(None, None, x): ("department",) for x in "xyz"}
    )
    places = {"department": 0, "service": 1, "district": 2}
    for whole, splits in wholes.items():
        for split in splits if whole in shown else ():
            place = places[split]
            parts = [
                n
                for group, n in shown.items()
                if group[place] is not None and all(group[i] == whole[i] for i in range(3) if i != place)
            ]
            assert shown[whole] - sum(parts) == 0 or shown[whole] - sum(parts) >= FEWEST


def test_the_order_of_places_does_not_decide_which_are_hidden() -> None:
    """Two counts of the same requests must not hide different places: together they would show both."""
    sizes = [(("a", "p"), 12), (("b", "p"), 6), (("b", "q"), 3), (("c", "p"), 12), (("c", "q"), 12)]
    shown = {frozenset(places_shown(dict(order), "abc", "pq")) for order in permutations(sizes)}
    assert len(shown) == 1


def test_a_second_part_is_hidden_beside_a_small_one() -> None:
    sizes = {("water", "leak", "swat"): 40, ("power", "outage", "swat"): 12, ("police", "fraud", "swat"): 3}

    shown = published(sizes)

    assert shown[None, None, None] == 55
    assert ("police", None, None) not in shown
    assert ("power", None, None) not in shown, "55 - 40 - 12 would tell of three"
    assert shown["water", None, None] == 40


def test_a_month_of_four_requests_shows_nothing() -> None:
    assert published({("water", "leak", "swat"): 4}) == {}


def a_row(**bases: dict[str, Any]) -> Row:
    """A stored row of a department."""
    return {"level": "department", "department": "water", "service": None, "district": None, **bases}


def test_rows_of_months_are_added_up_with_their_days() -> None:
    one = a_row(received={"n": 6, "transferred": 1, "days": {"2": 6}}, rated={"n": 5, "rating": 25})
    other = a_row(received={"n": 5, "transferred": 0, "days": {"30": 5}})

    total = views.row_of("2026", {**one, **summed([one, other])})

    assert (total["received"], total["transferred"], total["first_response_median_days"]) == (11, 1, 0.2)
    assert (total["first_response_90_percent_days"], total["rated"], total["mean_rating"]) == (3.0, 5, 5.0)
    assert total["due"] is None


def test_days_of_fewer_than_five_are_not_shown() -> None:
    shown = views.row_of("2026-10", a_row(due={"n": 9, "days": {"2": 4}}))

    assert (shown["due"], shown["resolution_median_days"]) == (9, None)


def test_the_dictionary_defines_every_column_in_both_languages() -> None:
    names = [column["name"] for column in views.dictionary("ur")["columns"]]

    assert names == list(FigureRow.__annotations__)
    assert views.csv_text([]) == ",".join(names) + "\r\n"


def test_every_base_has_rows_of_its_own() -> None:
    bases: dict[Base, dict[Cell, FigureSums]] = {base: tallies({("water", "leak", "swat"): 7}) for base in BASES}
    bases["rated"] = tallies({("water", "leak", "swat"): 2})

    assert all("rated" not in row and row["due"]["n"] == 7 for row in rows_of(bases))
