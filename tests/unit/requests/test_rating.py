"""The citizen rates a closed request once, within thirty days."""

from datetime import timedelta
from typing import Any

import pytest

from services.requests.life.service.citizen import Confirmation, Rating
from services.requests.request.models.lifecycle import ActorKind, State
from shared.clock import utc_now
from shared.errors import ConflictError, NotFoundError
from tests.builders import CITIZEN, NUMBER, a_request
from tests.unit.requests.counter import Counter

FAIR = Rating(rating=3, words="It took long.")


async def over(days: float = 0, **fields: Any) -> Counter:
    """A counter with one request whose last step was that many days ago."""
    counter = Counter()
    request = a_request(**{"state": State.RESOLVED, "outcome": "granted", **fields})
    if request.state is State.RESOLVED:
        request.take("let_stand", ActorKind.CLOCK, utc_now())
    request.changed_at = utc_now() - timedelta(days=days)
    await counter.store.insert_many([request])
    return counter


@pytest.mark.parametrize("days", [0, 29.9])
async def test_finished_request_can_be_rated(days: float) -> None:
    counter = await over(days)
    rated = await counter.acts.rate(CITIZEN, NUMBER, FAIR)
    assert (rated.history[-1]["action"], rated.history[-1]["rating"]) == ("rate", 3)
    assert "It took long." not in str(rated.history)


async def test_thirty_days_later_it_is_too_late() -> None:
    with pytest.raises(ConflictError, match="rated-before"):
        await (await over(30.1)).acts.rate(CITIZEN, NUMBER, FAIR)


async def test_rating_at_confirmation_counts_as_the_only_one() -> None:
    counter = await over()
    await counter.acts.rate(CITIZEN, NUMBER, FAIR)
    with pytest.raises(ConflictError, match="rated-before"):
        await counter.acts.rate(CITIZEN, NUMBER, FAIR)
    confirming = Counter()
    await confirming.store.insert_many([a_request(state=State.RESOLVED, outcome="granted")])
    await confirming.acts.confirm(CITIZEN, NUMBER, Confirmation(rating=5))
    with pytest.raises(ConflictError, match="rated-before"):
        await confirming.acts.rate(CITIZEN, NUMBER, FAIR)


@pytest.mark.parametrize("state", [State.ROUTED, State.QUESTIONED, State.WITHDRAWN, State.UNDER_APPEAL])
async def test_open_request_cannot_be_rated(state: State) -> None:
    with pytest.raises(ConflictError, match="rated-before"):
        await (await over(state=state)).acts.rate(CITIZEN, NUMBER, FAIR)


async def test_nobody_rates_what_others_filed() -> None:
    with pytest.raises(NotFoundError):
        await (await over()).acts.rate("citizen-2", NUMBER, FAIR)


async def test_rating_is_among_the_acts_as_long_as_it_is_possible() -> None:
    counter = await over()
    assert (await counter.store.get(NUMBER)).citizen_actions == ["rate"]  # type: ignore[union-attr]
    rated = await counter.acts.rate(CITIZEN, NUMBER, FAIR)
    assert rated.citizen_actions == []
    assert "rate" not in a_request(state=State.RESOLVED, outcome="granted").citizen_actions
