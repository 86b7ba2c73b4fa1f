"""After a flood hundreds of reports stand merged into one."""

from datetime import timedelta

from services.requests.models.lifecycle import State
from tests.builders import a_request
from tests.fakes import START
from tests.unit.requests.test_succession import NUMBERS, World


async def test_of_hundreds_that_were_merged_before_none_is_in_the_way_of_a_citizens_second_request() -> None:
    """After a flood hundreds stand merged into one: what brings somebody is found behind them too."""
    world = await World(citizens=2).open()
    await world.take("merge", 0, 1)
    await world.settle()
    await world.take("merge", 2, 1)
    await world.settle()
    flood = [
        a_request(
            f"RB-F{n:03d}",
            citizen_id=f"somebody-{n}",
            submitted_at=START - timedelta(days=1),
            state=State.DUPLICATE,
            duplicate_of=NUMBERS[1],
        )
        for n in range(120)
    ]
    await world.store.insert_many(flood)
    await world.take("separate", 0, 0)
    await world.settle()
    followers = (await world.get(1)).followers
    assert [(one["citizen_id"], one["through"]) for one in followers] == [("citizen-0", NUMBERS[2])]
