"""Stored files: cut into pieces, each encrypted with the file's own key.

AES-256-GCM with a fresh nonce for each piece; file id, index and number of pieces are authenticated, so that pieces
cannot be swapped, dropped or taken from another file. The file's key is sealed with the data key: a new data key does
not touch the pieces, and destroying the file's key destroys the file in every backup.
"""

import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.seal import SealBrokenError

PIECE = 256 * 1024
NONCE = 12
SEALED_PIECE = PIECE + NONCE + 16


def new_key() -> str:
    """A new key for one file, in hex."""
    return AESGCM.generate_key(256).hex()


def pieces_of(size: int) -> int:
    """The number of pieces of a file of `size` bytes; at least one."""
    return max(1, -(-size // PIECE))


def sealed(key: str, file_id: str, content: bytes) -> Iterator[bytes]:
    """The encrypted pieces of a file; all except the last are `SEALED_PIECE` bytes long."""
    cipher, last = AESGCM(bytes.fromhex(key)), pieces_of(len(content)) - 1
    for index in range(last + 1):
        nonce = os.urandom(NONCE)
        piece = content[index * PIECE : (index + 1) * PIECE]
        yield nonce + cipher.encrypt(nonce, piece, _bound(file_id, index, last))


def opened(key: str, file_id: str, piece: bytes, index: int, last: int) -> bytes:
    """One decrypted piece. Raises SealBrokenError if it is not that piece of that file."""
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(piece[:NONCE], piece[NONCE:], _bound(file_id, index, last))
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError("a piece of a file was altered or moved", "attachment.piece", file_id) from error


def _bound(file_id: str, index: int, last: int) -> bytes:
    return f"{file_id}/{index}/{last}".encode()
