"""The names of staff who work on assignments, shown to their colleagues and never to citizens."""

from collections.abc import Collection, Iterable

import structlog

from services.routing.directory import Directory
from services.routing.models.colleague import StaffCopy
from shared.records import Records
from shared.seal import KeyRing, SealBrokenError, SealPurpose

SOFTWARE = "department."
"""The prefix of the account of a department's own software; its name is the department's."""

log = structlog.get_logger(__name__)


class StaffNames:
    """Reads names by account."""

    def __init__(self, store: Records[StaffCopy], directory: Directory, keys: KeyRing) -> None:
        self._store = store
        self._directory = directory
        self._keys = keys

    async def names(self, accounts: Iterable[str | None], language: str) -> dict[str, str]:
        """The names of these accounts, without those that have none."""
        asked = {account for account in accounts if account}
        software = {account for account in asked if account.startswith(SOFTWARE)}
        known = await self._store.load_many(asked - software) if asked - software else {}
        named = [colleague for colleague in known.values() if colleague.sealed_name]  # others were not named yet
        people = {colleague.id: name for colleague in named if (name := self._name(colleague))}
        return people | self._of_software(software, language)

    def _name(self, colleague: StaffCopy) -> str | None:
        try:
            return self._keys.unseal(colleague.sealed_name, SealPurpose.STAFF_NAME, owner=colleague.id)
        except SealBrokenError as error:  # the list is shown without this name
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return None

    def _of_software(self, accounts: Collection[str], language: str) -> dict[str, str]:
        departments = self._directory.departments
        codes = {account: account.removeprefix(SOFTWARE) for account in accounts}
        return {account: departments[code].name[language] for account, code in codes.items() if code in departments}
