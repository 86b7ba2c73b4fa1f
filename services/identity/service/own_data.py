"""Everything that identity keeps of a citizen, for its owner, in the clear."""

from typing import Any

from services.identity.models.citizen import Citizen
from services.identity.service.accesses import Accesses
from services.identity.service.ports import Citizens
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.seal import KeyRing

SEALED = ("name", "cnic", "mobile", "email", "address")
MOST_ACCESSES = 1000
ELSEWHERE = ("/api/v1/requests/export", "/api/v1/notifications/export")


class OwnData:
    """The export."""

    def __init__(self, citizens: Citizens, accesses: Accesses, keys: KeyRing, clock: Clock) -> None:
        self._citizens = citizens
        self._accesses = accesses
        self._keys = keys
        self._clock = clock

    async def export(self, citizen_id: str) -> dict[str, Any]:
        """All of it, sealed values opened. Raises NotFoundError."""
        citizen = await self._citizens.get(citizen_id)
        if citizen is None or citizen.erased_at is not None:
            raise NotFoundError
        return {
            "exported_at": self._clock(),
            "account": self._account(citizen),
            "codes_sent": [{"at": sent["at"], "delivered_at": sent["delivered_at"]} for sent in citizen.deliveries],
            "accesses": (await self._accesses.own(citizen_id, None, MOST_ACCESSES))["accesses"],
            "attempts_to_register_again": citizen.repeats,
            "elsewhere": list(ELSEWHERE),
        }

    def _account(self, citizen: Citizen) -> dict[str, Any]:
        opened = {name: self._keys.unseal(getattr(citizen, name), f"citizen.{name}") for name in SEALED}
        return {
            "id": citizen.id,
            **opened,
            "language": citizen.language,
            "registered_at": citizen.registered_at,
            "verified_at": citizen.verified_at,
            "identity": citizen.identity,
            "mobile_change_can_be_undone_until": max((undo["until"] for undo in citizen.mobile_undos), default=None),
        }
