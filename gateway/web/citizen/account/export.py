"""Everything that the portal stores about the citizen, as one file."""

import json
from datetime import datetime
from typing import Any

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.visit import Visit
from shared.clock import PAKISTAN

room.template("/my/export", "citizen/account/export.html")


@room.get("/my/export/file")
async def download(visit: Visit) -> Response:
    """The file: account, requests and messages."""
    account = await visit.portal.read("/api/v1/me/export")
    content = {
        **{name: value for name, value in account.items() if name != "elsewhere"},
        **await _pages(visit, "/api/v1/requests/export", "requests"),
        **await _pages(visit, "/api/v1/notifications/export", "notifications"),
    }
    name = f"rabta-{datetime.now(PAKISTAN):%Y-%m-%d}.json"
    return Response(
        json.dumps(content, ensure_ascii=False, indent=2),
        media_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _pages(visit: Visit, path: str, name: str) -> dict[str, Any]:
    """All pages of an export as one: the first page with the lists `name` of all pages."""
    first = await visit.portal.read(path)
    cursor = first.pop("next", None)
    while cursor:
        more = await visit.portal.read(path, {"cursor": cursor})
        first[name] += more[name]
        cursor = more.get("next")
    return first
