"""What somebody brings to have it checked: a receipt as text, on paper (PDF), or a whole proof (JSON)."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.errors import LocalError

MOST_BYTES = 50_000_000
JWS = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{86}")
Object = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """A signed receipt and, if the file was a whole proof, what came with it."""

    receipt: str
    history: list[Object] | None = None
    inclusions: list[Object] = field(default_factory=list)
    roots: list[Object] = field(default_factory=list)
    keys: Object | None = None


def read_evidence(file: Path) -> Evidence:
    """The evidence in a file. Raises LocalError when there is none."""
    content = _read(file)
    if content.startswith(b"%PDF-"):
        return Evidence(_receipt_in(content.decode("latin-1"), file))
    text = content.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return Evidence(_receipt_in(text, file))
    found = _object(text, file)
    if not isinstance(found.get("receipt"), str):
        raise LocalError(f"{file}: no receipt is in it")
    keys = found.get("keys")
    return Evidence(
        found["receipt"],
        _objects(found["history"], file) if "history" in found else None,
        _objects(found.get("inclusions", []), file),
        _objects(found.get("roots", []), file),
        keys if isinstance(keys, dict) else None,
    )


def read_keys(file: Path) -> Object:
    """A JWK set in a file. Raises LocalError."""
    found = _object(_read(file).decode("utf-8", "replace"), file)
    if not isinstance(found.get("keys"), list):
        raise LocalError(f"{file}: no keys are in it")
    return found


def read_roots(file: Path) -> list[Object]:
    """Daily roots in a file: a page of them as published, or a list. Raises LocalError."""
    text = _read(file).decode("utf-8", "replace").strip()
    found = _json(text, file)
    return _objects(found.get("roots") if isinstance(found, dict) else found, file)


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise LocalError(f"{file}: too large to be a receipt")
        return file.read_bytes()
    except OSError as error:
        raise LocalError(f"{file}: {error.strerror}") from None


def _receipt_in(text: str, file: Path) -> str:
    found = JWS.search(text)
    if found is None:
        raise LocalError(f"{file}: no receipt is in it")
    return found.group()


def parsed(text: str | bytes) -> Any:
    """JSON of which every text can be encoded again: half a letter (a lone surrogate) can not. Raises ValueError."""
    found = json.loads(text)
    json.dumps(found, ensure_ascii=False).encode()
    return found


def _json(text: str, file: Path) -> Any:
    try:
        return parsed(text)
    except (ValueError, RecursionError):
        raise LocalError(f"{file}: not JSON") from None


def _object(text: str, file: Path) -> Object:
    found = _json(text, file)
    if not isinstance(found, dict):
        raise LocalError(f"{file}: not an object")
    return found


def _objects(found: Any, file: Path) -> list[Object]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise LocalError(f"{file}: not a proof as the portal makes them")
    return found
