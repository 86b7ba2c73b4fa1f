"""Access for departments' own software: client credentials (RFC 6749, section 4.4)."""

import structlog

from services.identity.accounts.hashing import hash_of_token
from services.identity.keys.tokens import ACCESS_LIFE, Tokens
from services.identity.sessions.service.sessions import LEEWAY
from services.identity.staff.store.departments import DepartmentSecretStore
from shared.clock import Clock
from shared.department_users import department_of
from shared.rights import Role

log = structlog.get_logger(__name__)


class Clients:
    """Grants access tokens to departments' software."""

    def __init__(self, departments: DepartmentSecretStore, tokens: Tokens, clock: Clock) -> None:
        self._departments = departments
        self._tokens = tokens
        self._clock = clock

    async def access(self, client_id: str, client_secret: str) -> str | None:
        """An access token for the department's software, or None for wrong credentials."""
        code, secret = department_of(client_id), hash_of_token(client_secret)
        department = await self._departments.get(code) if code else None
        until = department.valid_until(secret, self._clock()) if department else None
        if department is None or until is None:
            log.info("client.refused")
            return None
        session = _session(department.id, secret)
        return await self._tokens.issue(
            f"department.{department.id}", Role.DEPARTMENT, department.id, session, until=until
        )

    async def ended(self) -> list[str]:
        """The sessions of ended secrets whose access tokens may not have expired yet."""
        since = self._clock() - ACCESS_LIFE - LEEWAY
        return [
            _session(department.id, end["secret_sha256"])
            for department in await self._departments.ended_since(since)
            for end in department.ended
            if end["at"] >= since
        ]


def _session(code: str, secret_sha256: str) -> str:
    """The session id of all tokens of a secret; it does not reveal the secret's hash."""
    return hash_of_token(f"{code}/{secret_sha256}")[:32]
