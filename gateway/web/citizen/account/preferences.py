"""Which messages the citizen receives, by which channel, and when."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.visit import Visit

PATH = "/my/messages/settings"
API = "/api/v1/notifications/preferences"
FORM = "citizen/account/preferences.html"
GROUPS = ("decisions", "progress", "following")
DIGESTS = ("08:00", "12:00", "16:00", "18:00", "20:00")
"""Hours offered for the digest, besides an hour that was chosen through the API."""
HOURS = tuple(f"{hour:02}:00" for hour in range(24))
POINTERS = {"/quiet_hours": "quiet_hours.end"}


@room.get(PATH)
async def show(visit: Visit) -> Response:
    """The form, with the present preferences."""
    chosen = await visit.portal.read(API)
    quiet = chosen["quiet_hours"] or {}
    visit.form.prefill(
        {
            **{f"channels.{group}": chosen["channels"][group] for group in GROUPS},
            "quiet_hours.start": quiet.get("start"),
            "quiet_hours.end": quiet.get("end"),
            "digest_at": chosen["digest_at"],
        }
    )
    value = visit.form.value
    return visit.page(
        FORM,
        own=await visit.portal.read("/api/v1/me"),
        starts=_with(HOURS, value("quiet_hours.start")),
        ends=_with(HOURS, value("quiet_hours.end")),
        digests=_with(DIGESTS, value("digest_at")),
    )


@room.post(PATH, again=show, names=POINTERS)
async def choose(visit: Visit) -> Response:
    """Save the preferences."""
    form = visit.form
    start, end = form.value("quiet_hours.start"), form.value("quiet_hours.end")
    if bool(start) != bool(end):
        missing = "quiet_hours.start" if end else "quiet_hours.end"
        form.fail(missing, visit.say("Choose both times, or neither."))
    body = {
        "channels": {group: form.value(f"channels.{group}") for group in GROUPS if form.value(f"channels.{group}")},
        "quiet_hours": {"start": start, "end": end} if start else None,
        "digest_at": form.value("digest_at") or None,
    }
    await visit.portal.call("PUT", API, body=body)
    return visit.go(PATH, visit.say("Saved. From now on we write to you like this."))


def _with(hours: tuple[str, ...], chosen: str) -> list[str]:
    """The hours that are offered, and the chosen one."""
    return sorted({*hours, chosen} - {""})
