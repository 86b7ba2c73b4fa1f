"""What those who work on assignments are called, for others who work here; citizens are never told."""

from collections.abc import Collection, Iterable

from services.routing.directory import Directory

SOFTWARE = "department."
"""So begins the account of a department's own software, which is called as its department is."""


class Colleagues:
    """Knows names by account."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def names(self, accounts: Iterable[str | None], language: str) -> dict[str, str]:
        """The names of those accounts that have one."""
        asked = {account for account in accounts if account}
        return self._software(asked, language)

    def _software(self, accounts: Collection[str], language: str) -> dict[str, str]:
        departments = self._directory.departments
        codes = {account: account.removeprefix(SOFTWARE) for account in accounts if account.startswith(SOFTWARE)}
        return {account: departments[code].name[language] for account, code in codes.items() if code in departments}
