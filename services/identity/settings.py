"""Settings of the identity service."""

from typing import Self

from pydantic import SecretStr, model_validator

from shared.settings import Settings

ADMIN_PASSWORD_LENGTH = 15


class IdentitySettings(Settings):
    """The first administrator (made at the start when there is none), and how many passwords are hashed at once.

    `hash_queue` callers may wait for one of the `hash_workers`; one more is answered 503. `key_days` is the age at
    which a new signing key is made.
    """

    admin_login: str | None = None
    admin_password: SecretStr | None = None
    hash_workers: int = 2
    hash_queue: int = 20
    key_days: int = 30

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
