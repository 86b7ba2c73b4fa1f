"""Corrects the citizen's details. Other services follow by the event; the citizen gets a message."""

from dataclasses import dataclass, replace
from typing import Any

import structlog

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.service.changing import change_citizen
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.citizens.models.changes import DataCorrection, correct
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
        values = {name: getattr(correction, name) for name in ("name", "email", "address")}
        sealed: dict[str, Any] = {
            name: self.keys.seal(value, SealPurpose(f"citizen.{name}"), owner=citizen_id)
            for name, value in values.items()
            if value is not None
        }
        corrected = replace(correction, **sealed)

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
