"""Reading a posted form: bounded in size, time and number of fields."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from gateway.streaming import GRACE, SLOWEST_RATE, ClientGoneError, UploadTooSlowError
from gateway.web.forms.form import Form
from shared.errors import BadRequestError, UnavailableError
from shared.jsonbody import TooLargeError

MAX_FORM = 100_000
"""Bytes of a form without files: the longest answers, in Urdu and percent-encoded, twice over."""
MAX_FIELDS = 300
MAX_FILES = 10
MAX_TEXT = 1_000_000
"""Bytes of all fields together that are no files: more text is on no page, and it is taken apart in memory."""
FILES = "multipart/form-data"
MAX_IN_HAND = 400_000_000
"""Bytes of all forms that a process has in hand: their files lie in the temporary folder, which may be memory."""
BUSY = {"Retry-After": "30"}


class Hand:
    """How many bytes of forms a process has in hand."""

    def __init__(self, most: int = MAX_IN_HAND) -> None:
        self._most = most
        self.held = 0

    @contextmanager
    def room(self) -> Iterator["FormBudget"]:
        """Room for one form, given back when the form was dealt with."""
        room = FormBudget(self)
        try:
            yield room
        finally:
            self.held -= room.size

    def take(self, size: int) -> None:
        """Take more. Raises UnavailableError when there is no room."""
        if self.held + size > self._most:
            raise UnavailableError(headers=BUSY)
        self.held += size


class FormBudget:
    """What one form takes of a hand."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self.size = 0

    def take(self, size: int) -> None:
        """Take room for more of the form. Raises UnavailableError."""
        self._hand.take(size)
        self.size += size


async def read_form(request: Request, room: FormBudget, most: int = MAX_FORM) -> Form:
    """The form that was sent.

    Raises TooLargeError, UploadTooSlowError, BadRequestError, ClientGoneError, and UnavailableError when the process
    has its hands full.
    """
    kind = request.headers.get("content-type", "").lower()
    may_hold_files = FILES in kind
    if may_hold_files and "charset" in kind:  # no browser names one, and some take minutes to decode
        raise BadRequestError
    limit = most if may_hold_files else min(most, MAX_TEXT)
    bounded = Request(request.scope, Bounded(request.receive, limit, room))
    try:
        data = await bounded.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_TEXT)
    except ClientDisconnect:
        raise ClientGoneError from None
    except (MultiPartException, UnicodeError):
        raise BadRequestError from None
    fields = [(name, value) for name, value in data.multi_items() if isinstance(value, str)]
    if sum(len(name) + len(value) for name, value in fields) > MAX_TEXT:
        raise TooLargeError
    files = [(name, value) for name, value in data.multi_items() if isinstance(value, UploadFile)]
    return Form.typed(fields, files)


class Bounded:
    """A body that may be neither too large nor too slow, and for which there is room."""

    def __init__(self, receive: Receive, most: int, room: FormBudget) -> None:
        self._receive = receive
        self._most = most
        self._room = room
        self._began = asyncio.get_running_loop().time()

    async def __call__(self) -> Message:
        """The next message."""
        try:
            async with asyncio.timeout_at(self._began + GRACE + self._room.size / SLOWEST_RATE):
                message = await self._receive()
        except TimeoutError:
            raise UploadTooSlowError from None
        self._room.take(len(message.get("body", b"")))
        if self._room.size > self._most:
            raise TooLargeError
        return message
