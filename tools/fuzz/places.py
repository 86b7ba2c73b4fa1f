"""Ids of existing things for parameters of paths and queries: planted ones, and those found in responses.

So calls can follow each other: what one caller files or drafts, all callers then try to read and change.
"""

import json
from collections.abc import Mapping
from typing import Any

from schemathesis import Response

MAX_LEARNED = 5
NAMED = ("number", "registration", "challenge", "change")
"""Fields of responses that have the same name as a parameter of paths."""
MADE = {
    "POST /api/v1/drafts": "draft",
    "POST /api/v1/attachments": "attachment",
    "POST /api/v1/requests/{number}/attachments": "attachment",
}
"""Operations whose response has the `id` for a parameter of that name."""


class Places:
    """Known values of each parameter. `planted` may have `METHOD name` for values used with one method only."""

    def __init__(self, planted: Mapping[str, tuple[str, ...]]) -> None:
        self._planted = planted
        self._learned: dict[str, list[str]] = {}

    def of(self, method: str, name: str) -> tuple[str, ...]:
        """All known values of a parameter."""
        planted = self._planted.get(f"{method} {name}", self._planted.get(name, ()))
        return (*planted, *self._learned.get(name, ()))

    def learn(self, label: str, answer: Response) -> None:
        """Keep ids from a response, a few of each kind."""
        try:
            body: Any = json.loads(answer.content)
        except ValueError:
            return
        if not isinstance(body, dict):
            return
        for name in NAMED:
            self._keep(name, body.get(name))
        if label in MADE:
            self._keep(MADE[label], body.get("id"))
        if label == "GET /api/v1/me/devices":
            for device in body.get("devices", []):
                self._keep("device", device.get("id"))

    def _keep(self, name: str, thing: Any) -> None:
        known = self._learned.setdefault(name, [])
        if isinstance(thing, str) and thing not in known and len(known) < MAX_LEARNED:
            known.append(thing)
