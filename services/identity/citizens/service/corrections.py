"""Corrects the citizen's details. Other services follow by the event; the citizen gets a message."""

from dataclasses import dataclass, field

import structlog

from services.identity.accounts.models.citizen import Citizen, Language
from services.identity.accounts.service.changing import change_citizen
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.citizens.models.changes import CorrectedFields, correct
from services.identity.codes.service.password_check import (
    PasswordCheck,
    PasswordWrongError,
    require_same_password,
    require_settled_password,
)
from shared.clock import Clock
from shared.errors import UnauthenticatedError
from shared.seal import KeyRing, SealPurpose

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DataCorrection:
    """The fields to correct, in their normal spelling. A new email needs the password, since codes go there."""

    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    language: Language | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Corrections:
    """Corrects details."""

    citizens: CitizenStore
    password_check: PasswordCheck
    keys: KeyRing
    clock: Clock

    async def correct(self, citizen_id: str, correction: DataCorrection) -> Citizen:
        """Correct the given fields.

        Raises NotFoundError, UnavailableError; for a new email also PasswordWrongError, ConflictError.
        """
        proven = None
        if correction.email is not None:
            if correction.password is None:
                raise PasswordWrongError
            proven = await self.password_check.verify(citizen_id, correction.password)
        corrected = CorrectedFields(
            name=self._sealed(correction.name, SealPurpose.CITIZEN_NAME, citizen_id),
            email=self._sealed(correction.email, SealPurpose.CITIZEN_EMAIL, citizen_id),
            address=self._sealed(correction.address, SealPurpose.CITIZEN_ADDRESS, citizen_id),
            language=correction.language,
        )

        def apply(known: Citizen) -> None:
            require_same_password(known, proven)
            if correction.email is not None:
                require_settled_password(known, self.clock())
            if known.ending is not None and known.ending["how"] != "changed":  # the account has a new owner
                raise UnauthenticatedError
            correct(known, corrected, self.clock())

        citizen = await change_citizen(self.citizens, citizen_id, apply)
        log.info("citizen.corrected", citizen=citizen_id)
        return citizen

    def _sealed(self, value: str | None, purpose: SealPurpose, citizen_id: str) -> str | None:
        return None if value is None else self.keys.seal(value, purpose, owner=citizen_id)
