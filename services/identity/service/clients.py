"""Access for departments' own software: client credentials (RFC 6749, section 4.4)."""

import hmac
import secrets

import structlog

from services.identity.hashing import hash_of_token
from services.identity.service.ports import Departments
from services.identity.tokens import Tokens
from shared.rights import Role

PREFIX = "department."

log = structlog.get_logger(__name__)


class Clients:
    """The use case of the token endpoint."""

    def __init__(self, departments: Departments, tokens: Tokens) -> None:
        self._departments = departments
        self._tokens = tokens

    async def access(self, client_id: str, client_secret: str) -> str | None:
        """An access token for the department's software, or None when these are not its credentials."""
        code = client_id.removeprefix(PREFIX)
        department = await self._departments.get(code) if client_id.startswith(PREFIX) else None
        expected = department.client_secret_sha256 if department else ""
        given = hash_of_token(client_secret)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            log.info("client.refused")
            return None
        return await self._tokens.issue(client_id, Role.DEPARTMENT, code, secrets.token_hex(16))
