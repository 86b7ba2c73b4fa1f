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
MOST_PART = 1_000_000
"""Bytes of one field; a whole form is bounded before that."""


async def read_form(request: Request, most: int = MOST_FORM) -> Form:
    """The form that was sent. Raises TooLargeError, UploadTooSlowError, BadRequestError, ClientGoneError."""
    bounded = Request(request.scope, Bounded(request.receive, most))
    try:
        data = await bounded.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=MOST_PART)
    except ClientDisconnect:
        raise ClientGoneError from None
    except MultiPartException:
        raise BadRequestError from None
    except UnicodeDecodeError:
        raise BadRequestError from None
    fields = [(name, value) for name, value in data.multi_items() if isinstance(value, str)]
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
