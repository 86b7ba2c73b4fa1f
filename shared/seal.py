"""Sealing of personal data: AES-256-GCM with a key id, and keyed blind indexes for equality search.

A sealed value is text, `<key id>.<base64url of nonce, ciphertext and tag>`, with a fresh 96-bit nonce each time
(NIST SP 800-38D). It is bound to a purpose and an owner and opens only with both (docs/adr/0016).
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
"""A sealed value anywhere in a text; the group is its key id."""


class SealPurpose(StrEnum):
    """Every kind of sealed value. Stored values are bound to the texts, so they never change.

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
    REQUEST_INTERNAL_NOTE = "request.internal_note"
    REQUEST_POINT = "request.point"
    REQUEST_QUESTION = "request.question"
    REQUEST_PUBLIC_WORDS = "request.public_words"
    REQUEST_REASON = "request.reason"
    REQUEST_REPLY = "request.reply"
    REQUEST_TRACK_CODE = "request.track_code"
    REQUEST_DRAFT = "request.draft"
    ATTACHMENT_KEY = "attachment.key"
    ATTACHMENT_NAME = "attachment.name"
    NOTIFICATION_WORDS = "notification.words"
    """The owner is the citizen or member of staff who gets the message."""
    TOKEN_KEY = "identity.key"
    RECEIPT_KEY = "requests.receipt_key"
    SUBSCRIPTION_SECRET = "subscription.secret"


class BlindPurpose(StrEnum):
    """Every kind of value that has a keyed hash but is not sealed; sealed ones are hashed by their `SealPurpose`.

    Stored hashes depend on the texts, so they never change.
    """

    ACCOUNT_PASSWORD = "identity.password"
    ACCOUNT_LOGIN = "identity.login"
    CLIENT_ADDRESS = "identity.address"
    ONE_TIME_CODE = "identity.code"
    REGISTRATION_ID = "identity.registration"
    AUDIT = "identity.audit"
    REFRESH_TOKEN = "session.refresh"
    STAFF_IDEMPOTENCY_KEY = "staff.key"
    STAFF_RECOVERY_CODE = "staff.recovery"
    STAFF_EMAIL_CODE = "staff.code"
    REQUEST_IDEMPOTENCY_KEY = "request.key"
    REQUEST_HISTORY = "request.history"
    REQUEST_RESEALED = "request.resealed"
    REQUEST_ACT_KEY = "request.act_key"
    ANONYMOUS_FILING = "anonymous.filing"
    ANONYMOUS_KEY = "anonymous.key"
    DRAFT_ID = "draft.id"
    RECEIPT_PUBLIC_KEY = "requests.receipt_key.public"
    TRACKING_HERE = "track.here"
    TRACKING_ADDRESS = "track.address"
    ASSIGNMENT_REPLY = "assignment.reply"
    ASSIGNMENT_ACT = "assignment.act"
    MESSAGE_MOBILE = "notifier.mobile"
    MESSAGE_REFERENCE = "notification.reference"
    STOP_LINK = "notifier.stop"


class SealBrokenError(ValueError):
    """A sealed value was altered, moved to another purpose or owner, or sealed with a key we do not hold.

    `purpose` and `owner` are those it was opened with; they contain no personal data and may be logged.
    """

    def __init__(self, what: str, purpose: str = "", owner: str = "") -> None:
        super().__init__(what)
        self.purpose, self.owner = purpose, owner


@dataclass(frozen=True, repr=False)
class KeyRing:
    """The data key, older data keys that only open, and the index key; 32 bytes each, all different."""

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
        """The same text sealed with the present key; purpose and owner are tried until the value opens.

        Raises SealBrokenError if none of the owners fits. The most likely owner should come first.
        """
        for owner in owners:
            for purpose in SealPurpose:
                try:
                    return self.seal(self.unseal(sealed, purpose, owner=owner), purpose, owner=owner)
                except SealBrokenError:
                    continue
        raise SealBrokenError("sealed for another owner")

    def blind(self, plain: str, purpose: BlindPurpose | SealPurpose) -> str:
        """A keyed hash (HMAC-SHA256, hex), by which equal values of one purpose can be found."""
        return hmac.new(self.index_key, f"{purpose}\0{plain}".encode(), hashlib.sha256).hexdigest()


def _bound(purpose: SealPurpose, owner: str) -> bytes:
    """The additional authenticated data; it differs for every pair of purpose and owner."""
    if not owner:
        raise ValueError("a sealed value needs an owner")
    return f"{len(purpose)}:{purpose}{owner}".encode()


def key_id_of(key: bytes) -> str:
    """Eight hex digits that identify a data key without revealing it."""
    return hashlib.sha256(b"key id" + key).hexdigest()[:8]
