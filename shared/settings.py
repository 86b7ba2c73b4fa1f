"""What every process is told by its environment (prefix RABTA_); each service adds its own fields."""

from enum import StrEnum
from functools import cached_property

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.seal import KeyRing


class Environment(StrEnum):
    """Where a process runs. Developer conveniences exist in DEMO and TEST only."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Settings shared by all processes; durations are in seconds."""

    model_config = SettingsConfigDict(env_prefix="RABTA_", extra="ignore", frozen=True)

    env: Environment = Environment.PRODUCTION
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    jwks_url: str = "http://127.0.0.1:8081/.well-known/jwks.json"

    mongo_url: SecretStr = SecretStr("mongodb://127.0.0.1:27018/?replicaSet=rabta")
    mongo_prefix: str = "rabta"
    amqp_url: SecretStr = SecretStr("amqp://rabta:rabta@127.0.0.1:5673/rabta")
    amqp_admin_url: SecretStr = SecretStr("http://rabta:rabta@127.0.0.1:15673")

    data_key: SecretStr = Field(description="base64 of 32 random bytes: seals personal data")
    old_data_keys: SecretStr = Field(
        SecretStr(""), description="data keys before this one, with commas between: only open"
    )
    index_key: SecretStr = Field(description="base64 of 32 random bytes: blind indexes")

    relay_lease: float = 8.0
    sweep_every: float = 1.0
    settle_after: float = 120.0
    settle_every: float = 15.0
    retry_delays: tuple[float, ...] = (5.0, 30.0, 300.0)

    @property
    def issuer(self) -> str:
        """Who signs what this portal signs, as its discovery documents name it."""
        return self.public_url.rstrip("/")

    @property
    def is_production(self) -> bool:
        """Whether developer conveniences must be refused."""
        return self.env is Environment.PRODUCTION

    @cached_property
    def keys(self) -> KeyRing:
        """The keys that seal personal data and make blind indexes."""
        texts = (self.data_key, self.index_key, self.old_data_keys)
        return KeyRing.from_base64(*(text.get_secret_value() for text in texts))
