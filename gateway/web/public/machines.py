"""Addresses that browsers and robots request by themselves."""

import json

from starlette.responses import PlainTextResponse, Response

from gateway.web.assets import FOLDER, Asset
from gateway.web.public.room import room
from gateway.web.rendering import DIRECTION
from gateway.web.visit import Visit

ICON = Asset.of(FOLDER / "icon.svg").address
CACHED = {"Cache-Control": "public, max-age=86400"}
NOT_FOR_ROBOTS = (
    "/api/", "/dev/", "/my", "/apply", "/anonymous", "/track/", "/desk", "/counter", "/admin", "/staff", "/sign-in",
    "/register", "/reset", "/undo",
)  # fmt: skip
"""Addresses with personal data, or without anything to search for."""


@room.get("/robots.txt")
async def robots(visit: Visit) -> Response:
    """What robots may read: services and help, in both languages."""
    lines = [f"Disallow: {prefix}{path}" for prefix in ("", "/ur") for path in NOT_FOR_ROBOTS]
    return PlainTextResponse("\n".join(("User-agent: *", *lines, "")), headers=CACHED)


@room.get("/manifest.webmanifest")
async def manifest(visit: Visit) -> Response:
    """The web app manifest, with which a phone adds the portal to its home screen."""
    content = {
        "name": visit.say("Rabta"),
        "short_name": visit.say("Rabta"),
        "description": visit.say("One place for your requests to government"),
        "lang": visit.language,
        "dir": DIRECTION[visit.language],
        "id": visit.url("/"),
        "start_url": visit.url("/"),
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#f7f8f5",
        "theme_color": "#0b4332",
        "icons": [{"src": ICON, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return Response(json.dumps(content, ensure_ascii=False), media_type="application/manifest+json", headers=CACHED)


@room.get("/favicon.ico")
async def favicon(visit: Visit) -> Response:
    """The icon, for browsers that request it at the old address."""
    return Response(status_code=302, headers={"Location": ICON, **CACHED})
