"""A separated or revived request is at its department, with events in any order and number."""

import asyncio
import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from shared import events
from shared.events import Event
from tests.builders import CITIZEN, NUMBER, a_delivery, an_envelope
from tests.unit.routing.office import Office, submitted

SAID: Sequence[Event] = (
    submitted(),
    events.RequestMerged(citizen_id=CITIZEN, into="RB-1"),
    events.RequestMerged(citizen_id=CITIZEN, into="RB-2"),
    events.RequestRevived(citizen_id=CITIZEN, ended="RB-2"),
)
EACH = range(len(SAID))


@given(st.permutations([*EACH, *EACH]), st.integers(1, 4))
def test_events_in_any_order_and_twice_end_at_the_department(order: list[int], at_once: int) -> None:
    async def hear() -> None:
        office = await Office().open()
        deliveries = [a_delivery(an_envelope(SAID[n], n + 1, subject=NUMBER)) for n in order]
        for start in range(0, len(deliveries), at_once):
            outcomes = await office.requests.take(deliveries[start : start + at_once])
            assert {outcome.verdict for outcome in outcomes} == {"done"}
        assert office.state() == "routed"
        assert office.event_types() == ["request.routed.v1", "request.closed.v1", "request.routed.v1"]
        document = office.assignments.documents[NUMBER]
        assert [entry["action"] for entry in document["history"]] == ["route", "merged", "separated"]
        assert "goes on by itself" in document["because"]["en"]
        assert document["history"][1]["into"] == json.loads(document["events"][1]["data"])["into"] == "RB-1"
        assert document["events"][-1]["queue"] == "department.power"

    asyncio.run(hear())
