"""The citizen who is at the counter or on the phone: found or registered before, and shown masked.

Every address names its citizen, so that two windows never mix two people up. What is shown of them is kept in the
session, and sealed in the pages of a filing, which so outlive signing in again.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from starlette.responses import Response

from gateway.web.portal import segment
from gateway.web.visit import Visit

KEPT, CITIZEN = "citizens", "citizen"
"""By which name the session keeps them, and the hidden field of a form that carries one."""
MOST = 3
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class MaskedCitizen:
    """An account as a clerk sees it: name and mobile are masked."""

    id: str
    name: str
    mobile: str
    mobile_proven: bool

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "MaskedCitizen":
        """An account as the service tells of it."""
        return cls(told["id"], told["name"], told["mobile"], told["mobile_proven"])

    @property
    def home(self) -> str:
        """The address of this citizen's pages."""
        return f"/counter/citizens/{self.id}"

    def seal(self, visit: Visit) -> str:
        """As the value of a hidden field."""
        return visit.sealer.seal({**asdict(self), "of": CITIZEN})


def remember(visit: Visit, citizen: MaskedCitizen) -> None:
    """Keep somebody in the session; only the last few are kept."""
    kept: dict[str, Any] = visit.session.steps.setdefault(KEPT, {})
    kept.pop(citizen.id, None)
    kept[citizen.id] = asdict(citizen)
    while len(kept) > MOST:
        kept.pop(next(iter(kept)))


def citizen_of(visit: Visit) -> MaskedCitizen | None:
    """Who the page is about; None where neither session nor form remembers."""
    wanted = segment(visit.args["citizen"])
    kept = visit.session.steps.get(KEPT, {}).get(wanted)
    return MaskedCitizen(**kept) if kept else _carried(visit, wanted)


def _carried(visit: Visit, wanted: str) -> MaskedCitizen | None:
    content = visit.sealer.open(visit.form.value(CITIZEN), KEPT_SECONDS) if visit.form.has(CITIZEN) else None
    if not isinstance(content, dict) or content.pop("of", "") != CITIZEN or content["id"] != wanted:
        return None
    return MaskedCitizen(**content)


def find_again(visit: Visit) -> Response:
    """Nobody remembers who it was: back to the beginning."""
    return visit.go("/counter", visit.say("Find the citizen once more: this page was left too long ago."))
