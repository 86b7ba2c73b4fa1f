"""One-time codes for every purpose: request one, send it again, read its state, answer with it."""

import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from services.identity.accounts.models.challenge import (
    ANY_WAY,
    BY_EMAIL,
    BY_SMS,
    Challenge,
    Purpose,
    Send,
    Ways,
    seconds_until,
)
from services.identity.accounts.models.citizen import Citizen, NewCode, SealedPerson
from services.identity.accounts.models.proof import is_silent, registration_anew
from services.identity.accounts.service.changing import change_citizen
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.codes.service.delivery import SentAnswer, sends_of
from services.identity.codes.service.limits import CodeLimits, too_early
from services.identity.codes.store.challenges import ChallengeStore
from shared.changing import change_loaded
from shared.clock import Clock
from shared.errors import InvalidError, NotFoundError
from shared.events import Channel
from shared.seal import BlindPurpose, KeyRing, SealPurpose

CODES = 1_000_000
NO_CODE = ""
"""The hash of a code that was not sent; no code has this hash."""

log = structlog.get_logger(__name__)


class CodeFailedError(InvalidError, code="otp-failed"):
    """The code is wrong, expired, used, tried too often or was never requested: the answer is the same."""


@dataclass(frozen=True)
class CodeRequest:
    """A request for a code, with or without an account: see `Challenge`. `address` is the client's.

    `ways` are the channels that the answer may name: both, unless the caller has shown to know the account.
    """

    purpose: Purpose
    subject: str
    number: str
    address: str
    ways: Ways = ANY_WAY


@dataclass(frozen=True)
class Pending:
    """A challenge that waits for its code. The code was sent by `sent_by`; the next one may go to `channels`.

    `resend_after` and `sms_after` are seconds; `sms_after` is set if the number has reached its daily limit.
    """

    id: str
    resend_after: int
    channels: tuple[Channel, ...] = ("sms",)
    sent_by: Channel = "sms"
    sms_after: int | None = None
    sends: tuple[SentAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of citizens. A challenge is an opaque id; the code is its answer.

    Every step takes the same time, and counts the same, whether or not there is an account.
    """

    citizens: CitizenStore
    challenges: ChallengeStore
    limits: CodeLimits
    keys: KeyRing
    clock: Clock

    async def open(self, request: CodeRequest, challenge_id: str) -> Pending:
        """Count the first code of a challenge and store it; an open challenge with this id is returned unchanged.

        Raises TooManyRequestsError when the number or the address has had too many, or the purpose is locked.
        """
        now = self.clock()
        known = await self.challenges.get(challenge_id, request.purpose)
        if known is not None and known.expires_at() > now:
            return await self._pending(known, now)
        await self.limits.require_unlocked(request.purpose, request.subject, now)
        no_sms = await self.limits.count_send(request.number, request.address, now)
        by_sms = "sms" in request.ways and no_sms is None
        if not by_sms and "email" not in request.ways:
            await self.limits.uncount_send(request.number, request.address, now, by_sms=False)
            raise too_early(seconds_until(no_sms, now), "codes-of-a-day")
        send = Send(now, "sms" if by_sms else "email")
        fresh = Challenge(challenge_id, request.purpose, request.subject, request.number, (send,), ways=request.ways)
        if not (await self.challenges.replace(known, fresh) if known else await self.challenges.open(fresh)):
            existing = await self.challenges.get(challenge_id, request.purpose)
            return await self._pending(existing or fresh, now)
        return await self._pending(fresh, now)

    async def start(self, request: CodeRequest, citizen: Citizen | None, to: str | None = None) -> Pending:
        """Open a challenge, and send its code if there is an account. Raises what `open` raises."""
        pending = await self.open(request, secrets.token_hex(20))
        if citizen is None:
            await self.challenges.touch(pending.id)
        else:
            await self._change(citizen.id, lambda known: self.issue(known, request.purpose, pending, to=to))
        return pending

    def issue(self, citizen: Citizen, purpose: Purpose, pending: Pending, to: str | None = None) -> None:
        """Send the first code of a challenge with the citizen's next write; nothing if no channel is available."""
        channel = self._way(citizen, purpose, pending.sent_by, to)
        self._issue(citizen, channel, NewCode(purpose, pending.id, NO_CODE, "", pending.sent_by, to))

    def issue_anew(self, citizen: Citizen, pending: Pending, person: SealedPerson, password: str) -> None:
        """Send a code that lets a registration take over the account: only to the mobile that it is to prove."""
        if pending.sent_by == "sms":
            anew = registration_anew(person, password)
            self._issue(citizen, "sms", NewCode("register", pending.id, NO_CODE, "", "sms", person.mobile, anew))

    def ways_of(self, citizen: Citizen) -> Ways:
        """The channels by which codes reach an account."""
        if citizen.mobile_unproven is not None:
            return BY_EMAIL
        return ANY_WAY if self._has_email(citizen) else BY_SMS

    def _way(self, citizen: Citizen, purpose: Purpose, wanted: Channel, to: str | None) -> Channel | None:
        """The channel by which the code is really sent, whatever the answer names; None if there is none.

        A registration whose mobile another account holds gets its code by email only when that is asked for, like
        every registration: to send it at once would reveal that the mobile has an account.
        """
        if wanted == "sms" and to is None and not self._may_have_sms(citizen, purpose):
            if citizen.verified_at is None:
                return None
            wanted = "email"
        return None if wanted == "email" and not self._has_email(citizen) else wanted

    def _may_have_sms(self, citizen: Citizen, purpose: Purpose) -> bool:
        """Whether SMS may go to the mobile: to an unproven one only at a counter; for a reset not to a silent one."""
        if citizen.mobile_unproven is not None:
            return citizen.verified_at is None and not citizen.password
        return purpose != "reset" or not is_silent(citizen, self.clock())

    def _issue(self, citizen: Citizen, channel: Channel | None, new: NewCode) -> None:
        """Send a code by this channel; without one only note that it was asked for."""
        if channel is None:
            citizen.await_code(new, self.clock())
            return
        code = f"{secrets.randbelow(CODES):06}"
        code_hash = self._hash(citizen, new.purpose, new.challenge, code)
        sealed = self.keys.seal(code, SealPurpose.CITIZEN_CODE, owner=citizen.id)
        citizen.issue_code(replace(new, hash=code_hash, sealed=sealed, channel=channel), self.clock())

    async def resend(
        self, purpose: Purpose, challenge_id: str, address: str, channel: Channel = "sms", *, of: str | None = None
    ) -> Pending:
        """Send a new code for a challenge (with `of` only of that account); the older code becomes invalid.

        Raises CodeFailedError when there is no such challenge, TooManyRequestsError when it is too early,
        InvalidError when the channel is not open yet.
        """
        now = self.clock()
        old = await self._challenge(purpose, challenge_id, of)
        if old is None:
            raise CodeFailedError
        pending = await self._pending(old, now)
        if channel not in old.ways or (channel == "email" and channel not in pending.channels):
            raise InvalidError("otp-channel")
        await self.limits.require_unlocked(purpose, old.subject, now)
        if channel not in pending.channels:
            raise too_early(pending.sms_after or 0, "sms-used-up")
        if pending.resend_after:
            raise too_early(pending.resend_after, "code-too-soon")
        no_sms = await self.limits.count_send(old.number, address, now)
        new = replace(old, sends=(*old.sends, Send(now, channel)), tries=0)
        overtaken = channel == "sms" and no_sms is not None  # by another challenge of this number
        if overtaken or not await self.challenges.replace(old, new):
            await self.limits.uncount_send(old.number, address, now, by_sms=no_sms is None)
            wait, reason = (no_sms, "codes-of-a-day") if overtaken else (new.next_send(), "code-too-soon")
            raise too_early(seconds_until(wait, now), reason)
        citizen = await self.citizens.by_challenge(challenge_id)
        if citizen is None:
            await self.challenges.touch(challenge_id)
        else:
            await self._change(
                citizen.id, lambda known: self._issue_again(known, purpose, new, sms_left=no_sms is None)
            )
        return await self._pending(new, now)

    async def state(self, purpose: Purpose, challenge_id: str, *, of: str | None = None) -> Pending:
        """The state of a challenge's codes; with `of` only of that account's challenges. Raises NotFoundError."""
        known = await self._challenge(purpose, challenge_id, of)
        if known is None:
            raise NotFoundError
        citizen = await self.citizens.by_delivery(challenge_id) if purpose == "login" else None
        return replace(await self._pending(known, self.clock()), sends=sends_of(known, citizen))

    async def answer(
        self,
        purpose: Purpose,
        challenge_id: str,
        code: str,
        then: Callable[[Citizen, datetime], None],
        address: str = "",
    ) -> Citizen:
        """Answer a challenge: if the code is correct, `then` changes the citizen in the write that uses it up.

        Raises CodeFailedError, TooManyRequestsError after wrong codes for the purpose, or many from that `address`.
        """
        await self.limits.claim_failure(address, self.clock())
        challenge = await self.challenges.get(challenge_id, purpose)
        if challenge is None or not await self.challenges.claim_try(challenge_id):
            raise CodeFailedError
        await self.limits.claim_try(purpose, challenge.subject, self.clock())

        async def load() -> Citizen:
            citizen = await self.citizens.by_challenge(challenge_id)
            if citizen is None or not self._is_correct(citizen, purpose, challenge_id, code):
                log.info("code.failed", purpose=purpose, citizen=citizen.id if citizen else None)
                raise CodeFailedError
            return citizen

        def use(citizen: Citizen) -> None:
            citizen.use_code(challenge_id, self.clock())
            then(citizen, self.clock())

        citizen = await change_loaded(self.citizens, load, use)
        await self.limits.answered(purpose, challenge.subject, address, self.clock())
        return citizen

    async def _challenge(self, purpose: Purpose, challenge_id: str, of: str | None) -> Challenge | None:
        known = await self.challenges.get(challenge_id, purpose)
        return known if known is not None and of in (None, known.subject) else None

    async def _pending(self, challenge: Challenge, now: datetime) -> Pending:
        room = await self.limits.next_send(challenge.number, now)
        sms_after = seconds_until(await self.limits.next_sms(challenge.number, now), now)
        channels = challenge.channels(sms_left=not sms_after)
        wait = max(seconds_until(challenge.next_send(), now), seconds_until(room, now))
        if "email" not in channels:
            wait = max(wait, sms_after)
        shown = sms_after if "sms" in challenge.ways else 0
        return Pending(challenge.id, wait, channels, challenge.sends[-1].channel, shown or None)

    def _issue_again(self, citizen: Citizen, purpose: Purpose, challenge: Challenge, *, sms_left: bool) -> None:
        """Send another code unless the challenge was answered; by SMS if there is no email and SMS is possible."""
        unanswered = citizen.unanswered(purpose, challenge.id)
        if unanswered is None:
            return
        to, anew = unanswered["to"], unanswered.get("anew")
        wanted = challenge.sends[-1].channel
        channel = self._way(citizen, purpose, wanted, to) if anew is None or wanted == "sms" else None
        if channel is None and sms_left:
            channel = self._way(citizen, purpose, "sms", to)
        self._issue(citizen, channel, NewCode(purpose, challenge.id, NO_CODE, "", wanted, to, anew))

    def _has_email(self, citizen: Citizen) -> bool:
        return bool(self.keys.unseal(citizen.email, SealPurpose.CITIZEN_EMAIL, owner=citizen.id))

    async def _change(self, citizen_id: str, change: Callable[[Citizen], None]) -> None:
        with suppress(NotFoundError):  # erased meanwhile
            await change_citizen(self.citizens, citizen_id, change)

    def _is_correct(self, citizen: Citizen, purpose: Purpose, challenge: str, code: str) -> bool:
        expected = citizen.live_code(purpose, challenge, self.clock())
        given = self._hash(citizen, purpose, challenge, code)
        return hmac.compare_digest(expected or "", given) and expected is not None

    def _hash(self, citizen: Citizen, purpose: Purpose, challenge: str, code: str) -> str:
        """Keyed, as a million values are quickly tried; bound to citizen, purpose and challenge."""
        return self.keys.blind("\0".join((citizen.id, purpose, challenge, code)), BlindPurpose.ONE_TIME_CODE)
