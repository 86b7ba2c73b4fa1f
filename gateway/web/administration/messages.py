"""The messages that Rabta sends: every text in both languages, with its length, and a test message."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.portal import first_with
from gateway.web.visit import Visit

API = "/api/v1/admin/messages"
LIST, ONE = "administration/messages.html", "administration/messages-one.html"
LANGUAGES = ("en", "ur")
SAMPLES = ("usual", "longest")


@room.get("/admin/messages")
async def show(visit: Visit) -> Response:
    """Every message by its group. Raises RefusedError."""
    found = (await visit.portal.read(API))["messages"]
    groups: dict[str, list[dict[str, Any]]] = {}
    for message in found:
        groups.setdefault(message["group"], []).append(message)
    return visit.page(LIST, groups=groups)


@room.get("/admin/messages/{template}")
async def show_one(visit: Visit) -> Response:
    """The texts of a message for each channel, in both languages. Raises RefusedError."""
    visit.form.prefill({"language": visit.language})
    message, sample = await message_of(visit), visit.query("sample")
    sample = sample if sample in SAMPLES else SAMPLES[0]
    ways = [(channel, language) for channel in message["channels"] for language in LANGUAGES]
    previews = await asyncio.gather(*(preview(visit, message["template"], *way, sample) for way in ways))
    looks = {channel: [one for one in previews if one["channel"] == channel] for channel in message["channels"]}
    return visit.page(ONE, message=message, looks=looks, sample=sample)


@room.post("/admin/messages/{template}", again=show_one)
async def send_test(visit: Visit) -> Response:
    """Send the message to an address. Raises RefusedError."""
    visit.form.require(to=visit.say("Write a mobile number or an email address."))
    name = (await message_of(visit))["template"]
    body = {"to": visit.form.value("to"), "language": visit.form.value("language")}
    sent = (await visit.portal.post(f"{API}/{name}/test", body)).data
    if sent["state"] == "permanent-failure":
        visit.form.fail(
            "to", visit.say("The provider answers that this message cannot arrive there. Check the address.")
        )
    if sent["state"] not in ("sending", "delivered"):
        visit.form.fail(
            "to", visit.say("No provider took it. Ask the operator to run: rabta message test. It says what to set.")
        )
    return visit.go(f"/admin/messages/{name}", visit.say("A provider has taken it. It should arrive in a minute."))


async def message_of(visit: Visit) -> Mapping[str, Any]:
    """The message in the address. Raises RefusedError, NotFoundError."""
    return first_with((await visit.portal.read(API))["messages"], "template", visit.args["template"])


async def preview(visit: Visit, name: str, channel: str, language: str, sample: str) -> dict[str, Any]:
    """The text of a message. Raises RefusedError."""
    body = {"channel": channel, "language": language, "sample": sample}
    found: dict[str, Any] = (await visit.portal.post(f"{API}/{name}/preview", body)).data
    return found
