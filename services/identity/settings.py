"""Settings of the identity service."""

from typing import Self

from pydantic import SecretStr, model_validator

from shared.settings import Settings

ADMIN_PASSWORD_LENGTH = 15


class IdentitySettings(Settings):
    """The first administrator (made at the start when there is none), and how many passwords are hashed at once.

    `hash_queue` callers may wait for one of the `hash_workers`; one more is answered 503. `key_days` is the age at
    which a new signing key is made. `codes_per_address` is how many codes one client address may have sent in an hour.
    Staff without a second factor may do nothing but enrol one in production, or where `staff_totp_required` says so.
    """

    admin_login: str | None = None
    admin_password: SecretStr | None = None
    hash_workers: int = 2
    hash_queue: int = 20
    key_days: int = 30
    codes_per_address: int = 20
    staff_totp_required: bool | None = None

    @property
    def needs_totp(self) -> bool:
        """Whether staff need a second factor."""
        return self.is_production if self.staff_totp_required is None else self.staff_totp_required

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
