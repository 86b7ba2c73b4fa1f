"""Proving to know a request: its tracking number and the last four digits of the mobile, guarded against guessing.

Wrong digits are counted by number and by address, in one place for all replicas, and a wrong try is counted before
it is answered. So of a thousand guesses that come together no more are looked at than the limit says. Who knows the
digits writes nothing. A number that does not exist is counted and answered like one that does.
"""

import asyncio
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import structlog

from services.requests.models.guessing import Tally, TrackLimits
from services.requests.models.request import CitizenCopy, Request
from services.requests.store import GuessStore
from shared.errors import NotFoundError, TooManyRequestsError, UnavailableError
from shared.groupcommit import GroupCommit, OverloadedError
from shared.records import Records
from shared.seal import KeyRing, SealBrokenError

AT_ONCE = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Try:
    """Somebody's try: which number, which digits, and the keys that it counts against with their limits."""

    number: str
    digits: str
    limits: Mapping[str, int]


Verdict = Request | Tally | None
"""The request; or why not: too many tries (and for how long), or nothing with these digits."""


class Tracking:
    """Finds requests for who knows number and digits. Tries that arrive together share their queries."""

    def __init__(
        self,
        requests: Records[Request],
        citizens: Records[CitizenCopy],
        guesses: GuessStore,
        keys: KeyRing,
        limits: TrackLimits,
    ) -> None:
        self._requests = requests
        self._citizens = citizens
        self._guesses = guesses
        self._keys = keys
        self._limits = limits
        # One batch at a time: what one try has used up, the next one in this process sees.
        self._commit: GroupCommit[Try, Verdict] = GroupCommit(self._judge, most=AT_ONCE)

    async def find(self, number: str, digits: str, address: str | None = None) -> Request:
        """The request with that number, if the digits are its citizen's.

        Raises NotFoundError for an unknown number and for wrong digits alike, TooManyRequestsError with
        Retry-After while number or address have used up their wrong tries, UnavailableError.
        """
        limits = {f"number:{number}": self._limits.per_number}
        if address:
            limits[f"address:{self._keys.blind(address, 'track.address')}"] = self._limits.per_address
        try:
            verdict = await self._commit.submit(Try(number, digits, limits))
        except OverloadedError:
            raise UnavailableError(headers={"Retry-After": "2"}) from None
        if isinstance(verdict, Tally):
            raise TooManyRequestsError(headers={"Retry-After": str(verdict.seconds)}, seconds=verdict.seconds)
        if verdict is None:
            raise NotFoundError
        return verdict

    async def _judge(self, tries: Sequence[Try]) -> list[Verdict]:
        limits = {key: most for each in tries for key, most in each.limits.items()}
        requests, tallies = await asyncio.gather(
            self._requests.load_many({each.number for each in tries}), self._guesses.tallies(limits)
        )
        # Asked also where there is nobody to ask for, so that an unknown number takes as long as a known one.
        citizens = await self._citizens.load_many({request.citizen_id for request in requests.values()} or {""})
        locked = {key: tally for key, tally in tallies.items() if tally.count >= limits[key]}
        right = [self._is_right(each.digits, requests.get(each.number), citizens) for each in tries]
        wrong = Counter(
            key
            for each, good in zip(tries, right, strict=True)
            if not good and not locked.keys() & each.limits.keys()
            for key in each.limits
        )
        reserved = await asyncio.gather(
            *(self._guesses.reserve(key, count, limits[key], self._limits.window) for key, count in wrong.items())
        )
        budget = _Budget(locked, dict(zip(wrong, reserved, strict=True)))
        verdicts: list[Verdict] = []
        for each, good in zip(tries, right, strict=True):
            refusal = budget.spend(each.limits, 0 if good else 1)
            verdicts.append(refusal or (requests[each.number] if good else None))
        return verdicts

    def _is_right(self, digits: str, request: Request | None, citizens: Mapping[str, CitizenCopy]) -> bool:
        known = self._digits_of(request, citizens) if request is not None else None
        return hmac.compare_digest((known or "none").encode(), digits.encode())

    def _digits_of(self, request: Request, citizens: Mapping[str, CitizenCopy]) -> str | None:
        """What is to be known of a request; None where nobody knows it."""
        try:
            if request.sealed_track_code:
                return self._keys.unseal(request.sealed_track_code, "request.track_code", of=request.id)
            if (citizen := citizens.get(request.citizen_id)) and citizen.sealed_mobile:
                return self._keys.unseal(citizen.sealed_mobile, "citizen.mobile", of=citizen.id)[-4:]
        except SealBrokenError as error:  # the tries of others in this batch are judged all the same
            log.error("seal.broken", place=error.place, of=error.of)
        return None


class _Budget:
    """What the tries of one batch may still use up, in the order in which they came.

    Right digits after more wrong ones than were granted are refused like those: else sending all at once would tell.
    """

    def __init__(self, locked: Mapping[str, Tally], reserved: Mapping[str, Tally]) -> None:
        self._tallies = {**reserved, **locked}
        self._left: dict[str, float] = {key: tally.count for key, tally in reserved.items()}
        self._left |= dict.fromkeys(locked, -inf)

    def spend(self, keys: Mapping[str, int], cost: int) -> Tally | None:
        """None when the try may be answered; else the counter that says for how long not."""
        refusal = None
        for key in keys:
            if key not in self._left:
                continue  # nobody guessed at it in this batch
            self._left[key] -= cost
            if self._left[key] < 0:
                longest = max(self._tallies[key].seconds, refusal.seconds if refusal else 0)
                refusal = Tally(0, longest)
        return refusal
