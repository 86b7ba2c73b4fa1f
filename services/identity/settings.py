"""Settings of the identity service."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from services.identity.accounts.models.throttle import CODES_OF_AN_ADDRESS, FAILURES_OF_AN_ADDRESS
from shared.settings import Settings

ADMIN_PASSWORD_LENGTH = 15


class IdentitySettings(Settings):
    """The first administrator (made at the start when there is none), and how many passwords are hashed at once.

    `hash_queue` callers may wait for one of the `hash_workers`; one more is answered 503. `key_days` is the age at
    which a new signing key is made. `codes_per_address` is how many codes one client address may ask for in an hour and
    not answer, `failures_per_address` how many wrong passwords and codes it may send in an hour.
    `registry` names who is asked whether CNIC and name belong together, `registry_every` how often that is looked for,
    `registry_again` when somebody is asked about once more, `registry_timeout` what one try may take and
    `registry_rest` how long a registry that failed is left alone (seconds).
    Staff without a second factor may do nothing but enrol one in production, or where `staff_totp_required` says so.
    """

    admin_login: str | None = None
    admin_password: SecretStr | None = None
    hash_workers: int = 2
    hash_queue: int = 20
    key_days: int = 30
    codes_per_address: Annotated[int, Field(ge=1)] = CODES_OF_AN_ADDRESS.most
    failures_per_address: Annotated[int, Field(ge=1)] = FAILURES_OF_AN_ADDRESS.most
    staff_totp_required: bool | None = None
    registry: Literal["off", "demo", "http"] = "off"
    registry_url: str | None = None
    registry_key: SecretStr | None = None
    registry_every: float = 5.0
    registry_again: float = 60.0
    registry_timeout: float = 3.0
    registry_rest: float = 30.0

    @property
    def needs_totp(self) -> bool:
        """Whether staff need a second factor."""
        return self.is_production if self.staff_totp_required is None else self.staff_totp_required

    @model_validator(mode="after")
    def check_registry(self) -> Self:
        """Refuse a registry without an address, and in production one that is made up or not encrypted."""
        if self.registry == "http" and not self.registry_url:
            raise ValueError("RABTA_REGISTRY=http needs RABTA_REGISTRY_URL")
        if self.is_production and self.registry == "demo":
            raise ValueError("RABTA_REGISTRY=demo is for demo and test only")
        if self.is_production and self.registry == "http" and not str(self.registry_url).startswith("https://"):
            raise ValueError("RABTA_REGISTRY_URL must begin with https:// in production")
        return self

    @model_validator(mode="after")
    def check_admin(self) -> Self:
        """Refuse half an administrator, and in production a password that can be guessed."""
        if (self.admin_login is None) != (self.admin_password is None):
            raise ValueError("RABTA_ADMIN_LOGIN and RABTA_ADMIN_PASSWORD belong together")
        if self.admin_password is not None and self.is_production:
            length = len(self.admin_password.get_secret_value())
            if length < ADMIN_PASSWORD_LENGTH:
                raise ValueError(f"RABTA_ADMIN_PASSWORD must have {ADMIN_PASSWORD_LENGTH} characters in production")
        return self
