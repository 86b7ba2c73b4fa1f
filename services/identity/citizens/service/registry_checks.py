"""Checks verified accounts against the registry; until it has answered, the identity counts as unverified.

The account holds the time when its check is due; a replica moves that time on before it asks. After a crash or an
outage the check is only late. No request waits for the registry.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta

import structlog

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.service.changing import change_citizen
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.citizens.registry import IdentityRegistry, RegistryAwayError, RegistryRestingError
from shared.changing import ContendedError
from shared.clock import Clock
from shared.errors import NotFoundError
from shared.seal import KeyRing, SealBrokenError, SealPurpose

BATCH = 20

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RegistryChecks:
    """The sweep. `again` is the time until a question without an answer is asked again."""

    citizens: CitizenStore
    registry: IdentityRegistry
    keys: KeyRing
    clock: Clock
    again: timedelta

    async def sweep(self) -> int:
        """Check the accounts that are due; returns how many verdicts came.

        In random order: accounts due together stay due together, and a few that make the registry fail would
        otherwise always come first and block the rest.
        """
        verdicts = 0
        due = await self.citizens.claim_checks(BATCH, self.again)
        for citizen in secrets.SystemRandom().sample(due, len(due)):
            try:
                verdicts += await self._check(citizen)
            except RegistryAwayError as error:
                log.warning("registry.away", error=str(error))
                if isinstance(error, RegistryRestingError):
                    break  # the others are due again later
        return verdicts

    async def _check(self, candidate: Citizen) -> bool:
        try:
            cnic = self.keys.unseal(candidate.cnic, SealPurpose.CITIZEN_CNIC, owner=candidate.id)
            name = self.keys.unseal(candidate.name, SealPurpose.CITIZEN_NAME, owner=candidate.id)
        except SealBrokenError as error:  # the other accounts are still checked
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return False
        verdict = await self.registry.ask(cnic, name)

        def note(citizen: Citizen) -> None:
            if citizen.name != candidate.name:
                raise NotFoundError  # the name changed meanwhile and has its own check
            citizen.checked(verdict, self.clock())

        try:
            await change_citizen(self.citizens, candidate.id, note)
        except (NotFoundError, ContendedError):
            return False
        log.info("citizen.identity_checked", citizen=candidate.id, identity=verdict)
        return True
