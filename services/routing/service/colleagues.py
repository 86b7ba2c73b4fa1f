"""What those who work on assignments are called, for others who work here; citizens are never told."""

from collections.abc import Collection, Iterable

import structlog

from services.routing.directory import Directory
from services.routing.models.colleague import StaffName
from shared.records import Records
from shared.seal import KeyRing, SealBrokenError, SealPurpose

SOFTWARE = "department."
"""So begins the account of a department's own software, which is called as its department is."""

log = structlog.get_logger(__name__)


class StaffNames:
    """Knows names by account."""

    def __init__(self, store: Records[StaffName], directory: Directory, keys: KeyRing) -> None:
        self._store = store
        self._directory = directory
        self._keys = keys

    async def names(self, accounts: Iterable[str | None], language: str) -> dict[str, str]:
        """The names of those accounts that have one."""
        asked = {account for account in accounts if account}
        software = {account for account in asked if account.startswith(SOFTWARE)}
        known = await self._store.load_many(asked - software) if asked - software else {}
        people = {account: name for account, colleague in known.items() if (name := self._name(colleague))}
        return people | self._of_software(software, language)

    def _name(self, colleague: StaffName) -> str | None:
        try:
            return self._keys.unseal(colleague.sealed_name, SealPurpose.STAFF_NAME, owner=colleague.id)
        except SealBrokenError as error:  # a list is shown all the same
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return None

    def _of_software(self, accounts: Collection[str], language: str) -> dict[str, str]:
        departments = self._directory.departments
        codes = {account: account.removeprefix(SOFTWARE) for account in accounts}
        return {account: departments[code].name[language] for account, code in codes.items() if code in departments}
