"""Things that are there, for the places in paths and queries: planted ones, and those that answers tell of.

So a call can follow another one: what somebody files, drafts or begins is read and acted on by everybody afterwards.
"""

import json
from collections.abc import Mapping
from typing import Any

from schemathesis import Response

MAX_LEARNED = 5
NAMED = ("number", "registration", "challenge", "change")
"""Members of answers that are called as their place in paths."""
MADE = {
    "POST /api/v1/drafts": "draft",
    "POST /api/v1/attachments": "attachment",
    "POST /api/v1/requests/{number}/attachments": "attachment",
}
"""Operations whose answer's `id` goes into a place of that name."""


class Places:
    """What can stand in each place. `planted` may say `METHOD name` for one that only this method is tried on."""

    def __init__(self, planted: Mapping[str, tuple[str, ...]]) -> None:
        self._planted = planted
        self._learned: dict[str, list[str]] = {}

    def of(self, method: str, name: str) -> tuple[str, ...]:
        """Everything that can stand there."""
        planted = self._planted.get(f"{method} {name}", self._planted.get(name, ()))
        return (*planted, *self._learned.get(name, ()))

    def learn(self, label: str, answer: Response) -> None:
        """Keep what an answer tells of, a few of each kind."""
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
