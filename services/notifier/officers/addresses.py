"""Addresses of members of staff, which must be proven by a code, and how often they want messages."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog

from services.notifier import schemas
from services.notifier.models.contact import SEALED_AS, Reach
from services.notifier.models.message import EMAIL, Hour, MessageSpec, Sealed, Values
from services.notifier.models.officer import Frequency, Kind, StaffContact
from services.notifier.officers.messages import WorkMessageWriter
from services.notifier.officers.work_items import WorkItems
from services.notifier.store.notifications import NotificationStore
from services.notifier.store.officers import StaffContactStore
from shared.auth import Principal
from shared.changing import change_loaded
from shared.clock import Clock, written
from shared.errors import InvalidError, TooManyRequestsError
from shared.seal import BlindPurpose, KeyRing, SealPurpose

CODE = SealPurpose.CITIZEN_CODE
"""The kind of seal of a code in a message."""
T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StaffAddresses:
    """The use cases of a member's own messages about work."""

    contacts: StaffContactStore
    notifications: NotificationStore
    items: WorkItems
    messages: WorkMessageWriter
    keys: KeyRing
    clock: Clock

    async def own(self, principal: Principal) -> StaffContact:
        """The stored contact of a member; before there is one, the data of the token."""
        found = await self.contacts.get(principal.id)
        return found or StaffContact(id=principal.id, role=principal.role.value, department=principal.department)

    def address(self, member: StaffContact, channel: str) -> str | None:
        """The proven address on a channel, in the clear."""
        sealed = member.email if channel == EMAIL else member.mobile
        return self._open(member, channel, sealed) if sealed else None

    def waiting(self, member: StaffContact) -> schemas.WaitingAddress | None:
        """The address that waits for its code."""
        proof = member.waits_for(self.clock())
        if proof is None:
            return None
        address = self._open(member, proof["channel"], proof["address"])
        return {"channel": proof["channel"], "address": address, "until": written(proof["until"])}

    async def choose(self, principal: Principal, often: Mapping[Kind, Frequency], language: str) -> StaffContact:
        """Store how often the member wants messages of each kind. Raises ContendedError."""

        def choosing(member: StaffContact) -> None:
            member.often = {kind.value: chosen.value for kind, chosen in often.items()}
            member.language = language

        return (await self._change(principal, choosing))[0]

    async def ask(self, principal: Principal, channel: str, address: str) -> StaffContact:
        """Send a code to the address. Raises TooManyRequestsError, ContendedError."""
        now, code = self.clock(), f"{secrets.randbelow(10**6):06}"

        def asked(member: StaffContact) -> None:
            if (wait := member.next_code(now)) is not None:
                seconds = max(1, round((wait - now).total_seconds()))
                raise TooManyRequestsError(
                    "too-many-work-codes", headers={"Retry-After": str(seconds)}, seconds=seconds
                )
            sealed = self.keys.seal(address, SEALED_AS[channel], owner=member.owner)
            member.ask(channel, sealed, self._hash(member, code), now)

        member, _ = await self._change(principal, asked)
        await self._send(member, code, now)
        log.info("work.code_sent", account=member.id, channel=channel)
        return member

    async def prove(self, principal: Principal, code: str) -> StaffContact:
        """Accept the address that waits for this code. Raises InvalidError, ContendedError."""
        member, right = await self._change(principal, lambda one: one.prove(self._hash(one, code), self.clock()))
        if not right:
            raise InvalidError("otp-failed")
        self.items.changed()
        return member

    async def forget(self, principal: Principal, channel: str) -> StaffContact:
        """Remove the address of a channel. Raises ContendedError."""
        return (await self._change(principal, lambda member: member.forget(channel)))[0]

    async def _send(self, member: StaffContact, code: str, now: datetime) -> None:
        proof = member.proof
        assert proof is not None
        channel, address = proof["channel"], proof["address"]
        sealed = self.keys.seal(code, CODE, owner=member.owner)
        values: Values = {"code": Sealed(sealed, CODE, member.owner, free=False), "time": Hour(proof["until"])}
        message = MessageSpec(member.owner, "work.code", values, proof["until"])
        reach = Reach(member.language, address if channel != EMAIL else "", address if channel == EMAIL else "")
        key = f"code-{secrets.token_hex(8)}"
        await self.notifications.insert_new([self.messages.write(member, key, channel, message, reach, now)])

    async def _change(self, principal: Principal, change: Callable[[StaffContact], T]) -> tuple[StaffContact, T]:
        """Change and save a member; returns the member and the result of the change."""
        results: list[T] = []
        await change_loaded(self.contacts, lambda: self.own(principal), lambda member: results.append(change(member)))
        return await self.own(principal), results[-1]

    def _hash(self, member: StaffContact, code: str) -> str:
        return self.keys.blind(f"{member.id} {code}", BlindPurpose.STAFF_EMAIL_CODE)

    def _open(self, member: StaffContact, channel: str, sealed: str) -> str:
        return self.keys.unseal(sealed, SEALED_AS[channel], owner=member.owner)
