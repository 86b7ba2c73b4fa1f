"""One queue: how it stands, a new password, replay, its end, and a sample program."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.connecting.listing import password_page
from gateway.web.connecting.room import both, place_of, replay_of, show
from gateway.web.connecting.samples import queue_samples
from gateway.web.forms.form import kept_hours
from gateway.web.portal import segment
from gateway.web.visit import Visit
from shared.errors import NotFoundError

OWN = "own"
"""In addresses: the department's own queue, which has no name of its own."""


@both("GET", "/queues/{name}")
async def show_queue(visit: Visit) -> Response:
    """The queue. Raises RefusedError, NotFoundError."""
    found = await visit.portal.read(place_of(visit).queues)
    queue = next((one for one in found["queues"] if (one["name"] or OWN) == visit.args["name"]), None)
    if queue is None:
        raise NotFoundError
    visit.form.prefill({"keep_old_hours": "24"})
    return show(visit, "queue", queue=queue, found=found, samples=queue_samples(queue))


@both("POST", "/queues/{name}", again=show_queue)
async def act(visit: Visit) -> Response:
    """Do what the pressed button says. Raises RefusedError."""
    done = {"password": renew, "replay": replay, "delete": delete}.get(visit.form.value("act"))
    return await (done or show_queue)(visit)


async def renew(visit: Visit) -> Response:
    """Make a new password, shown once. Raises RefusedError."""
    body = kept_hours(visit.form, visit.say("Choose when the old password ends."))
    place, name = place_of(visit), name_of(visit)
    address = f"{place.api}/credentials" if name is None else f"{place.queues}/{name}/credentials"
    made = await visit.portal.post(address, body, key=visit.form.key)
    return password_page(visit, made.data)


async def replay(visit: Visit) -> Response:
    """Send messages again, from a number or a day on. Raises RefusedError."""
    body = replay_of(visit)
    name = name_of(visit)
    asked = body if name is None else {**body, "queue": name}
    sent: Mapping[str, Any] = (
        await visit.portal.post(f"{place_of(visit).queues}/replay", asked, key=visit.form.key)
    ).data
    words = visit.say("Sent again: %(count)s, up to number %(last)s.", count=sent["sent"], last=sent["upto"])
    return visit.go(visit.path, words)


async def delete(visit: Visit) -> Response:
    """End it. Raises RefusedError."""
    name = name_of(visit)
    if not visit.form.has("sure") or name is None:
        visit.form.fail("sure", visit.say("Tick the box if you want to end it."))
    await visit.portal.call("DELETE", f"{place_of(visit).queues}/{name}")
    return visit.go(place_of(visit).home, visit.say("The queue has ended."))


def name_of(visit: Visit) -> str | None:
    """The name of the queue in the address; None for the department's own."""
    name = segment(visit.args["name"])
    return None if name == OWN else name
