"""An internal note, and a part of the work that one demo department does for another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from deploy.cli.client import SignedInAccount
from shared.clock import PAKISTAN, utc_now

ASKING, ASKED = "water", "works"
QUERY = {"service": "water-leak", "state": "in_progress", "limit": "1"}
NOTE = "The shop beside the leak opens at 10. The owner has the key of the inspection chamber."
TASK = "Open the road over the joint at the canal bridge, about two metres, and close it again when our crew is done."


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
