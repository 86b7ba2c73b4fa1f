"""The notifier on a real database and broker: each step reaches the citizen once, in any order of events."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.notifier.app import build_app
from services.notifier.settings import NotifierSettings
from shared.bus import Message, Publisher, Topology
from shared.bus.publisher import messages_of
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import (
    CitizenCodeIssued,
    CitizenRegistered,
    Event,
    RequestAccepted,
    RequestResolved,
    RequestSubmitted,
)
from shared.seal import SealPurpose
from shared.settlement import QUESTION, DeliveryAnswer, DeliveryQuestion
from tests.unit.gateway.serving import JWKS, bearer, serving
from tools.people import new_mobile
from tools.suites import own_vhost

PATIENCE = 60.0


async def jwks(_: object) -> JSONResponse:
    """A key set like identity's."""
    return JSONResponse(JWKS)


@dataclass
class Notifier:
    """A running notifier, with functions that publish events and read messages."""

    url: str
    settings: NotifierSettings
    publisher: Publisher
    http: aiohttp.ClientSession

    def seal(self, text: str, purpose: SealPurpose, owner: str) -> str:
        """Seal a text like the publisher of an event."""
        return self.settings.keys.seal(text, purpose, owner=owner)

    def registered(self, citizen: str, mobile: str, language: str = "en") -> CitizenRegistered:
        """An event of a registration."""
        sealed = {
            name: self.seal(text, SealPurpose(f"citizen.{name}"), citizen)
            for name, text in {"name": "Amina Khan", "mobile": mobile, "email": "amina@example.org"}.items()
        }
        return CitizenRegistered(language=language, **sealed)

    def code(self, citizen: str, code: str, minutes: float = 10) -> CitizenCodeIssued:
        """An event with a new code."""
        expires = utc_now() + timedelta(minutes=minutes)
        return CitizenCodeIssued(
            purpose="register", code=self.seal(code, SealPurpose.CITIZEN_CODE, citizen), expires_at=expires
        )

    async def say(self, *envelopes: Envelope) -> None:
        """Publish events."""
        messages = [message for envelope in envelopes for message in messages_of(envelope)]
        assert all(await self.publisher.publish(messages))

    async def outbox(self, mobile: str) -> list[dict[str, Any]]:
        """The messages to a mobile, newest first."""
        async with self.http.get(f"{self.url}/dev/outbox", params={"format": "json", "to": mobile}) as answer:
            assert answer.status == 200
            return list((await answer.json())["messages"])


@pytest.fixture(scope="module")
async def notifier(environment: dict[str, str]) -> AsyncIterator[Notifier]:
    """The notifier on its own database and virtual host."""
    async with running_alone(environment, "notifier-alone") as notifier:
        yield notifier


@asynccontextmanager
async def running_alone(environment: dict[str, str], vhost: str, **settings: Any) -> AsyncIterator[Notifier]:
    """A notifier on its own database and virtual host; otherwise a suite's notifier would take half of the messages."""
    prefix = f"test{secrets.token_hex(4)}"
    own = environment | {"mongo_prefix": prefix, "amqp_url": await own_vhost(environment, vhost)} | settings
    async with serving(Starlette(routes=[Route("/jwks", jwks)])) as identity, aiohttp.ClientSession() as http:
        given = NotifierSettings.model_validate(
            {**own, "jwks_url": f"{identity}/jwks", "courier_every": 0.2} | {"combine_within": 0.5}
        )
        publisher = Publisher(given.amqp_url.get_secret_value(), "test", Topology())
        async with serving(build_app(given)) as url:
            await eventually(lambda: is_ready(http, url))
            yield Notifier(url, given, publisher, http)
        await publisher.close()


async def is_ready(http: aiohttp.ClientSession, url: str) -> bool:
    """Whether the service is ready."""
    async with http.get(f"{url}/health/ready") as answer:
        return answer.status == 200


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110  # any condition, not an event of ours
            await asyncio.sleep(0.05)


def enveloped(event: Event, subject: str, seq: int) -> Envelope:
    """An event of the present time."""
    return Envelope(event.source, event.type, subject, seq, utc_now(), event.model_dump_json().encode())


def a_person() -> tuple[str, str]:
    """A new citizen's id and mobile."""
    return secrets.token_hex(8), new_mobile()


def submitted(citizen: str) -> RequestSubmitted:
    """An event of a filed complaint."""
    return RequestSubmitted(
        citizen_id=citizen, service="street-light-out", service_version=1, kind="complaint", district="peshawar",
        state="verifying",
    )  # fmt: skip


async def test_a_code_reaches_the_mobile_and_is_never_shown_again(notifier: Notifier) -> None:
    citizen, mobile = a_person()
    await notifier.say(
        enveloped(notifier.registered(citizen, mobile), citizen, 1),
        enveloped(notifier.code(citizen, "482913"), citizen, 2),
    )

    async def arrived() -> bool:
        return len(await notifier.outbox(mobile)) == 1

    await eventually(arrived)
    message = (await notifier.outbox(mobile))[0]
    assert message["words"].startswith("482913 is your Rabta code")
    assert message["to"] == mobile
    assert message["citizen_id"] == citizen

    async with notifier.http.get(f"{notifier.url}/api/v1/notifications", headers=bearer(citizen)) as answer:
        own = await answer.json()
    assert [n["template"] for n in own["notifications"]] == ["citizen.code_issued"]
    assert "482913" not in str(own)


async def test_every_event_makes_one_message_however_often_it_arrives(notifier: Notifier) -> None:
    citizen, mobile = a_person()
    number = f"RB-{secrets.token_hex(4)}"
    reply = notifier.seal("The lamp was replaced.", SealPurpose.REQUEST_REPLY, number)
    of_department = {"citizen_id": citizen, "department": "power"}
    events = [
        enveloped(notifier.registered(citizen, mobile), citizen, 1),
        enveloped(submitted(citizen), number, 1),
        enveloped(RequestAccepted(**of_department), number, 1),
        enveloped(RequestResolved(**of_department, outcome="granted", reply=reply), number, 2),
    ]
    for _ in range(3):
        await notifier.say(*events)

    async def all_there() -> bool:
        return len(await notifier.outbox(mobile)) >= 3

    await eventually(all_there)
    await quiet(notifier)
    templates = sorted(message["template"] for message in await notifier.outbox(mobile))
    assert templates == ["request.accepted", "request.resolved.department", "request.submitted.verifying"]


async def test_an_event_that_overtakes_the_registration_waits_for_it(notifier: Notifier) -> None:
    citizen, mobile = a_person()
    number = f"RB-{secrets.token_hex(4)}"
    await notifier.say(
        enveloped(submitted(citizen), number, 1), enveloped(notifier.code(citizen, "111222"), citizen, 2)
    )
    await quiet(notifier)
    assert await notifier.outbox(mobile) == []

    await notifier.say(enveloped(notifier.registered(citizen, mobile, "ur"), citizen, 1))

    async def both() -> bool:
        return len(await notifier.outbox(mobile)) == 2

    await eventually(both)
    assert {message["language"] for message in await notifier.outbox(mobile)} == {"ur"}


async def test_an_expired_code_is_recorded_and_never_sent(notifier: Notifier) -> None:
    citizen, mobile = a_person()
    await notifier.say(
        enveloped(notifier.registered(citizen, mobile), citizen, 1),
        enveloped(notifier.code(citizen, "999000", minutes=-1), citizen, 2),
        enveloped(notifier.code(citizen, "123456"), citizen, 3),
    )

    async def arrived() -> bool:
        return bool(await notifier.outbox(mobile))

    await eventually(arrived)
    assert [m["words"][:6] for m in await notifier.outbox(mobile)] == ["123456"]


async def test_a_malformed_event_goes_to_the_dead_letters_and_delays_nothing(notifier: Notifier) -> None:
    citizen, mobile = a_person()
    poison = enveloped(submitted(citizen), f"RB-{secrets.token_hex(4)}", 1)
    broken = Message("", "notifier", b"{not json", "poison-1", poison.headers())
    swapped = notifier.seal("Words about somebody else.", SealPurpose.REQUEST_REPLY, "RB-0000-0000-0")
    forged = [
        enveloped(
            RequestResolved(citizen_id=citizen, department="power", outcome="granted", reply=reply),
            f"RB-{secrets.token_hex(4)}",
            1,
        )
        for reply in ("not sealed", swapped)
    ]

    async def messages(many: int) -> None:
        async def arrived() -> bool:
            return len(await notifier.outbox(mobile)) == many

        await eventually(arrived)

    first = enveloped(submitted(citizen), f"RB-{secrets.token_hex(4)}", 1)
    await notifier.say(enveloped(notifier.registered(citizen, mobile), citizen, 1), first)
    await messages(1)  # what citizens do comes by a queue of its own
    assert all(await notifier.publisher.publish([broken, *(m for one in forged for m in messages_of(one))]))
    await notifier.say(enveloped(submitted(citizen), f"RB-{secrets.token_hex(4)}", 1))

    await messages(2)
    line = await notifier.publisher.open()

    async def all_dead() -> bool:
        declared = await line.channel.queue_declare("notifier.dead", passive=True)
        return (declared.message_count or 0) >= 3

    await eventually(all_dead)


async def test_pages_of_ones_own_notifications(notifier: Notifier) -> None:
    citizen, mobile = a_person()
    events = [enveloped(submitted(citizen), f"RB-{place:02d}{secrets.token_hex(4)}", 1) for place in range(7)]
    await notifier.say(enveloped(notifier.registered(citizen, mobile), citizen, 1), *events)

    async def all_there() -> bool:
        return len(await notifier.outbox(mobile)) == 7

    await eventually(all_there)
    seen: list[str] = []
    cursor = None
    for size in (3, 3, 1):
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        async with notifier.http.get(
            f"{notifier.url}/api/v1/notifications", params=params, headers=bearer(citizen)
        ) as answer:
            page = await answer.json()
        assert len(page["notifications"]) == size
        seen += [n["request"] for n in page["notifications"]]
        cursor = page["next"]
    assert cursor is None
    assert sorted(seen) == sorted(envelope.subject for envelope in events)


async def test_somebody_else_sees_nothing_and_a_strange_cursor_is_refused(notifier: Notifier) -> None:
    url = f"{notifier.url}/api/v1/notifications"
    citizen, mobile = a_person()
    number = f"RB-{secrets.token_hex(4)}"
    await notifier.say(
        enveloped(notifier.registered(citizen, mobile), citizen, 1), enveloped(submitted(citizen), number, 1)
    )

    async def somebody_has_one() -> bool:
        return await count(notifier, citizen) == 1

    await eventually(somebody_has_one)
    async with notifier.http.get(url, headers=bearer("nobody")) as answer:
        assert (await answer.json()) == {"notifications": [], "next": None, "unread": 0}
    async with notifier.http.get(url, params={"cursor": "strange"}, headers=bearer("nobody")) as answer:
        assert answer.status == 400
    async with notifier.http.get(url) as answer:
        assert answer.status == 401


async def test_settlement_is_told_what_is_recorded_and_no_more(notifier: Notifier) -> None:
    citizen, mobile = a_person()
    number, asker = f"RB-{secrets.token_hex(4)}", f"asker-{secrets.token_hex(4)}"
    line = await notifier.publisher.open()
    await line.channel.queue_declare(asker, exclusive=True)
    first, third = (replace(enveloped(submitted(citizen), number, seq), source=asker) for seq in (1, 3))
    await notifier.say(enveloped(notifier.registered(citizen, mobile), citizen, 1), first, third)
    types = [RequestSubmitted.type] * 3
    asked = DeliveryQuestion(
        source=asker, stream="request@requests", records={number: (0, types), "RB-unknown": (2, types[:1])}
    )
    headers = {"ce-type": QUESTION}
    question = Message("", "notifier", asked.model_dump_json().encode(), "asked-1", headers)
    assert await notifier.publisher.publish([question]) == [True]

    async def answered() -> bool:
        message = await line.channel.basic_get(asker, no_ack=True)
        if not message.body:
            return False
        told = DeliveryAnswer.model_validate_json(message.body)
        assert told.records == {number: 1, "RB-unknown": 2}
        return True

    await eventually(answered)


async def test_a_batch_of_messages_keeps_up(notifier: Notifier) -> None:
    citizen, mobile = a_person()
    await notifier.say(enveloped(notifier.registered(citizen, mobile), citizen, 1))
    events = [enveloped(submitted(citizen), f"RB-{secrets.token_hex(5)}", 1) for _ in range(2000)]
    for start in range(0, len(events), 500):
        await notifier.say(*events[start : start + 500])

    async def all_there() -> bool:
        return await count(notifier, citizen) == len(events)

    await eventually(all_there)


async def count(notifier: Notifier, citizen: str) -> int:
    """The number of a citizen's notifications, counted page by page."""
    found, cursor = 0, None
    while True:
        params = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
        async with notifier.http.get(
            f"{notifier.url}/api/v1/notifications", params=params, headers=bearer(citizen)
        ) as answer:
            page = await answer.json()
        found += len(page["notifications"])
        cursor = page["next"]
        if cursor is None:
            return found


async def quiet(notifier: Notifier) -> None:
    """Wait until the notifier has handled everything that was published before."""
    citizen, mobile = a_person()
    await notifier.say(
        enveloped(notifier.registered(citizen, mobile), citizen, 1),
        enveloped(notifier.code(citizen, "000000"), citizen, 2),
    )

    async def arrived() -> bool:
        return bool(await notifier.outbox(mobile))

    await eventually(arrived)
