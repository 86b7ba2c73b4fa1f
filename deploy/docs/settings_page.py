"""`docs/settings.md`: every setting of every process, with its default and meaning."""

import json
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from deploy.docs.rights_page import table
from deploy.local.home import ROOT
from gateway.settings import GatewaySettings
from services.identity.settings import IdentitySettings
from services.notifier.settings import NotifierSettings
from services.requests.settings import RequestsSettings
from services.routing.settings import RoutingSettings
from shared.settings import PREFIX, Settings

INTRODUCTION = """# Settings

Written by `python -m deploy.docs` from the settings classes; `python -m deploy.docs --check` tells when it is stale.

Environment only. Durations are in seconds. A setting's name with `_FILE` added names a file that holds its value, as
Docker and Kubernetes mount secrets."""

CLOSING = """## Launcher, tests and driver

Read by the launcher and tests: `RABTA_HOME` (folder of data, keys and logs; `.rabta`), `RABTA_VENV` (virtual
environment; in the home folder), `RABTA_TEST_SERVERS=docker` (tests take containers). `MOTOR_MAX_WORKERS` (24) belongs
to the driver."""

PROCESSES: dict[str, type[Settings]] = {
    "Every process": Settings,
    "identity": IdentitySettings,
    "requests": RequestsSettings,
    "routing": RoutingSettings,
    "notifier": NotifierSettings,
    "gateway": GatewaySettings,
}


def settings_page() -> str:
    """The page."""
    parts = [INTRODUCTION]
    for process, settings in PROCESSES.items():
        parts += [f"## {process}", table(["setting", "default", "meaning"], _rows(settings))]
    return "\n\n".join([*parts, CLOSING]) + "\n"


def _rows(settings: type[Settings]) -> Iterator[list[str]]:
    shared = () if settings is Settings else Settings.model_fields
    for name, field in settings.model_fields.items():
        if name not in shared:
            yield [f"`{PREFIX}{name.upper()}`", _default(field), field.description or ""]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = _plain(field.default)
    return "none" if value in (None, "") else f"`{value}`"


def _plain(value: Any) -> Any:
    """The value as it is written in the environment."""
    match value:
        case SecretStr():
            return value.get_secret_value()
        case Enum():
            return value.value
        case Path():
            return value.relative_to(ROOT) if value.is_relative_to(ROOT) else value
        case bool() | tuple():
            return json.dumps(value)
        case float():
            return f"{value:g}"
        case _:
            return value
