"""What a department has, and a new subscription."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.connecting.room import both, place_of, show
from gateway.web.visit import Visit


@both("GET")
async def show_all(visit: Visit) -> Response:
    """The ways in, every subscription and every queue with how it stands. Raises RefusedError."""
    place = place_of(visit)
    found, queues = await asyncio.gather(visit.portal.read(place.subscriptions), visit.portal.read(place.queues))
    return show(visit, "list", found=found, queues=queues["queues"])


@both("POST")
async def send_samples(visit: Visit) -> Response:
    """Send one invented message of each type to what is for trying. Raises RefusedError."""
    place = place_of(visit)
    sent = (await visit.portal.post(f"{place.queues}/samples", key=visit.form.key)).data["sent"]
    return visit.go(place.home, visit.say("Invented messages sent: %(count)s.", count=sent))


@both("GET", "/new")
async def show_new(visit: Visit) -> Response:
    """The form for a new subscription or queue. Raises RefusedError."""
    visit.form.prefill({"kind": "pull", "mode": "production"})
    return show(visit, "new", found=await visit.portal.read(place_of(visit).subscriptions))


@both("POST", "/new", again=show_new, names={"queue-exists": "name"})
async def make(visit: Visit) -> Response:
    """Make a subscription or queue; secrets are shown once. Raises RefusedError."""
    form, place = visit.form, place_of(visit)
    wanted = {"name": visit.say("Write a name."), "kind": visit.say("Choose one."), "mode": visit.say("Choose one.")}
    if form.value("kind") == "webhook":
        wanted["url"] = visit.say("Write the address of your web server.")
    form.require(**wanted)
    name, kind, mode = (form.value(field) for field in ("name", "kind", "mode"))
    if kind == "queue":
        reply = await visit.portal.post(place.queues, {"name": name, "kind": mode}, key=form.key)
        return password_page(visit, reply.data)
    entry = {"name": name, "kind": kind, "mode": mode} | ({"url": form.value("url")} if kind == "webhook" else {})
    reply = await visit.portal.post(place.subscriptions, entry, key=form.key)
    if reply.data["secret"] is None:
        return visit.go(f"{place.home}/{reply.data['id']}", visit.say("The subscription is made."))
    return secret_page(visit, reply.data)


def secret_page(visit: Visit, one: Mapping[str, Any]) -> Response:
    """The page that shows the secret of a webhook, once."""
    visit.private = True
    visit.path = f"{place_of(visit).home}/{one['id']}"
    return show(visit, "secret", one=one)


def password_page(visit: Visit, credentials: Mapping[str, Any]) -> Response:
    """The page that shows the password of a queue's user, once."""
    visit.private = True
    visit.path = place_of(visit).home
    return show(visit, "password", credentials=credentials)
