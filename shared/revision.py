"""The revision that somebody saw, as `If-Match` names it."""

import re

from starlette.requests import Request

from shared.errors import BadRequestError, PreconditionRequiredError

TAG = re.compile(r'"([0-9]{1,9})"')
"""A strong ETag of a number alone."""


class IfMatchInvalidError(BadRequestError):
    """The value is not an ETag that a service gave out, so it is a client's mistake and not a lost race."""

    code = "if-match-invalid"


def revision_seen(request: Request, tag: re.Pattern[str] = TAG) -> int:
    """The revision seen, by the If-Match of such a tag. Raises PreconditionRequiredError, IfMatchInvalidError."""
    seen = request.headers.get("if-match")
    if seen is None:
        raise PreconditionRequiredError
    found = tag.fullmatch(seen.strip())
    if found is None:
        raise IfMatchInvalidError
    return int(found[1])
