"""Sealing of personal data: AES-256-GCM with a key id, and keyed blind indexes for equality search.

A sealed value is text, `<key id>.<base64url of nonce, ciphertext and tag>`, so that it can stand in a
document, an event or a log line without saying anything (NIST SP 800-38D: fresh 96-bit nonce each time).
It is bound to the kind of field and to the id of what it belongs to, so that it opens nowhere else (docs/adr/0016).
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
SEALED = re.compile(r"\b([0-9a-f]{8})\.[A-Za-z0-9_-]{38,}={0,2}")
"""How a sealed value looks, wherever it stands in a text; the group is its key id."""


class SealPurpose(StrEnum):
    """Everything that is sealed. The value is bound to the stored text, so it never changes.

    The first word names the owner: an account, a request by its number, a file, a key.
    """

    CITIZEN_NAME = "citizen.name"
    CITIZEN_CNIC = "citizen.cnic"
    CITIZEN_MOBILE = "citizen.mobile"
    CITIZEN_EMAIL = "citizen.email"
    CITIZEN_ADDRESS = "citizen.address"
    CITIZEN_CODE = "citizen.code"
    CITIZEN_UNDO = "citizen.undo"
    STAFF_NAME = "staff.name"
    STAFF_TOTP = "staff.totp"
    REQUEST_ANSWERS = "request.answers"
    REQUEST_ADDRESS = "request.address"
    REQUEST_CITIZEN = "request.citizen"
    REQUEST_NOTE = "request.note"
    REQUEST_QUESTION = "request.question"
    REQUEST_REASON = "request.reason"
    REQUEST_REPLY = "request.reply"
    REQUEST_TRACK_CODE = "request.track_code"
    REQUEST_DRAFT = "request.draft"
    ATTACHMENT_KEY = "attachment.key"
    ATTACHMENT_NAME = "attachment.name"
    NOTIFICATION_WORDS = "notification.words"
    """Its owner is the citizen or member of staff who gets the message."""
    TOKEN_KEY = "identity.key"
    RECEIPT_KEY = "requests.receipt_key"


class SealBrokenError(ValueError):
    """A sealed value was altered, moved to another purpose or owner, or sealed with a key we do not hold.

    `purpose` and `owner` are what it was to be opened for; they name no person and may be logged.
    """

    def __init__(self, what: str, purpose: str = "", owner: str = "") -> None:
        super().__init__(what)
        self.purpose, self.owner = purpose, owner


@dataclass(frozen=True)
class KeyRing:
    """The data key, known by its key id, older ones that still open, and the index key; each 32 bytes, no two alike."""

    data_key: bytes
    index_key: bytes
    old_data_keys: tuple[bytes, ...] = ()

    @classmethod
    def from_base64(cls, data_key: str, index_key: str, old_data_keys: str = "") -> "KeyRing":
        """Read keys from base64, old ones with commas between. Raises ValueError unless all are 32 bytes and differ."""
        texts = [data_key, index_key, *(text for text in old_data_keys.split(",") if text.strip())]
        keys = [base64.b64decode(text) for text in texts]
        if any(len(key) != 32 for key in keys) or len(set(keys)) < len(keys):
            raise ValueError(
                "RABTA_DATA_KEY, RABTA_INDEX_KEY and RABTA_OLD_DATA_KEYS must be different 32-byte keys in base64"
            )
        return cls(keys[0], keys[1], tuple(keys[2:]))

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        return {key_id_of(key): AESGCM(key) for key in (self.data_key, *self.old_data_keys)}

    @cached_property
    def key_id(self) -> str:
        """The key id of the data key that seals now."""
        return key_id_of(self.data_key)

    def seal(self, plain: str, purpose: SealPurpose, *, owner: str) -> str:
        """Encrypt `plain`, bound to its purpose and to the id of its owner: both are needed to open it.

        Raises ValueError without an owner.
        """
        nonce = os.urandom(NONCE_BYTES)
        box = self._ciphers[self.key_id].encrypt(nonce, plain.encode(), _bound(purpose, owner))
        return f"{self.key_id}.{base64.urlsafe_b64encode(nonce + box).decode()}"

    def unseal(self, sealed: str, purpose: SealPurpose, *, owner: str) -> str:
        """Decrypt what `seal` made for the same purpose and owner, also with an older key. Raises SealBrokenError."""
        key_id, _, text = sealed.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SealBrokenError("sealed with an unknown key", purpose, owner)
        try:
            box = base64.urlsafe_b64decode(text)
            return cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _bound(purpose, owner)).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError("altered, or sealed for another purpose or owner", purpose, owner) from error

    def reseal(self, sealed: str, owners: Iterable[str]) -> str:
        """The same text sealed with the present key, for the purpose and the one of the owners that open it.

        Raises SealBrokenError when none does. The likely owner should come first.
        """
        for owner in owners:
            for purpose in SealPurpose:
                try:
                    return self.seal(self.unseal(sealed, purpose, owner=owner), purpose, owner=owner)
                except SealBrokenError:
                    continue
        raise SealBrokenError("sealed for none of these owners")

    def blind(self, plain: str, purpose: str) -> str:
        """A keyed hash (HMAC-SHA256, hex) by which equal values of one purpose can be found."""
        return hmac.new(self.index_key, f"{purpose}\0{plain}".encode(), hashlib.sha256).hexdigest()


def _bound(purpose: SealPurpose, owner: str) -> bytes:
    """What is authenticated besides the text; no two pairs read alike."""
    if not owner:
        raise ValueError("a sealed value needs an owner")
    return f"{len(purpose)}:{purpose}{owner}".encode()


def key_id_of(key: bytes) -> str:
    """Eight hex digits that name a data key without telling it."""
    return hashlib.sha256(b"key id" + key).hexdigest()[:8]
