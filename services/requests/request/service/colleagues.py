"""Names of the staff and departments that acted on a request; shown to staff only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from services.requests.request.models.replicas import Colleague, DepartmentReplica
from shared.records import Records
from shared.seal import KeyRing, SealBrokenError, SealPurpose

SOFTWARE = "department."
"""Prefix of the account of a department's software, which has the department's name."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Names:
    """Names by account, and the sum of the revisions of the records they come from."""

    by_account: Mapping[str, str]
    revisions: int


@dataclass(frozen=True, slots=True)
class Colleagues:
    """Finds names by account."""

    store: Records[Colleague]
    departments: Records[DepartmentReplica]
    keys: KeyRing

    async def names(self, accounts: Iterable[str | None], language: str) -> Names:
        """The names of those accounts that have one."""
        ids = {account for account in accounts if account}
        codes = {account.removeprefix(SOFTWARE) for account in ids if account.startswith(SOFTWARE)}
        people = await self.store.load_many(ids)
        departments = await self.departments.load_many(codes) if codes else {}
        named = [colleague for colleague in people.values() if colleague.sealed_name]  # others were not named yet
        names = {colleague.id: name for colleague in named if (name := self._name(colleague))}
        names |= {f"{SOFTWARE}{code}": copy.name.get(language, "") for code, copy in departments.items()}
        return Names(names, sum(record.rev for record in (*people.values(), *departments.values())))

    def _name(self, colleague: Colleague) -> str | None:
        try:
            return self.keys.unseal(colleague.sealed_name, SealPurpose.STAFF_NAME, owner=colleague.id)
        except SealBrokenError as error:  # the request is still shown
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return None
