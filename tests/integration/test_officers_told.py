"""Messages about work to members of staff, with a real database, a real broker, the API and the dev outbox."""

import re
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.events import DepartmentChanged, RequestRecused, RequestRouted, StaffChanged, StaffNamed
from shared.seal import SealPurpose
from tests.integration.test_notifier import Notifier, enveloped, eventually, running_alone
from tests.unit.gateway.serving import bearer

API = "/api/v1/notifications"
DAY_AND_NIGHT = {"work_hours": "00:00-24:00", "work_days": "mon tue wed thu fri sat sun", "work_gather": 2}


@pytest.fixture(scope="module")
async def notifier(environment: dict[str, str]) -> AsyncIterator[Notifier]:
    """A notifier that sends messages about work every two seconds."""
    async with running_alone(environment, "officers-alone", **DAY_AND_NIGHT) as notifier:
        yield notifier


def routed(department: str) -> RequestRouted:
    """An event: a request was routed to a department."""
    words = {"en": "Street light is out", "ur": "گلی کی بتی بند ہے"}
    due = "2026-12-20T12:00:00+05:00"
    return RequestRouted.model_validate(
        {
            "citizen_id": "citizen-1",
            "department": department,
            "department_name": words,
            "because": words,
            "service": "street-light-out",
            "service_name": words,
            "kind": "complaint",
            "district": "peshawar",
            "respond_by": due,
            "due_at": due,
            "details": "/api/v1/requests/RB-0000-0000-0",
        }
    )


async def ask(notifier: Notifier, account: str, method: str, path: str, **body: Any) -> tuple[int, Any]:
    """The API's response to an officer."""
    headers = bearer(account, role="officer", department="power")
    async with notifier.http.request(
        method, f"{notifier.url}{API}{path}", headers=headers, json=body or None
    ) as answer:
        return answer.status, await answer.json()


async def sent_to(notifier: Notifier, address: str) -> list[str]:
    """The messages to an address, newest first."""
    async with notifier.http.get(f"{notifier.url}/dev/outbox", params={"format": "json", "limit": 500}) as answer:
        return [message["words"] for message in (await answer.json())["messages"] if message["to"] == address]


async def an_officer(notifier: Notifier, department: str) -> tuple[str, str]:
    """A member of staff with a proven email and messages at once; returns account and address."""
    account = secrets.token_hex(16)
    address = f"{account}@power.example"
    named = StaffNamed(name=notifier.seal("Zafar", SealPurpose.STAFF_NAME, account))
    await notifier.say(enveloped(named, account, 1), enveloped(works_at(department), account, 2))

    async def known() -> bool:
        return "disputes" in (await ask(notifier, account, "GET", "/work-preferences"))[1]["often"]

    await eventually(known)
    status, _ = await ask(notifier, account, "POST", "/work-addresses", channel="email", address=address)
    assert status == 202
    [code] = re.findall(r"\b\d{6}\b", " ".join(await sent_to(notifier, address)))
    status, own = await ask(notifier, account, "POST", "/work-addresses/proof", code=code)
    assert (status, own["by"], own["email"]) == (200, "email", address)
    status, own = await ask(notifier, account, "PUT", "/work-preferences", new_work="at_once")
    assert (status, own["often"]["new_work"], own["often"]["answers"]) == (200, "at_once", "daily")
    return account, address


def works_at(department: str, *, active: bool = True) -> StaffChanged:
    """Publish that a head works at that department, or no longer; the tokens of this test have the role officer."""
    return StaffChanged(role="head", department=department, active=active)


async def test_a_repeated_event_is_told_to_an_officer_once_and_to_a_disabled_officer_never(notifier: Notifier) -> None:
    department = f"power-{secrets.token_hex(3)}"
    _, here = await an_officer(notifier, department)
    gone, there = await an_officer(notifier, department)
    await notifier.say(enveloped(works_at(department, active=False), gone, 3))
    number = f"RB-{secrets.token_hex(4)}"
    event = enveloped(routed(department), number, 1)
    for _ in range(3):
        await notifier.say(event)

    async def told() -> bool:
        return any(number in words for words in await sent_to(notifier, here))

    await eventually(told)
    await notifier.say(event)
    later = f"RB-{secrets.token_hex(4)}"
    await notifier.say(enveloped(routed(department), later, 1))

    async def told_again() -> bool:
        return any(later in words for words in await sent_to(notifier, here))

    await eventually(told_again)
    news = [words for words in await sent_to(notifier, here) if "New:" in words or "new requests" in words]
    assert sorted(news) == sorted(
        f"New: {one}, Street light is out, due by 20 December 2026." for one in (number, later)
    )
    assert len(await sent_to(notifier, there)) == 1  # its code


async def test_an_officer_with_an_interest_is_not_told_of_the_request(notifier: Notifier) -> None:
    department = f"power-{secrets.token_hex(3)}"
    account, here = await an_officer(notifier, department)
    _, there = await an_officer(notifier, department)
    hidden, other = (f"RB-{secrets.token_hex(4)}" for _ in range(2))
    fields = {"citizen_id": "citizen-1", "department": department, "actor": "head-1"}
    await notifier.say(enveloped(RequestRecused.model_validate({**fields, "officer": account}), hidden, 1))
    await notifier.say(enveloped(routed(department), hidden, 2), enveloped(routed(department), other, 1))

    async def told() -> bool:
        both = [" ".join(await sent_to(notifier, address)) for address in (here, there)]
        return other in both[0] and (hidden in both[1] or "2 new requests" in both[1])

    await eventually(told)
    mine = " ".join(await sent_to(notifier, here))
    assert hidden not in mine
    assert "2 new requests" not in mine


async def test_the_head_is_told_that_a_webhook_of_the_department_was_stopped(notifier: Notifier) -> None:
    department, name = f"power-{secrets.token_hex(3)}", f"Orders {secrets.token_hex(3)}"
    _, here = await an_officer(notifier, department)
    changed = DepartmentChanged(
        name={"en": "Power", "ur": "بجلی"}, changed=["subscriptions"], by="routing", subscription=name
    )
    await notifier.say(enveloped(changed, department, 1))
    await notifier.say(enveloped(changed.model_copy(update={"subscription_stopped": True}), department, 2))

    async def told() -> bool:
        return any(name in words for words in await sent_to(notifier, here))

    await eventually(told)
    assert len([words for words in await sent_to(notifier, here) if name in words]) == 1
