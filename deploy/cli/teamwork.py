"""Internal notes, and a part of the work that one demo department does for another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from deploy.cli.client import SignedInAccount
from shared.clock import PAKISTAN, utc_now

ASKING, ASKED = "water", "works"
QUERY = {"service": "water-leak", "state": "in_progress", "limit": "1"}
NOTE = "The shop beside the leak opens at 10. The owner has the key of the inspection chamber."
TASK = "Open the road over the joint at the canal bridge, about two metres, and close it again when our crew is done."
MORE_NOTES = (
    (
        "power",
        "power-outage",
        "The grid station switched this feeder off at noon. Call them before a crew goes.",
    ),
    ("education", "teacher-absent", "اے ایس ڈی ای او سے بات ہو گئی ہے؛ متبادل استاد کا نام پیر تک ملے گا۔"),
)
"""Department, service of the sample request, and text."""


async def ensure_teamwork(officer: Callable[[str], SignedInAccount]) -> None:
    """Let the water department take its leak, note something, and ask for a part, unless it has asked for one."""
    asking, asked = officer(ASKING), officer(ASKED)
    found: list[dict[str, Any]] = (await asking.ask("GET", "/assignments", query=QUERY)).body["assignments"]
    for number in (one["number"] for one in found):
        if (await asking.ask("GET", f"/assignments/{number}/parts")).body["parts"]:
            continue
        await asking.act(number, "claim")
        await asking.act(number, "notes", {"text": NOTE})
        day = (utc_now().astimezone(PAKISTAN) + timedelta(days=5)).date().isoformat()
        [part] = (await asking.act(number, "parts", {"department": ASKED, "task": TASK, "due": day}))["parts"]
        await asked.ask("POST", f"/parts/{number}/{part['id']}/accept", body={})
        await _note_more(officer)


async def _note_more(officer: Callable[[str], SignedInAccount]) -> None:
    """Let officers of other departments note something on the first open request of a service."""
    for department, service, text in MORE_NOTES:
        colleague = officer(department)
        found = (await colleague.ask("GET", "/assignments", query={"service": service, "limit": "1"})).body[
            "assignments"
        ]
        for one in found:
            await colleague.act(one["number"], "notes", {"text": text})
