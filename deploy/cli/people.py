"""Invented people for demos: CNICs of the reserved block 35000-0000xxx-x, mobiles +92 300 0000xxx."""

import asyncio
import re
import time
from dataclasses import dataclass

from deploy.cli import client
from deploy.cli.book import Book
from deploy.cli.client import SignedInAccount
from deploy.cli.transport import ApiError, Transport
from deploy.local.errors import LocalError

CODE = re.compile(r"\b[0-9]{6}\b")
LOGIN = re.compile(r"to log in|لاگ اِن کے لیے")
CODE_SECONDS = 30.0
GIVEN = (
    "Ayesha", "Bilal", "Sana", "Imran", "Zainab", "Usman", "Nadia", "Tariq", "Hina", "Kamran",
    "Rabia", "Asad", "Maryam", "Faisal", "Amna", "Junaid", "Saima", "Waqas", "Lubna", "Haris",
)  # fmt: skip


@dataclass(frozen=True)
class DemoCitizen:
    """A demo citizen; `n` (1 to 999) is the number within the reserved block."""

    n: int

    @property
    def name(self) -> str:
        """A name."""
        return f"{GIVEN[self.n % len(GIVEN)]} Demo"

    @property
    def cnic(self) -> str:
        """An unused CNIC."""
        return f"35000-0000{self.n:03}-{self.n % 9 + 1}"

    @property
    def mobile(self) -> str:
        """An unused mobile number."""
        return f"+923000000{self.n:03}"

    @property
    def password(self) -> str:
        """The password, the same in every demo."""
        return f"demo-chinar-{self.n:03}-kahwa"

    @property
    def form(self) -> dict[str, str]:
        """The body of the registration."""
        return {
            "name": self.name,
            "cnic": self.cnic,
            "mobile": self.mobile,
            "email": f"demo{self.n:03}@example.com",
            "address": f"House {self.n}, Demo Street, Peshawar",
            "language": "ur" if self.n % 2 == 0 else "en",
            "password": self.password,
        }


async def ensure_citizen(transport: Transport, person: DemoCitizen, book: Book) -> SignedInAccount:
    """The citizen, signed in; registers and proves the mobile first if necessary."""
    device = device_of(transport, person, book)
    account = client.person(transport, person.cnic, person.password, device)
    try:
        return await account.sign_in()
    except ApiError as error:
        if error.status != 401:
            raise
    registration = await client.register(transport, person.form, f"demo/{person.cnic}")
    device.token = await _prove(transport, registration, person.mobile)
    device.keep(device.token)
    return await account.sign_in()


def device_of(transport: Transport, person: DemoCitizen, book: Book) -> client.DeviceLogin:
    """The device of a demo citizen: from the book, or proven with the code in the demo's outbox."""

    async def code() -> str:
        return await _code(transport, person.mobile, LOGIN)

    return client.DeviceLogin(book.device(person.cnic), code, lambda token: book.keep_device(person.cnic, token))


async def _prove(transport: Transport, registration: str, mobile: str) -> str:
    """Enter the newest code; an older registration may have left an invalid one."""
    tried = ""
    while True:
        tried = await _code(transport, mobile, CODE, tried)
        try:
            return await client.verify(transport, registration, tried)
        except ApiError as error:
            if error.status != 422:
                raise


async def _code(transport: Transport, mobile: str, words: re.Pattern[str], tried: str = "") -> str:
    """The newest code in a message with these words, other than the one tried. Raises LocalError if none comes."""
    end = time.monotonic() + CODE_SECONDS
    while time.monotonic() < end:
        texts = [message["words"] for message in await client.outbox(transport, mobile)]
        codes = [found[0] for text in texts if (found := CODE.search(text)) and words.search(text)]
        if codes and codes[0] != tried:
            return codes[0]
        await asyncio.sleep(0.1)
    raise LocalError(f"no code arrived for {mobile} within {CODE_SECONDS:.0f} s: see {transport.url}/dev/outbox")
