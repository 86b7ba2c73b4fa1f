"""The process that opens strangers' files: no keys, no database, no more memory than given; killed when it hangs.

It reads a file from its standard input (length, bytes) and answers on standard output (length, JSON; length, bytes),
one after another, until the input ends.
"""

import json
import resource
import struct
import sys
from typing import BinaryIO

from services.requests.checking.documents import check_document
from services.requests.checking.images import UnfitError, encoded_anew
from services.requests.checking.kinds import LONGEST, PDF, kind_of
from services.requests.checking.refusals import BROKEN, TYPE

LENGTH = struct.Struct("!I")
MEMORY = 1536 * 1024 * 1024


def check(content: bytes) -> tuple[dict[str, str | int], bytes]:
    """What is to be known of a file, and its content as it is kept; or {"reason": ...} and nothing."""
    kind = kind_of(content[:LONGEST])
    try:
        if kind is None:
            raise UnfitError(TYPE if content else BROKEN)
        if kind == PDF:
            check_document(content)
            return {"type": kind}, content
        kept, width, height = encoded_anew(content, kind)
    except UnfitError as error:
        return {"reason": str(error)}, b""
    except Exception:  # decoders fail in many ways; each of them says that this is not a file we can keep
        return {"reason": BROKEN}, b""
    return {"type": kind, "width": width, "height": height}, kept


def serve(given: BinaryIO, answers: BinaryIO) -> None:
    """Check files until there are no more."""
    while length := given.read(LENGTH.size):
        told, kept = check(given.read(LENGTH.unpack(length)[0]))
        text = json.dumps(told).encode()
        answers.write(LENGTH.pack(len(text)) + text + LENGTH.pack(len(kept)))
        answers.write(kept)
        answers.flush()


def confine() -> None:
    """Take away what decoding does not need: more memory, files to write, a core dump with somebody's papers."""
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    confine()
    serve(sys.stdin.buffer, sys.stdout.buffer)
