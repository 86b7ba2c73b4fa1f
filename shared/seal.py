"""Sealing of personal data: AES-256-GCM with a key id, and keyed blind indexes for equality search.

A sealed value is text, `<key id>.<base64url of nonce, ciphertext and tag>`, so that it can stand in a
document, an event or a log line without saying anything (NIST SP 800-38D: fresh 96-bit nonce each time).
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class SealBrokenError(ValueError):
    """A sealed value was altered, moved to another place, or sealed with a key we do not hold."""


@dataclass(frozen=True)
class KeyRing:
    """The data key, known by its key id, and the index key. Both are 32 bytes and never the same."""

    data_key: bytes
    index_key: bytes

    @classmethod
    def from_base64(cls, data_key: str, index_key: str) -> "KeyRing":
        """Read both keys from base64. Raises ValueError unless each is 32 bytes and they differ."""
        keys = [base64.b64decode(text) for text in (data_key, index_key)]
        if any(len(key) != 32 for key in keys) or keys[0] == keys[1]:
            raise ValueError("RABTA_DATA_KEY and RABTA_INDEX_KEY must be two different 32-byte keys in base64")
        return cls(*keys)

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.data_key)

    @cached_property
    def key_id(self) -> str:
        """Eight hex digits that name the data key without telling it."""
        return hashlib.sha256(b"key id" + self.data_key).hexdigest()[:8]

    def seal(self, plain: str, place: str) -> str:
        """Encrypt `plain`. `place` (such as "citizen.mobile") is bound to it and needed to open it."""
        nonce = os.urandom(NONCE_BYTES)
        box = self._cipher.encrypt(nonce, plain.encode(), place.encode())
        return f"{self.key_id}.{base64.urlsafe_b64encode(nonce + box).decode()}"

    def unseal(self, sealed: str, place: str) -> str:
        """Decrypt what `seal` made for the same place. Raises SealBrokenError."""
        key_id, _, text = sealed.partition(".")
        if key_id != self.key_id:
            raise SealBrokenError("sealed with an unknown key")
        try:
            box = base64.urlsafe_b64decode(text)
            return self._cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError("altered, or sealed for another place") from error

    def blind(self, plain: str, place: str) -> str:
        """A keyed hash (HMAC-SHA256, hex) by which equal values of one place can be found."""
        return hmac.new(self.index_key, f"{place}\0{plain}".encode(), hashlib.sha256).hexdigest()
