"""Reading a posted form: bounded in size, time and number of fields."""

import asyncio

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from gateway.streaming import GRACE, SLOWEST_RATE, ClientGoneError, UploadTooSlowError
from gateway.web.forms.form import Form
from shared.errors import BadRequestError
from shared.jsonbody import TooLargeError

MOST_FORM = 100_000
"""Bytes of a form without files: the longest answers, in Urdu and percent-encoded, twice over."""
MOST_FIELDS = 300
MOST_FILES = 10
MOST_TEXT = 1_000_000
"""Bytes of all fields together that are no files: more text is on no page, and it is taken apart in memory."""
FILES = "multipart/form-data"


async def read_form(request: Request, most: int = MOST_FORM) -> Form:
    """The form that was sent. Raises TooLargeError, UploadTooSlowError, BadRequestError, ClientGoneError."""
    kind = request.headers.get("content-type", "").lower()
    may_hold_files = FILES in kind
    if may_hold_files and "charset" in kind:  # no browser names one, and some take minutes to decode
        raise BadRequestError
    bounded = Request(request.scope, Bounded(request.receive, most if may_hold_files else min(most, MOST_TEXT)))
    try:
        data = await bounded.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=MOST_TEXT)
    except ClientDisconnect:
        raise ClientGoneError from None
    except (MultiPartException, UnicodeError):
        raise BadRequestError from None
    fields = [(name, value) for name, value in data.multi_items() if isinstance(value, str)]
    if sum(len(name) + len(value) for name, value in fields) > MOST_TEXT:
        raise TooLargeError
    files = [(name, value) for name, value in data.multi_items() if isinstance(value, UploadFile)]
    return Form.typed(fields, files)


class Bounded:
    """A body that may be neither too large nor too slow."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0
        self._began = asyncio.get_running_loop().time()

    async def __call__(self) -> Message:
        """The next message."""
        try:
            async with asyncio.timeout_at(self._began + GRACE + self._size / SLOWEST_RATE):
                message = await self._receive()
        except TimeoutError:
            raise UploadTooSlowError from None
        self._size += len(message.get("body", b""))
        if self._size > self._most:
            raise TooLargeError
        return message
