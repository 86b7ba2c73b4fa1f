"""Actions of departments' software are answered at `reply_to`; a test system's change nothing."""

import json
from typing import Any, Literal, cast

from services.routing.actions import ACCEPTED, REJECTED, Actions
from services.routing.feed.invented import NUMBER as INVENTED
from services.routing.feed.queues import DepartmentQueues
from shared.department_users import QueueName, queue_of
from tests.builders import NUMBER, a_delivery
from tests.cases import cases
from tests.unit.routing.office import Office, submitted

DIRECT = "amq.rabbitmq.reply-to.g1h2a3"


def action(name: str = "accept", number: str = NUMBER, **more: str) -> bytes:
    """The body of an action."""
    return json.dumps({"request": number, "action": name, **more}).encode()


async def opened() -> Office:
    """An office with a request at the department of power."""
    office = await Office().open()
    await office.receive(submitted())
    return office


def answers(office: Office, queue: str) -> list[tuple[str, dict[str, Any]]]:
    """The types and bodies that arrived somewhere."""
    return [(message.headers["ce-type"], json.loads(message.body)) for message in office.bus.to(queue)]


async def test_an_action_is_answered_with_the_new_state_and_revision() -> None:
    office = await opened()
    await office.act(action(), ids=["m-1"], reply_to=DIRECT)
    [(kind, body)] = answers(office, DIRECT)
    document = office.assignments.documents[NUMBER]
    assert (kind, body["action"], body["state"], body["etag"]) == (ACCEPTED, "m-1", "accepted", f'"{document["rev"]}"')
    assert "resolve" in body["actions"]
    assert answers(office, "department.power") == []
    await office.act(action(), ids=["m-1"], reply_to=DIRECT)
    assert answers(office, DIRECT)[-1] == (kind, body)


async def test_a_refusal_comes_to_both_places_with_the_state_as_it_is() -> None:
    office = await opened()
    await office.act(action("progress", note="x"), reply_to=DIRECT)
    [direct], [queued] = answers(office, DIRECT), answers(office, "department.power")
    assert direct == queued
    assert (direct[0], direct[1]["status"], direct[1]["state"]) == (REJECTED, 409, "routed")
    assert "accept" in direct[1]["actions"]


@cases("reply_to", ["requests", "department.roads", "rabta.events", "amq.rabbitmq.reply-to", None])
async def test_an_address_that_is_not_the_senders_gets_nothing(reply_to: str | None) -> None:
    office = await opened()
    await office.act(action(), action(), reply_to=reply_to)
    assert reply_to is None or answers(office, reply_to) == []
    assert [kind for kind, _ in answers(office, "department.power")] == [REJECTED]


async def test_a_department_learns_nothing_of_a_request_that_it_does_not_have() -> None:
    office = await opened()
    await office.act(action(), department="roads", reply_to=DIRECT)
    [(kind, body)] = answers(office, DIRECT)
    assert (kind, body["status"], "state" in body) == (REJECTED, 404, False)


class PowersQueues:
    """Two further queues of the department of power."""

    def kind_of(self, queue: QueueName) -> Literal["production", "test"] | None:
        """What a queue is for."""
        kinds: dict[str | None, Literal["production", "test"]] = {"second": "production", "trial": "test"}
        return kinds.get(queue.name)


async def take(office: Office, body: bytes, queue: str) -> list[str]:
    """Process an action from a further queue."""
    actions = Actions(office.actions.store, office.acting, office.bus, cast(DepartmentQueues, PowersQueues()))
    delivery = a_delivery(body, message_id="m-1", user_id=queue, routing_key=queue, reply_to=DIRECT)
    return [outcome.verdict for outcome in await actions.take([delivery])]


async def test_a_second_system_acts_for_its_department() -> None:
    office = await opened()
    assert await take(office, action(), "department.power.second") == ["done"]
    assert office.state() == "accepted"
    assert answers(office, DIRECT)[0][0] == ACCEPTED


async def test_a_test_system_acts_on_the_invented_request_only() -> None:
    office = await opened()
    await take(
        office, action("resolve", INVENTED, outcome="granted", reply="It was replaced."), "department.power.trial"
    )
    await take(office, action("accept", NUMBER), "department.power.trial")
    (accepted, body), (refused, problem) = answers(office, DIRECT)
    assert (accepted, body["state"], body["test"]) == (ACCEPTED, "resolved", True)
    assert (refused, problem["status"]) == (REJECTED, 404)
    assert office.state() == "routed"
    assert [kind for kind, _ in answers(office, "department.power.trial")] == [REJECTED]


async def test_an_action_from_a_queue_that_is_gone_is_a_dead_letter() -> None:
    office = await opened()
    assert await take(office, action(), "department.power.gone") == ["dead"]
    assert office.state() == "routed"


@cases(
    "user, queue",
    [
        ("department.power", QueueName("power")),
        ("department.power.2", QueueName("power")),
        ("department.power.trial", QueueName("power", "trial")),
        ("department.power.trial.2", QueueName("power", "trial")),
        *(
            (user, None)
            for user in ("", None, "power", "department.", "department.a.b.c", "department..b", "x.department.a")
        ),
    ],
)
def test_a_user_belongs_to_one_queue(user: str | None, queue: QueueName | None) -> None:
    assert queue_of(user) == queue
