"""Settings of the identity service."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from services.identity.accounts.hashing import MEMORY_KIB
from services.identity.accounts.models.throttle import CODES_OF_AN_ADDRESS, FAILURES_OF_AN_ADDRESS
from shared.settings import Settings

ADMIN_PASSWORD_LENGTH = 15


class IdentitySettings(Settings):
    """The first administrator, the limits of passwords and codes, and the registry of identities."""

    admin_login: str | None = Field(
        None, description="login of the first administrator, created at the start if there is none"
    )
    admin_password: SecretStr | None = Field(
        None,
        description=f"password of that administrator; both or none; {ADMIN_PASSWORD_LENGTH} characters in production",
    )
    hash_workers: int = Field(2, description="passwords hashed at once")
    hash_memory_kib: int = Field(
        MEMORY_KIB,
        ge=8,
        description=f"memory of one password hash in KiB (argon2id): more makes guessing and signing in slower; "
        f"at least {MEMORY_KIB} in production",
    )
    hash_queue: int = Field(20, description="callers that may wait for that; one more is answered 503")
    key_days: int = Field(30, description="days after which a new signing key is made")
    codes_per_address: int = Field(
        CODES_OF_AN_ADDRESS.most,
        ge=1,
        description="codes that one client address may leave unanswered: so many at once, and as many an hour "
        "([limits](security.md#limits))",
    )
    failures_per_address: int = Field(
        FAILURES_OF_AN_ADDRESS.most,
        ge=1,
        description="wrong passwords and codes that one client address may send: so many at once, and as many an hour",
    )
    staff_totp_required: bool | None = Field(
        None, description="without a second factor staff may only enrol one; without a value: true in production"
    )
    registry: Literal["off", "demo", "http"] = Field(
        "off",
        description="the registry that says whether CNIC and name match: `off`, `demo` (not in production) or `http`: "
        '`POST` of `{"cnic", "name"}` with the key as bearer token, answered `{"match": true}` or `{"match": false}`, '
        "the latter by 200 or 404; anything else is no answer",
    )
    registry_url: str | None = Field(None, description="address of the registry")
    registry_key: SecretStr | None = Field(None, description="bearer token for the registry")
    registry_every: float = Field(
        5.0, description="seconds between two sweeps for citizens whose identity is to be checked"
    )
    registry_again: float = Field(60.0, description="seconds until the registry is asked about a citizen again")
    registry_timeout: float = Field(3.0, description="seconds that one question may take")
    registry_rest: float = Field(30.0, description="seconds for which the registry is not asked after five failures")

    @property
    def needs_totp(self) -> bool:
        """Whether staff need a second factor."""
        return self.is_production if self.staff_totp_required is None else self.staff_totp_required

    @model_validator(mode="after")
    def check(self) -> Self:
        """Refuse settings that do not fit together, and in production those that are for demo and test only."""
        if self.is_production and self.hash_memory_kib < MEMORY_KIB:
            raise ValueError(f"RABTA_HASH_MEMORY_KIB must be at least {MEMORY_KIB} in production")
        self._check_registry()
        self._check_admin()
        return self

    def _check_registry(self) -> None:
        if self.registry == "http" and not self.registry_url:
            raise ValueError("RABTA_REGISTRY=http needs RABTA_REGISTRY_URL")
        if self.is_production and self.registry == "demo":
            raise ValueError("RABTA_REGISTRY=demo is for demo and test only")
        if self.is_production and self.registry == "http" and not str(self.registry_url).startswith("https://"):
            raise ValueError("RABTA_REGISTRY_URL must begin with https:// in production")

    def _check_admin(self) -> None:
        if (self.admin_login is None) != (self.admin_password is None):
            raise ValueError("RABTA_ADMIN_LOGIN and RABTA_ADMIN_PASSWORD belong together")
        if self.admin_password is not None and self.is_production:
            length = len(self.admin_password.get_secret_value())
            if length < ADMIN_PASSWORD_LENGTH:
                raise ValueError(f"RABTA_ADMIN_PASSWORD must have {ADMIN_PASSWORD_LENGTH} characters in production")
