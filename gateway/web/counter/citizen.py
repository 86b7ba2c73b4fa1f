"""The citizen at the counter or on the phone: found or registered before, shown with masked name and mobile.

Every address contains the citizen's id, so that two windows never mix up two citizens. The citizen is kept in the
session, and sealed in the pages of a filing, so that it survives signing in again.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from starlette.responses import Response

from gateway.web.counter.room import room
from gateway.web.naming import names_of
from gateway.web.portal import segment
from gateway.web.visit import Visit

KEPT, CITIZEN = "citizens", "citizen"
"""The step of the session that keeps citizens, and the hidden field with one."""
MAX_KEPT = 3
KEPT_SECONDS = 24 * 3600
MAX_WORDS = 200


@dataclass(frozen=True, slots=True)
class MaskedCitizen:
    """An account as a clerk sees it: name and mobile are masked."""

    id: str
    name: str
    mobile: str
    mobile_proven: bool

    @classmethod
    def of(cls, account: Mapping[str, Any]) -> "MaskedCitizen":
        """An account as the API shows it."""
        return cls(account["id"], account["name"], account["mobile"], account["mobile_proven"])

    @property
    def home(self) -> str:
        """The address of this citizen's pages."""
        return f"/counter/citizens/{self.id}"

    def seal(self, visit: Visit) -> str:
        """The value of a hidden field."""
        return visit.sealer.seal({**asdict(self), "of": CITIZEN})


def remember(visit: Visit, citizen: MaskedCitizen) -> None:
    """Keep a citizen in the session; only the last few are kept."""
    kept: dict[str, Any] = visit.session.steps.setdefault(KEPT, {})
    kept.pop(citizen.id, None)
    kept[citizen.id] = asdict(citizen)
    while len(kept) > MAX_KEPT:
        kept.pop(next(iter(kept)))


def citizen_of(visit: Visit) -> MaskedCitizen | None:
    """The citizen in the address; None if neither the session nor the form has them."""
    citizen = segment(visit.args["citizen"])
    kept = visit.session.steps.get(KEPT, {}).get(citizen)
    return MaskedCitizen(**kept) if kept else _sealed(visit, citizen)


def _sealed(visit: Visit, citizen: str) -> MaskedCitizen | None:
    content = visit.sealer.open(visit.form.value(CITIZEN), KEPT_SECONDS) if visit.form.has(CITIZEN) else None
    if not isinstance(content, dict) or content.pop("of", "") != CITIZEN or content["id"] != citizen:
        return None
    return MaskedCitizen(**content)


def find_again(visit: Visit) -> Response:
    """Go back to the beginning, because the citizen is not kept any more."""
    return visit.go("/counter", visit.say("Find the citizen once more: this page was left too long ago."))


@room.get("/counter/citizens/{citizen}")
async def choose_service(visit: Visit) -> Response:
    """All services, or those that match the typed words. Raises RefusedError."""
    citizen = citizen_of(visit)
    if citizen is None:
        return find_again(visit)
    q = visit.query("q")[:MAX_WORDS]
    found = (await visit.portal.read("/api/v1/catalogue", {"q": q}))["services"]
    if not q:  # sorted into a new list, because the cached response is shared
        found = sorted(found, key=lambda service: visit.words.localised(service["name"]))
    return visit.page("counter/services.html", citizen=citizen, q=q, found=found, names=await names_of(visit))
