"""What one is sent, by which channel, and when."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.account.data import own_data
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.refusals import refuse
from gateway.web.visit import Visit

PATH = "/my/messages/settings"
API = "/api/v1/notifications/preferences"
FORM = "citizen/account/preferences.html"
GROUPS = ("decisions", "progress", "following")
DIGESTS = ("08:00", "12:00", "16:00", "18:00", "20:00")
"""Hours at which a digest is offered; one that was chosen by the API is offered too."""
HOURS = tuple(f"{hour:02}:00" for hour in range(24))
POINTERS = {"/quiet_hours": "quiet_hours.end"}


@room.get(PATH)
async def show(visit: Visit) -> Response:
    """The form, with what was chosen."""
    chosen: Mapping[str, Any] = (await visit.portal.get(API)).data
    quiet = chosen["quiet_hours"] or {}
    visit.form.begin(
        {
            **{f"channels.{group}": chosen["channels"][group] for group in GROUPS},
            "quiet_hours.start": quiet.get("start"),
            "quiet_hours.end": quiet.get("end"),
            "digest_at": chosen["digest_at"],
        }
    )
    return await _form(visit)


@room.post(PATH)
async def choose(visit: Visit) -> Response:
    """Keep what was chosen."""
    form = visit.form
    start, end = form.value("quiet_hours.start"), form.value("quiet_hours.end")
    if bool(start) != bool(end):
        missing = "quiet_hours.start" if end else "quiet_hours.end"
        form.wrong(missing, visit.say("Choose both times, or neither."))
        return await _form(visit)
    body = {
        "channels": {group: form.value(f"channels.{group}") for group in GROUPS if form.value(f"channels.{group}")},
        "quiet_hours": {"start": start, "end": end} if start else None,
        "digest_at": form.value("digest_at") or None,
    }
    try:
        await visit.portal.call("PUT", API, body=body)
    except RefusedError as refused:
        refuse(visit, refused, POINTERS)
        return await _form(visit, refused.status)
    return visit.go(PATH, visit.say("Saved. From now on we write to you like this."))


async def _form(visit: Visit, status: int = 200) -> Response:
    """The form. Raises RefusedError."""
    value = visit.form.value
    return visit.page(
        FORM,
        status,
        own=await own_data(visit),
        starts=_with(HOURS, value("quiet_hours.start")),
        ends=_with(HOURS, value("quiet_hours.end")),
        digests=_with(DIGESTS, value("digest_at")),
    )


def _with(hours: tuple[str, ...], chosen: str) -> list[str]:
    """The hours that are offered, and the one that is chosen."""
    return sorted({*hours, chosen} - {""})
