"""The secrets of a suite, created once and stored in `secrets.json`."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.home import private_folder, write_private

NAME = "secrets.json"


@dataclass(frozen=True)
class Keys:
    """The data key, the index key (32 bytes in base64 each), and generated passwords."""

    data_key: str
    index_key: str
    web_key: str
    """Encrypts the sessions of the pages (32 bytes in base64)."""
    broker_password: str
    admin_password: str
    old_data_keys: str = ""
    """Earlier data keys, separated by commas: they open values that are not resealed yet."""


def rotate_data_key(home: Path) -> None:
    """Create a new data key; the present one only opens from now on. Raises LocalError during a rotation."""
    keys = load_keys(home)
    if keys.old_data_keys:
        raise LocalError("the last rotation is not finished: ./rabta keys reseal, then ./rabta keys forget-old")
    _write(replace(keys, data_key=_new_key(), old_data_keys=keys.data_key), home)


def forget_old_data_keys(home: Path) -> None:
    """Remove the earlier data keys; no value may be sealed with them any more."""
    _write(replace(load_keys(home), old_data_keys=""), home)


def load_keys(home: Path) -> Keys:
    """The keys of this folder, created the first time."""
    path = private_folder(home) / NAME
    if path.exists():
        return Keys(**json.loads(path.read_text()))
    keys = Keys(
        data_key=_new_key(),
        index_key=_new_key(),
        web_key=_new_key(),
        broker_password=secrets.token_hex(16),
        admin_password=secrets.token_urlsafe(12),
    )
    _write(keys, home)
    return keys


def _write(keys: Keys, home: Path) -> None:
    write_private(home / NAME, json.dumps(asdict(keys), indent=2))


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
