"""Signatures of receipts and daily roots: compact JWS by Ed25519 keys of a JWK set."""

from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.proof.evidence import parsed

RECEIPT_TYPE = "rabta-receipt+jwt"
ROOT_TYPE = "rabta-root+jwt"
ALGORITHM = "Ed25519"
FIRST_ENTRIES = 2
"""A receipt has the hash of this entry: filing writes two, the submission and the result of the verification."""


class Signatures:
    """Checks signatures by a set of public keys."""

    def __init__(self, keys: Mapping[str, Any]) -> None:
        usable = [key for key in keys.get("keys", []) if isinstance(key, dict) and key.get("kty") == "OKP"]
        try:
            self._keys = KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, TypeError, KeyError):
            self._keys = KeySet([])

    def verified(self, text: str, kind: str) -> tuple[dict[str, Any], str] | None:
        """The payload of a signed text and the id of its key; None unless one of the keys signed it as that kind."""
        try:
            signed = jws.deserialize_compact(text, self._keys, algorithms=[ALGORITHM])
            payload = parsed(signed.payload)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            return None
        header = signed.headers()
        if header.get("typ") != kind or not isinstance(payload, dict):
            return None
        return payload, str(header.get("kid"))


def unverified(text: str) -> dict[str, Any]:
    """The payload of a signed text without verification; empty when it cannot be read."""
    try:
        payload = parsed(jws.extract_compact(text.encode()).payload)
    except (JoseError, ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}
