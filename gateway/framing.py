"""What a request's head may look like: bounded, and with one meaning for whoever reads it after us."""

from collections.abc import Sequence

from shared.errors import BadRequestError, Problem

Header = tuple[bytes, bytes]
MAX_FIELDS = 100
MAX_HEAD = 16 * 1024
ALONE = (
    b"host",
    b"content-length",
    b"transfer-encoding",
    b"authorization",
    b"content-type",
    b"idempotency-key",
    b"x-file-name",
)


class HeadTooLargeError(Problem):
    """More header fields, or longer ones, than anybody needs."""

    status, code = 431, "head-too-large"


def demand_plain_head(headers: Sequence[Header]) -> None:
    """Raises HeadTooLargeError, and BadRequestError for a head that two programs could read in two ways."""
    if len(headers) > MAX_FIELDS or sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        raise HeadTooLargeError
    names = [name for name, _ in headers]
    if b"host" not in names or any(names.count(name) > 1 for name in ALONE):
        raise BadRequestError
    if b"content-length" in names and b"transfer-encoding" in names:
        raise BadRequestError
