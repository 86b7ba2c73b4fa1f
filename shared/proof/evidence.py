"""Reading what is to be verified: a receipt as text or PDF, or a proof (JSON)."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

JWS = re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{86}")
Object = dict[str, Any]


class NoEvidenceError(ValueError):
    """The content is neither a receipt nor a proof; the message says why."""


@dataclass(frozen=True)
class Evidence:
    """A signed receipt and, for a proof, the history, inclusions, roots and keys."""

    receipt: str
    history: list[Object] | None = None
    inclusions: list[Object] = field(default_factory=list)
    roots: list[Object] = field(default_factory=list)
    keys: Object | None = None


def evidence_in(content: bytes) -> Evidence:
    """The evidence in a file or text. Raises NoEvidenceError."""
    if content.startswith(b"%PDF-"):
        return Evidence(_receipt_in(content.decode("latin-1")))
    text = content.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return Evidence(_receipt_in(text))
    found = _object(text)
    if not isinstance(found.get("receipt"), str):
        raise NoEvidenceError("no receipt is in it")
    keys = found.get("keys")
    return Evidence(
        found["receipt"],
        _objects(found["history"]) if "history" in found else None,
        _objects(found.get("inclusions", [])),
        _objects(found.get("roots", [])),
        keys if isinstance(keys, dict) else None,
    )


def keys_in(content: bytes) -> Object:
    """A JWK set. Raises NoEvidenceError."""
    found = _object(content.decode("utf-8", "replace"))
    if not isinstance(found.get("keys"), list):
        raise NoEvidenceError("no keys are in it")
    return found


def roots_in(content: bytes) -> list[Object]:
    """Daily roots: a page of them as published, or a list. Raises NoEvidenceError."""
    found = _json(content.decode("utf-8", "replace").strip())
    return _objects(found.get("roots") if isinstance(found, dict) else found)


def parsed(text: str | bytes) -> Any:
    """Parsed JSON whose texts can be encoded as UTF-8, without lone surrogates. Raises ValueError."""
    found = json.loads(text)
    json.dumps(found, ensure_ascii=False).encode()
    return found


def _receipt_in(text: str) -> str:
    found = JWS.search(text)
    if found is None:
        raise NoEvidenceError("no receipt is in it")
    return found.group()


def _json(text: str) -> Any:
    try:
        return parsed(text)
    except (ValueError, RecursionError):
        raise NoEvidenceError("not JSON") from None


def _object(text: str) -> Object:
    found = _json(text)
    if not isinstance(found, dict):
        raise NoEvidenceError("not an object")
    return found


def _objects(found: Any) -> list[Object]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise NoEvidenceError("not a proof in the portal's format")
    return found
