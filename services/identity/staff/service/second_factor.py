"""Second factors of staff: enrolling, checking and removing them, and recovery codes."""

import base64
from dataclasses import dataclass, replace

from pydantic import BaseModel, Field

from services.identity.accounts.models.audit import What
from services.identity.accounts.models.staff import StaffMember
from services.identity.accounts.models.totp import (
    RECOVERY_CODES,
    SecondFactor,
    accepted_step,
    new_recovery_code,
    new_secret,
    read_recovery_code,
    uri_of,
    written,
)
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.codes.service.limits import TOTP_TRIES, claim_try
from services.identity.staff.service.members import Members, Step
from shared.clock import Clock
from shared.errors import ConflictError, InvalidError
from shared.rights import Role
from shared.seal import BlindPurpose, KeyRing, SealPurpose


class TotpFailedError(InvalidError, code="totp-failed"):
    """The code is wrong, already used, or not expected: the answer is the same."""


class EnrolmentAnswer(BaseModel):
    """The secret for the authenticator app: type it in, or scan `uri` as a QR code."""

    secret: str = Field(repr=False)
    uri: str = Field(repr=False)


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """The use cases. Every attempt is counted before it is checked: five in 15 minutes."""

    members: Members
    throttles: ThrottleStore
    keys: KeyRing
    clock: Clock

    async def enrol(self, member_id: str) -> EnrolmentAnswer:
        """A new secret in place of an unconfirmed one. Raises ConflictError if a second factor is in use."""
        secret = new_secret()
        sealed = self.keys.seal(written(secret), SealPurpose.STAFF_TOTP, owner=member_id)

        def enrolled(member: StaffMember) -> StaffMember:
            if member.totp is not None and member.totp.confirmed_at is not None:
                raise ConflictError("totp-there")
            return replace(member, totp=SecondFactor(sealed))

        member = await self.members.change(member_id, enrolled)
        return EnrolmentAnswer(secret=written(secret), uri=uri_of(secret, member.login))

    async def confirm(self, member_id: str, code: str) -> list[str]:
        """Put the enrolled secret in use; returns the recovery codes, shown only once. All sessions end.

        Raises TotpFailedError, TooManyRequestsError, ConflictError.
        """
        await claim_try(self.throttles, f"totp:{member_id}", TOTP_TRIES, self.clock(), "codes-locked")
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = tuple(self._recovery_hash(member_id, recovery) for recovery in codes)

        def confirmed(member: StaffMember) -> StaffMember:
            if member.totp is None or member.totp.confirmed_at is not None:
                raise ConflictError("totp-there" if member.totp else "totp-not-enrolled")
            now = self.clock()
            factor = replace(self._stepped(member.id, member.totp, code), recovery=hashes, confirmed_at=now)
            return member.changed(What.TOTP_ENROLLED, member.id, now, ends_sessions=True, totp=factor)

        await self.members.change(member_id, confirmed)
        await self.throttles.clear(f"totp:{member_id}")
        return codes

    async def check(self, member_id: str, *, code: str | None = None, recovery_code: str | None = None) -> None:
        """Accept a code, or a recovery code, once. Raises TotpFailedError, TooManyRequestsError."""
        await self._use(member_id, code, recovery_code, lambda member: member)

    async def remove(self, member_id: str, *, code: str | None = None, recovery_code: str | None = None) -> None:
        """Remove the second factor, with one of its codes. All sessions end."""

        def removed(member: StaffMember) -> StaffMember:
            return member.changed(What.TOTP_REMOVED, member.id, self.clock(), ends_sessions=True, totp=None)

        await self._use(member_id, code, recovery_code, removed)

    async def reset(self, member_id: str, *, by: str, even_administrators: bool = False) -> None:
        """Remove the second factor of a member who lost the phone; all sessions end. Raises ConflictError."""

        def reset(member: StaffMember) -> StaffMember:
            if member.id == by:
                raise ConflictError("own-account")
            if member.role is Role.ADMIN and not even_administrators:
                raise ConflictError("operator-needed")
            return member.changed(What.TOTP_RESET, by, self.clock(), ends_sessions=True, totp=None)

        await self.members.change(member_id, reset)
        await self.throttles.clear(f"totp:{member_id}")

    async def _use(self, member_id: str, code: str | None, recovery_code: str | None, then: Step) -> None:
        await claim_try(self.throttles, f"totp:{member_id}", TOTP_TRIES, self.clock(), "codes-locked")

        def used(member: StaffMember) -> StaffMember:
            if member.totp is None or member.totp.confirmed_at is None:
                raise TotpFailedError
            if code is not None:
                return then(replace(member, totp=self._stepped(member.id, member.totp, code)))
            return then(self._recovered(member, member.totp, recovery_code or ""))

        await self.members.change(member_id, used)
        await self.throttles.clear(f"totp:{member_id}")

    def _stepped(self, member_id: str, factor: SecondFactor, code: str) -> SecondFactor:
        """The factor after accepting this code. The write is guarded by the revision, so a code is accepted once."""
        secret = base64.b32decode(self.keys.unseal(factor.secret, SealPurpose.STAFF_TOTP, owner=member_id))
        step = accepted_step(secret, code, self.clock(), factor.last_step)
        if step is None:
            raise TotpFailedError
        return replace(factor, last_step=step)

    def _recovered(self, member: StaffMember, factor: SecondFactor, recovery_code: str) -> StaffMember:
        hashed = self._recovery_hash(member.id, read_recovery_code(recovery_code) or "")
        if hashed not in factor.recovery:
            raise TotpFailedError
        left = tuple(other for other in factor.recovery if other != hashed)
        after = replace(factor, recovery=left)
        return member.changed(What.RECOVERY_USED, member.id, self.clock(), ends_sessions=False, totp=after)

    def _recovery_hash(self, member_id: str, code: str) -> str:
        return self.keys.blind(f"{member_id}\0{code}", BlindPurpose.STAFF_RECOVERY_CODE)
