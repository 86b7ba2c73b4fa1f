"""One subscription: how it stands, what can be done with it, and a sample program with its own values."""

import re
from collections.abc import Awaitable, Callable

from starlette.responses import Response

from gateway.web.connecting.listing import secret_page
from gateway.web.connecting.room import both, place_of, replay_of, show
from gateway.web.connecting.samples import samples_of
from gateway.web.forms.form import kept_hours
from gateway.web.visit import Visit

SUBSCRIPTION = re.compile(r"sub_[0-9a-f]{24}")
Act = Callable[[Visit, str], Awaitable[Response]]


def address_of(visit: Visit) -> str:
    """The address of the subscription in the API."""
    wanted = visit.args["subscription"]
    return f"{place_of(visit).subscriptions}/{wanted if SUBSCRIPTION.fullmatch(wanted) else 'none'}"


@both("GET", "/{subscription}")
async def show_one(visit: Visit) -> Response:
    """The subscription. Raises RefusedError."""
    return await page_of(visit)


async def page_of(visit: Visit, tried: str = "") -> Response:
    """The page of the subscription, also after a test that failed. Raises RefusedError."""
    one, found = await visit.portal.read(address_of(visit)), await visit.portal.read(place_of(visit).subscriptions)
    visit.form.prefill({"keep_old_hours": "24"})
    samples = samples_of(one, found["department"], visit.settings.public_url.rstrip("/"))
    return show(visit, "one", one=one, found=found, samples=samples, tried=tried)


@both("POST", "/{subscription}", again=show_one)
async def act(visit: Visit) -> Response:
    """Do what the pressed button says. Raises RefusedError."""
    done = ACTS.get(visit.form.value("act"))
    if done is None:
        return await page_of(visit)
    return await done(visit, address_of(visit))


async def pause(visit: Visit, address: str) -> Response:
    """Deliver nothing for now. Raises RefusedError."""
    await visit.portal.post(f"{address}/pause", key=visit.form.key)
    return back(visit, visit.say("Paused. Its messages wait for 30 days at most."))


async def resume(visit: Visit, address: str) -> Response:
    """Deliver again. Raises RefusedError."""
    await visit.portal.post(f"{address}/resume", key=visit.form.key)
    return back(visit, visit.say("It goes on, with what waited first."))


async def replay(visit: Visit, address: str) -> Response:
    """Deliver again from a number, or from a day on. Raises RefusedError."""
    await visit.portal.post(f"{address}/replay", replay_of(visit), key=visit.form.key)
    return back(visit, visit.say("The messages come again."))


async def rotate(visit: Visit, address: str) -> Response:
    """Make a new secret, shown once. Raises RefusedError."""
    body = kept_hours(visit.form, visit.say("Choose when the old secret ends."))
    made = await visit.portal.post(f"{address}/secret", body, key=visit.form.key)
    return secret_page(visit, made.data)


async def delete(visit: Visit, address: str) -> Response:
    """End it. Raises RefusedError."""
    if not visit.form.has("sure"):
        visit.form.fail("sure", visit.say("Tick the box if you want to end it."))
    await visit.portal.call("DELETE", address)
    return visit.go(place_of(visit).home, visit.say("The subscription has ended."))


async def test(visit: Visit, address: str) -> Response:
    """Send one invented message now. Raises RefusedError."""
    tried = (await visit.portal.post(f"{address}/test", key=visit.form.key)).data
    if tried["taken"]:
        return back(visit, visit.say("Your web server took the test message."))
    return await page_of(visit, tried=tried["error"])


ACTS: dict[str, Act] = {
    "test": test,
    "pause": pause,
    "resume": resume,
    "replay": replay,
    "rotate": rotate,
    "delete": delete,
}
"""By the value of their button."""


def back(visit: Visit, note: str) -> Response:
    """The same page, which says what was done."""
    return visit.go(visit.path, note)
