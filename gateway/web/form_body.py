"""Reads a posted form within limits of size, time, number of fields, and memory of the process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from gateway.streaming import GRACE, SLOWEST_RATE, ClientGoneError, UploadTooSlowError
from gateway.web.forms.form import Form
from shared.errors import BadRequestError, UnavailableError
from shared.jsonbody import TooLargeError

MAX_FORM = 100_000
"""Bytes of a form without files: the longest answers in Urdu, percent-encoded, twice over."""
MAX_FIELDS = 300
MAX_FILES = 10
MAX_TEXT = 1_000_000
"""Bytes of all fields together that are not files. No page has more text, and it is parsed in memory."""
FILES = "multipart/form-data"
MAX_MEMORY = 400_000_000
"""Bytes of all forms that a process handles at a time: files are in the temporary folder, which may be memory."""


@dataclass
class FormMemory:
    """Counts the bytes of all forms that the process handles."""

    max_bytes: int = MAX_MEMORY
    used: int = 0

    @contextmanager
    def budget(self) -> Iterator["FormBudget"]:
        """The budget of one form; what it used is free again afterwards."""
        budget = FormBudget(self)
        try:
            yield budget
        finally:
            self.used -= budget.used


@dataclass
class FormBudget:
    """Counts the bytes of one form."""

    memory: FormMemory
    used: int = 0

    def take(self, size: int) -> None:
        """Use more bytes. Raises UnavailableError if the process has not enough."""
        if self.memory.used + size > self.memory.max_bytes:
            raise UnavailableError(after=30)
        self.memory.used += size
        self.used += size


async def read_form(request: Request, budget: FormBudget, max_bytes: int = MAX_FORM) -> Form:
    """The form that was sent.

    Raises TooLargeError, UploadTooSlowError, BadRequestError, ClientGoneError, and UnavailableError if the process
    handles too many forms.
    """
    kind = request.headers.get("content-type", "").lower()
    may_hold_files = FILES in kind
    if may_hold_files and "charset" in kind:  # browsers never name a charset, and some charsets decode slowly
        raise BadRequestError
    limit = max_bytes if may_hold_files else min(max_bytes, MAX_TEXT)
    bounded = Request(request.scope, BoundedReceive(request.receive, limit, budget))
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
    return Form.parse(fields, files)


@dataclass
class BoundedReceive:
    """Receives a body that is neither too large nor too slow, and fits into the budget."""

    receive: Receive
    max_bytes: int
    budget: FormBudget
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    async def __call__(self) -> Message:
        """The next message."""
        try:
            async with asyncio.timeout_at(self.started + GRACE + self.budget.used / SLOWEST_RATE):
                message = await self.receive()
        except TimeoutError:
            raise UploadTooSlowError from None
        self.budget.take(len(message.get("body", b"")))
        if self.budget.used > self.max_bytes:
            raise TooLargeError
        return message
