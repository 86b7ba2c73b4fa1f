"""One-time codes: making, sending again, and checking them; each counts once."""

import asyncio
import hmac
import secrets

import structlog

from services.identity.models.challenge import Challenge
from services.identity.models.citizen import HOUR, SENDS_AN_HOUR, Citizen, Purpose
from services.identity.service.ports import Challenges, Citizens
from shared.clock import Clock
from shared.errors import InvalidError, TooManyRequestsError, UnavailableError
from shared.seal import KeyRing

TURNS = 10
CODES = 1_000_000

log = structlog.get_logger(__name__)


class CodeFailedError(InvalidError):
    """Wrong, expired, used, tried too often, or nobody ever asked for one: it is all the same answer."""

    code = "otp-failed"


def too_early(seconds: int) -> TooManyRequestsError:
    """The answer to whom has to wait that long."""
    seconds = max(1, seconds)
    return TooManyRequestsError(headers={"Retry-After": str(seconds)}, seconds=seconds)


class Codes:
    """Codes of citizens. A challenge is the opaque id to which a code is the answer."""

    def __init__(self, citizens: Citizens, challenges: Challenges, keys: KeyRing, clock: Clock) -> None:
        self._citizens = citizens
        self._challenges = challenges
        self._keys = keys
        self._clock = clock

    def send(self, citizen: Citizen, purpose: Purpose, challenge: str) -> None:
        """Have a new code sent with the citizen's next write."""
        code = f"{secrets.randbelow(CODES):06}"
        sealed = self._keys.seal(code, "citizen.code")
        citizen.issue_code(purpose, challenge, self._hash(citizen, purpose, challenge, code), sealed, self._clock())

    async def resend(self, challenge_id: str) -> int:
        """Send a new code for a registration; seconds until the next may be asked for.

        Raises CodeFailedError when there is no such challenge, TooManyRequestsError when it is too early.
        """
        now = self._clock()
        old = await self._challenges.get(challenge_id)
        if old is None:
            raise CodeFailedError
        wait = old.seconds_to_wait(now)
        new = Challenge(old.id, (*old.sends, now), 0, old.tries_in_all)
        if wait:
            raise too_early(wait)
        if not await self._challenges.replace(old, new):
            raise too_early(new.seconds_to_wait(now))
        await self._send_again(challenge_id)
        return new.seconds_to_wait(now)

    async def verify(self, challenge_id: str, code: str) -> None:
        """Prove the mobile with a code. Raises CodeFailedError."""
        if not await self._challenges.claim_try(challenge_id):
            raise CodeFailedError
        for turn in range(TURNS):
            await asyncio.sleep(0.01 * turn)
            citizen = await self._citizens.by_challenge(challenge_id)
            if citizen is None or not self._is_right(citizen, "register", challenge_id, code):
                log.info("code.failed", citizen=citizen.id if citizen else None)
                raise CodeFailedError
            citizen.verify(self._clock())
            if not await self._citizens.save_many([citizen]):
                log.info("citizen.verified", citizen=citizen.id)
                return
        raise UnavailableError(headers={"Retry-After": "1"})

    async def _send_again(self, challenge_id: str) -> None:
        for turn in range(TURNS):
            await asyncio.sleep(0.01 * turn)
            citizen = await self._citizens.by_challenge(challenge_id)
            if citizen is None:  # an id that leads nowhere, or the mobile is proven already
                return
            now = self._clock()
            recent = citizen.recent_sends(now)
            if len(recent) >= SENDS_AN_HOUR:
                raise too_early(int((recent[0] + HOUR - now).total_seconds()))
            self.send(citizen, "register", challenge_id)
            if not await self._citizens.save_many([citizen]):
                return
        raise UnavailableError(headers={"Retry-After": "1"})

    def _is_right(self, citizen: Citizen, purpose: Purpose, challenge: str, code: str) -> bool:
        expected = citizen.live_code(purpose, challenge, self._clock())
        given = self._hash(citizen, purpose, challenge, code)
        return hmac.compare_digest(expected or "", given) and expected is not None

    def _hash(self, citizen: Citizen, purpose: Purpose, challenge: str, code: str) -> str:
        """Keyed, since a million values are tried in no time; bound to person, purpose and challenge."""
        return self._keys.blind("\0".join((citizen.id, purpose, challenge, code)), "citizen.code")
