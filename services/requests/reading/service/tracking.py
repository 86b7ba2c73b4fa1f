"""Tracking: a number and the last four digits of the mobile give access to a request, with limits against guessing.

Wrong digits are counted for number and address together, and with wider limits for each alone, for all replicas in one
place. A wrong attempt is counted before it is answered, so that parallel guesses do not exceed the limits, and guesses
from one network do not lock out others. Correct digits cost no write. Unknown numbers are counted and answered alike.
"""

import asyncio
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from services.requests.reading.models import Bucket, Tally, TrackLimits
from services.requests.reading.store import GuessStore
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from shared.errors import NotFoundError, TooManyRequestsError, UnavailableError
from shared.groupcommit import GroupCommit, OverloadedError
from shared.records import Records
from shared.seal import BlindPurpose, KeyRing, SealBrokenError, SealPurpose

AT_ONCE = 100
CLOSED = -1
"""A balance at which even correct digits are refused."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Try:
    """One attempt: number, digits, and the buckets that count it, by key. `here` is for this number and address."""

    number: str
    digits: str
    here: Mapping[str, Bucket]
    wide: Mapping[str, Bucket]

    @property
    def buckets(self) -> dict[str, Bucket]:
        """All buckets."""
        return {**self.here, **self.wide}


Verdict = Request | Tally | None
"""The request; or a tally for too many attempts; or None for wrong digits."""


class Tracking:
    """Finds requests by number and digits. Attempts that arrive together share their queries."""

    def __init__(
        self,
        requests: Records[Request],
        citizens: Records[CitizenReplica],
        guesses: GuessStore,
        keys: KeyRing,
        limits: TrackLimits,
    ) -> None:
        self._requests = requests
        self._citizens = citizens
        self._guesses = guesses
        self._keys = keys
        self._limits = limits
        # One batch at a time, so that each sees what earlier ones have used up.
        self._commit: GroupCommit[Try, Verdict] = GroupCommit(self._judge, most=AT_ONCE)

    async def find(self, number: str, digits: str, address: str | None = None) -> Request:
        """The request with that number, if the digits are correct.

        Raises NotFoundError for unknown numbers and wrong digits alike, TooManyRequestsError with Retry-After while
        number or address have no attempts left, UnavailableError.
        """
        try:
            verdict = await self._commit.submit(self._try(number, digits, address))
        except OverloadedError:
            raise UnavailableError from None
        if isinstance(verdict, Tally):
            headers = {"Retry-After": str(verdict.seconds)}
            raise TooManyRequestsError(verdict.code, headers=headers, seconds=verdict.seconds)
        if verdict is None:
            raise NotFoundError
        return verdict

    def _try(self, number: str, digits: str, address: str | None) -> Try:
        here, wide = {}, {f"number:{number}": self._limits.number}
        if address:
            here[f"here:{self._keys.blind(f'{number} {address}', BlindPurpose.TRACKING_HERE)}"] = self._limits.here
            wide[f"address:{self._keys.blind(address, BlindPurpose.TRACKING_ADDRESS)}"] = self._limits.address
        return Try(number, digits, here, wide)

    async def _judge(self, tries: Sequence[Try]) -> list[Verdict]:
        buckets = {key: bucket for each in tries for key, bucket in each.buckets.items()}
        requests, used_up = await asyncio.gather(
            self._requests.load_many({each.number for each in tries}), self._guesses.used_up(buckets)
        )
        # Also without any citizen to load, so that an unknown number takes as long as a known one.
        citizens = await self._citizens.load_many({request.citizen_id for request in requests.values()} or {""})
        correct = [self._is_correct(each.digits, requests.get(each.number), citizens) for each in tries]
        wrong = [each for each, good in zip(tries, correct, strict=True) if not good]
        budget = _Budget(used_up)
        open_here = [each for each in wrong if not used_up.keys() & each.buckets.keys()]
        await self._reserve(Counter(key for each in open_here for key in each.here), buckets, budget)
        # An attempt refused by a narrow bucket takes nothing from the wide ones: else one network could empty them.
        passed = budget.first(open_here)
        await self._reserve(Counter(key for each in passed for key in each.wide), buckets, budget)
        verdicts: list[Verdict] = []
        for each, good in zip(tries, correct, strict=True):
            refusal = budget.spend(each.buckets, 0 if good else 1)
            verdicts.append(refusal or (requests[each.number] if good else None))
        return verdicts

    async def _reserve(self, wanted: Mapping[str, int], buckets: Mapping[str, Bucket], budget: "_Budget") -> None:
        granted = await asyncio.gather(*(self._guesses.reserve(key, n, buckets[key]) for key, n in wanted.items()))
        budget.add(dict(zip(wanted, granted, strict=True)))

    def _is_correct(self, digits: str, request: Request | None, citizens: Mapping[str, CitizenReplica]) -> bool:
        known = self._digits_of(request, citizens) if request is not None else None
        return hmac.compare_digest((known or "none").encode(), digits.encode())

    def _digits_of(self, request: Request, citizens: Mapping[str, CitizenReplica]) -> str | None:
        """The digits or track code of a request; None if there are none."""
        try:
            if request.sealed_track_code:
                return self._keys.unseal(request.sealed_track_code, SealPurpose.REQUEST_TRACK_CODE, owner=request.id)
            if (citizen := citizens.get(request.citizen_id)) and citizen.sealed_mobile:
                return self._keys.unseal(citizen.sealed_mobile, SealPurpose.CITIZEN_MOBILE, owner=citizen.id)[-4:]
        except SealBrokenError as error:  # the other attempts of the batch are still judged
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
        return None


class _Budget:
    """The attempts left for one batch, in order of arrival.

    Correct digits after a refused wrong attempt are refused too: else sending all guesses at once would reveal them.
    """

    def __init__(self, used_up: Mapping[str, Tally]) -> None:
        self._tallies = dict(used_up)
        self._left = dict.fromkeys(used_up, CLOSED)

    def add(self, granted: Mapping[str, Tally]) -> None:
        """Add attempts that the store has granted."""
        self._tallies |= granted
        self._left |= {key: tally.granted for key, tally in granted.items()}

    def first(self, tries: Sequence[Try]) -> list[Try]:
        """The attempts allowed by their narrow buckets."""
        left = Counter(self._left)
        passed = []
        for each in tries:
            if all(left[key] > 0 for key in each.here):
                left.subtract(each.here.keys())
                passed.append(each)
        return passed

    def spend(self, buckets: Mapping[str, Bucket], cost: int) -> Tally | None:
        """None if the attempt may be answered; else the tally that says how long to wait, and why."""
        refusing = [key for key in buckets if key in self._left and self._left[key] < cost]
        for key in refusing:
            self._left[key] = CLOSED
        if refusing:
            return max((self._tallies[key] for key in refusing), key=lambda tally: tally.seconds)
        for key in buckets.keys() & self._left.keys():
            self._left[key] -= cost
        return None
