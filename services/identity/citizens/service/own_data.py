"""The export of everything that identity keeps about a citizen."""

from dataclasses import dataclass

from services.identity.accounts import schemas
from services.identity.accounts.models.access import AccessNote
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.spellings import mask_cnic
from services.identity.accounts.store.accesses import AccessTrailStore
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.accounts.store.sessions import SessionStore
from services.identity.codes.models.new_password import settled_at
from services.identity.sessions.store.devices import DeviceStore
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.paging import cursor_of, read_cursor, time_text
from shared.seal import KeyRing, SealPurpose

ACCESS_PAGE = 1000
ELSEWHERE = ("/api/v1/requests/export", "/api/v1/notifications/export")


@dataclass(frozen=True, slots=True)
class OwnData:
    """Makes the export."""

    citizens: CitizenStore
    sessions: SessionStore
    devices: DeviceStore
    accesses: AccessTrailStore
    keys: KeyRing
    clock: Clock

    async def export(self, citizen_id: str) -> schemas.ExportedAccount:
        """Everything, with sealed values opened. Raises NotFoundError."""
        citizen = await self.citizens.get(citizen_id)
        if citizen is None or citizen.erased_at is not None:
            raise NotFoundError
        sessions = await self.sessions.of_account(citizen_id, self.clock())
        devices = await self.devices.of_account(citizen_id)
        return {
            "exported_at": self.clock(),
            "account": self._account(citizen),
            "codes_sent": [{"at": sent["at"], "delivered_at": sent["delivered_at"]} for sent in citizen.deliveries],
            "sessions": [{"opened_at": s.opened_at, "used_at": s.used_at, "device": s.device} for s in sessions],
            "devices": [{"name": d.name, "made_at": d.made_at, "used_at": d.used_at} for d in devices],
            "accesses": await self._all_accesses(citizen_id),
            "attempts_to_register_again": citizen.repeats,
            "elsewhere": list(ELSEWHERE),
        }

    async def _all_accesses(self, citizen_id: str) -> list[schemas.Look]:
        """The citizen's whole access trail, newest first."""
        page = await access_page(self.accesses, citizen_id, None, ACCESS_PAGE)
        accesses = list(page["accesses"])
        while page["next"] is not None:
            page = await access_page(self.accesses, citizen_id, page["next"], ACCESS_PAGE)
            accesses += page["accesses"]
        return accesses

    def _account(self, citizen: Citizen) -> schemas.Account:
        masked_until = settled_at(citizen, self.clock())

        def opened(name: str) -> str:
            return self.keys.unseal(getattr(citizen, name), SealPurpose(f"citizen.{name}"), owner=citizen.id)

        return {
            "id": citizen.id,
            "name": opened("name"),
            "cnic": opened("cnic") if masked_until is None else mask_cnic(opened("cnic")),
            "cnic_masked_until": masked_until,
            "mobile": opened("mobile"),
            "mobile_proven": citizen.mobile_proven,
            "email": opened("email"),
            "address": opened("address"),
            "language": citizen.language,
            "registered_at": citizen.registered_at,
            "verified_at": citizen.verified_at,
            "identity": citizen.identity,
            "mobile_change_can_be_undone_until": max((undo["until"] for undo in citizen.mobile_undos), default=None),
        }


async def access_page(trail: AccessTrailStore, citizen_id: str, cursor: str | None, limit: int) -> schemas.Looks:
    """A page of a citizen's trail, newest first. Raises CursorInvalidError."""
    found = await trail.of_citizen(citizen_id, before=read_cursor(cursor), limit=limit + 1)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return {
        "accesses": [_summary(note) for note in page],
        "next": cursor_of(last.at, last.id) if last is not None and last.at is not None else None,
    }


def _summary(note: AccessNote) -> schemas.Look:
    """An access as its citizen sees it."""
    return {
        "at": time_text(note.at),
        "what": note.what,
        "request": note.request,
        "role": note.role,
        "department": note.department,
        "listed": note.listed,
    }
