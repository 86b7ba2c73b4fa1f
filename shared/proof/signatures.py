"""What is signed and how: receipts and daily roots are compact JWS by Ed25519 keys of a JWK set."""

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
"""Filing writes two entries, and its receipt says how they end: that it was filed, and what verification said."""


class Signatures:
    """Checks signatures by a set of public keys."""

    def __init__(self, keys: Mapping[str, Any]) -> None:
        able = [key for key in keys.get("keys", []) if isinstance(key, dict) and key.get("kty") == "OKP"]
        try:
            self._keys = KeySet.import_key_set({"keys": able})
        except (JoseError, ValueError, TypeError, KeyError):
            self._keys = KeySet([])

    def said(self, text: str, kind: str) -> tuple[dict[str, Any], str] | None:
        """What a signed text says and the id of its key; None unless one of the keys signed it as that kind."""
        try:
            signed = jws.deserialize_compact(text, self._keys, algorithms=[ALGORITHM])
            said = parsed(signed.payload)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            return None
        header = signed.headers()
        if header.get("typ") != kind or not isinstance(said, dict):
            return None
        return said, str(header.get("kid"))


def unverified(text: str) -> dict[str, Any]:
    """What a signed text claims to say; empty when it cannot be read."""
    try:
        said = parsed(jws.extract_compact(text.encode()).payload)
    except (JoseError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
