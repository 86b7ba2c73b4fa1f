"""Settings of every process, read from the environment (prefix RABTA_); each service adds its own.

`docs/settings.md` is generated from the descriptions.
"""

import os
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.seal import KeyRing


class Environment(StrEnum):
    """The environment of a process. Developer features exist in DEMO and TEST only."""

    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


PREFIX = "RABTA_"


class FilesNamed(PydanticBaseSettingsSource):
    """Values from files: RABTA_X_FILE is the path of a file with the value of RABTA_X, for Docker and Kubernetes."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file for a field, without the final line break; None without a file."""
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        value = Path(path).read_text(encoding="utf-8").rstrip("\r\n") if path else None
        return value, field_name, False

    def __call__(self) -> dict[str, Any]:
        """All values from files. Raises OSError where a file cannot be read."""
        fields = self.settings_cls.model_fields
        found = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def faults_of(error: ValidationError) -> list[str]:
    """The faults of settings, each with the name of its setting."""
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        message = str(fault["msg"]).removeprefix("Value error, ")
        faults.append(f"{PREFIX}{str(fault['loc'][0]).upper()}: {message}" if fault["loc"] else message)
    return faults


class Settings(BaseSettings):
    """Settings shared by all processes; durations are in seconds."""

    # An error that quotes its input would write keys and passwords into the log.
    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment, and files that it names."""
        return init_settings, env_settings, FilesNamed(settings_cls)

    env: Environment = Field(
        Environment.PRODUCTION,
        description="`demo`, `test` or `production`; the dev outbox and the dev channel exist in the first two only",
    )
    host: str = Field("127.0.0.1", description="address on which the process listens")
    port: int = Field(8080, description="port on which the process listens")
    public_url: str = Field(
        "http://127.0.0.1:8080",
        description="the public address, the same for all processes; the issuer (`iss`) of tokens and receipts; "
        "`https:` adds HSTS",
    )
    jwks_url: str = Field("http://127.0.0.1:8081/.well-known/jwks.json", description="identity's published keys")

    mongo_url: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:27018/?replicaSet=rabta"),
        description="MongoDB, a replica set; not for the gateway",
    )
    mongo_prefix: str = Field("rabta", description="databases are named `<prefix>_<service>`")
    amqp_url: SecretStr = Field(SecretStr("amqp://rabta:rabta@127.0.0.1:5673/rabta"), description="RabbitMQ")
    amqp_admin_url: SecretStr = Field(
        SecretStr("http://rabta:rabta@127.0.0.1:15673"),
        description="RabbitMQ's management API, with a user that may create users; for routing",
    )

    data_key: SecretStr = Field(
        description="base64 of 32 random bytes: encrypts personal data; the same for all services, not for the gateway"
    )
    old_data_keys: SecretStr = Field(
        SecretStr(""), description="earlier data keys, separated by commas: they only decrypt"
    )
    index_key: SecretStr = Field(
        description="base64 of 32 other random bytes: for blind indexes; the same for all services"
    )

    relay_lease: float = Field(
        8.0, description="seconds for which only the writing process relays an event, before a sweep may take it"
    )
    sweep_every: float = Field(1.0, description="seconds between two sweeps for unsent events")
    settle_after: float = Field(
        120.0, description="seconds from the broker's confirm until consumers are asked whether they have an event"
    )
    settle_every: float = Field(5.0, description="seconds between two rounds of asking consumers")
    retry_delays: tuple[float, ...] = Field(
        (5.0, 30.0, 300.0),
        description="delays of retries in seconds, as JSON; a new delay makes a new queue, the queue of a removed one "
        "empties itself and stays",
    )

    @property
    def issuer(self) -> str:
        """The issuer of tokens and receipts, as the discovery documents name it."""
        return self.public_url.rstrip("/")

    @property
    def is_production(self) -> bool:
        """Whether developer features must be off."""
        return self.env is Environment.PRODUCTION

    @cached_property
    def keys(self) -> KeyRing:
        """The keys for sealing personal data and for blind indexes."""
        texts = (self.data_key, self.index_key, self.old_data_keys)
        return KeyRing.from_base64(*(text.get_secret_value() for text in texts))
