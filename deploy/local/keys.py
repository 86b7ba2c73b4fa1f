"""The secrets of a suite, created once and stored in `secrets.json`."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.home import private_folder


@dataclass(frozen=True)
class Keys:
    """The data key, the index key (32 bytes in base64 each), and generated passwords."""

    data_key: str
    index_key: str
    broker_password: str
    admin_password: str
    old_data_keys: str = ""
    """Earlier data keys, separated by commas: they open values that are not resealed yet."""
    web_key: str = ""
    """Encrypts the sessions of the pages (32 bytes in base64)."""


def rotate_data_key(home: Path) -> None:
    """Create a new data key; the present one only opens from now on. Raises LocalError during a rotation."""
    keys = load_keys(home)
    if keys.old_data_keys:
        raise LocalError("the last rotation is not finished: ./rabta keys reseal, then ./rabta keys forget-old")
    new = base64.b64encode(secrets.token_bytes(32)).decode()
    _exchange(replace(keys, data_key=new, old_data_keys=keys.data_key), home)


def forget_old_data_keys(home: Path) -> None:
    """Remove the earlier data keys; no value may be sealed with them any more."""
    _exchange(replace(load_keys(home), old_data_keys=""), home)


def _exchange(keys: Keys, home: Path) -> None:
    """Replace the file atomically."""
    path = private_folder(home) / "secrets.json"
    draft = path.with_name(f"secrets.{os.getpid()}.{secrets.token_hex(4)}")
    _write(keys, draft)
    draft.replace(path)


def _write(keys: Keys, path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(keys), file, indent=2)


def _new_keys() -> Keys:
    return Keys(
        data_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        index_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        web_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        broker_password=secrets.token_hex(16),
        admin_password=secrets.token_urlsafe(12),
    )


def load_keys(home: Path) -> Keys:
    """The keys of this folder, created the first time."""
    path = private_folder(home) / "secrets.json"
    if not path.exists():
        _keep(_new_keys(), path)
    keys = Keys(**json.loads(path.read_text()))
    if not keys.web_key:  # a folder older than the pages
        _exchange(replace(keys, web_key=_new_keys().web_key), home)
        return load_keys(home)
    return keys


def _keep(keys: Keys, path: Path) -> None:
    """Write the file atomically; if another process was faster, its keys stay."""
    draft = path.with_name(f"secrets.{os.getpid()}.{secrets.token_hex(4)}")
    _write(keys, draft)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
