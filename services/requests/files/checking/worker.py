"""The process that opens untrusted files: without keys or database, with limited memory, and killed if it hangs.

It reads files from standard input (length, bytes) and answers on standard output (length, JSON; length, bytes), one
after another, until the input ends.
"""

import json
import resource
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from services.requests.files.checking import documents
from services.requests.files.checking.images import UnfitError, encoded_anew
from services.requests.files.checking.kinds import BROKEN, PDF, SIGNATURE_BYTES, TYPE, kind_of

LENGTH = struct.Struct("!I")
MEMORY = 1536 * 1024 * 1024
MEMORY_FOR_DOCUMENTS = 768 * 1024 * 1024
SPENT = 400 * 1024 * 1024
"""Bytes still in use after a file; with more the process is replaced."""
IN_USE = Path("/proc/self/statm")


def check(content: bytes) -> tuple[dict[str, str | int], bytes]:
    """Type and size of a file with the content to store; or {"reason": ...} without content."""
    kind = kind_of(content[:SIGNATURE_BYTES])
    try:
        if kind is None:
            raise UnfitError(TYPE if content else BROKEN)
        if kind == PDF:
            with memory(MEMORY_FOR_DOCUMENTS):
                return {"type": kind}, documents.cleaned(content)
        kept, width, height = encoded_anew(content, kind)
    except UnfitError as error:
        return {"reason": str(error)}, b""
    except Exception:  # decoders fail in many ways; each means a broken file
        return {"reason": BROKEN}, b""
    return {"type": kind, "width": width, "height": height}, kept


def serve(given: BinaryIO, answers: BinaryIO) -> None:
    """Check files until there are no more."""
    while length := given.read(LENGTH.size):
        result, kept = check(given.read(LENGTH.unpack(length)[0]))
        text = json.dumps({**result, "spent": in_use() > SPENT}).encode()
        answers.write(LENGTH.pack(len(text)) + text + LENGTH.pack(len(kept)))
        answers.write(kept)
        answers.flush()


def in_use() -> int:
    """The memory in use by this process in bytes; 0 if unknown."""
    return int(IN_USE.read_text().split()[1]) * resource.getpagesize() if IN_USE.exists() else 0


@contextmanager
def memory(most: int) -> Iterator[None]:
    """Limit the memory within the context, if the process is confined."""
    before, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, hard))


def confine() -> None:
    """Limit memory, and forbid writing files and core dumps, which would contain citizens' documents."""
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    confine()
    serve(sys.stdin.buffer, sys.stdout.buffer)
