"""A file as it is kept: cut into pieces, each sealed with the file's own key and bound to its place in the file.

AES-256-GCM with a fresh nonce for each piece; the file's id, the piece's place and whether it is the last are bound to
it, so that pieces cannot be swapped, left out or taken from another file. The file's key is itself sealed with the
data key, like any personal value: changing the data key does not touch the pieces, and destroying the key
destroys the file in every backup.
"""

import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.seal import SealBrokenError, SealPurpose

PIECE = 256 * 1024
NONCE = 12
SEALED_PIECE = PIECE + NONCE + 16
KEY_PLACE = SealPurpose.ATTACHMENT_KEY
NAME_PLACE = SealPurpose.ATTACHMENT_NAME


def new_key() -> str:
    """A new key for one file, in hex."""
    return AESGCM.generate_key(256).hex()


def pieces_of(size: int) -> int:
    """How many pieces a file of so many bytes has; an empty one has one."""
    return max(1, -(-size // PIECE))


def sealed(key: str, file_id: str, content: bytes) -> Iterator[bytes]:
    """The pieces of a file, sealed; all but the last are `SEALED_PIECE` bytes long."""
    cipher, last = AESGCM(bytes.fromhex(key)), pieces_of(len(content)) - 1
    for place in range(last + 1):
        nonce = os.urandom(NONCE)
        piece = content[place * PIECE : (place + 1) * PIECE]
        yield nonce + cipher.encrypt(nonce, piece, _bound(file_id, place, last))


def opened(key: str, file_id: str, piece: bytes, place: int, last: int) -> bytes:
    """One piece as it was. Raises SealBrokenError where it is not that piece of that file."""
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(piece[:NONCE], piece[NONCE:], _bound(file_id, place, last))
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError("a piece of a file was altered or moved", "attachment.piece", file_id) from error


def _bound(file_id: str, place: int, last: int) -> bytes:
    return f"{file_id}/{place}/{last}".encode()
