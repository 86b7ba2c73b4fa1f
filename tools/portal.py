"""An HTTP client of the portal with a method for each act of its users, for journeys and tools."""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from tools.api_descriptions import mistakes_of_answer
from tools.people import new_cnic, new_mobile

T = TypeVar("T")
PATIENCE = 60.0
SHORT_WAIT = 1.0
"""Seconds after which a limit of calls in a minute lets the next one through."""
RENEWED_AFTER = 400.0
"""Seconds; access tokens live ten minutes."""


class RefusedError(AssertionError):
    """The response was not the expected one."""


@dataclass
class Answer:
    """A complete HTTP response."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def is_limited(self) -> bool:
        """Whether the gateway's limit of an account, which comes back within seconds, refused the call."""
        return self.status == 429 and self.headers.get("retry-after") == "1" and "ratelimit" in self.headers


@dataclass
class Citizen:
    """A registered citizen with a session."""

    cnic: str
    mobile: str
    password: str
    token: str = ""
    refresh: str = ""
    id: str = ""
    device: str = ""
    since: float = 0.0
    """When the session began, by the monotonic clock."""

    @property
    def last_four(self) -> str:
        """The last four digits of the mobile."""
        return self.mobile[-4:]


@dataclass
class Portal:
    """A running suite. `admin` is the administrator's login and password; `address` is the address of all clients.

    Each call makes a connection of its own, unless there are `connections` to share, which its caller closes.
    """

    url: str
    admin: tuple[str, str]
    address: str = "127.0.0.1"
    connections: aiohttp.BaseConnector | None = None
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict)
    """For each member of staff, the time of signing in and the token."""
    _made: dict[str, str] = field(default_factory=dict)
    """Passwords of the members of staff created here, by login."""
    _suffix: str = field(default_factory=lambda: secrets.token_hex(3))
    """The end of logins created here, because other tests may create members of the same role on this suite."""

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        json: Any = None,
        data: bytes | AsyncIterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request; returns problems, too. A successful response must match the API description."""
        sent = {"X-Forwarded-For": self.address, **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        async with (
            aiohttp.ClientSession(
                self.url, connector=self.connections, connector_owner=self.connections is None
            ) as http,
            http.request(method, path, json=json, data=data, headers=sent, allow_redirects=False) as answer,
        ):
            body = await answer.json() if "json" in answer.content_type else await answer.text()
            if answer.content_type == "application/json" and 200 <= answer.status < 300:
                wrong = mistakes_of_answer(method, path, answer.status, body, answer.headers)
                assert not wrong, f"{method} {path}: {wrong}"
            return Answer(answer.status, body, {name.lower(): value for name, value in answer.headers.items()})

    async def expect(self, status: int, method: str, path: str, **more: Any) -> Any:
        """The body of a response, which must have this status. Waits while the account's limit lets nothing through."""
        end = time.monotonic() + PATIENCE
        while (answer := await self.ask(method, path, **more)).is_limited and time.monotonic() < end:
            if status == answer.status:
                break
            await asyncio.sleep(SHORT_WAIT)  # many tests share an account, such as the administrator's
        if answer.status != status:
            raise RefusedError(f"{method} {path}: {answer.status} instead of {status}: {answer.body}")
        return answer.body

    async def register(self) -> Citizen:
        """A new citizen, verified and signed in."""
        citizen = Citizen(new_cnic(), new_mobile(), f"correct horse {secrets.token_hex(4)}")
        await self.verify(await self.open_account(citizen), citizen)
        await self.login(citizen)
        return citizen

    async def open_account(self, citizen: Citizen) -> str:
        """Register; the registration's id."""
        body = {
            "name": "Test Citizen",
            "cnic": citizen.cnic,
            "mobile": citizen.mobile,
            "email": "citizen@example.com",
            "address": "House 1, Street 2, Peshawar",
            "password": citizen.password,
        }
        registration: str = (await self.expect(202, "POST", "/api/v1/registrations", json=body))["registration"]
        return registration

    async def verify(self, registration: str, citizen: Citizen) -> None:
        """Type in the code that came by SMS."""
        code = await self.code_sent_to(citizen.mobile)
        proven = await self.expect(200, "POST", f"/api/v1/registrations/{registration}/otp", json={"code": code})
        citizen.device = proven["device"]

    async def code_sent_to(self, mobile: str) -> str:
        """The newest code that the dev outbox shows for a mobile."""
        return await self.next_code(mobile, "")

    async def next_code(self, mobile: str, seen: str) -> str:
        """The code of a message later than `seen` (the time of a message, or empty)."""

        async def look() -> str | None:
            for message in await self.messages(mobile):
                found = re.search(r"(?<![0-9])[0-9]{6}(?![0-9])", message["words"])
                if found and message["at"] > seen:
                    return found.group()
            return None

        return await until(look, f"a new code for {mobile[-4:]}")

    async def last_message_at(self, mobile: str) -> str:
        """When the newest message to a mobile was sent; empty if there is none."""
        return max((message["at"] for message in await self.messages(mobile)), default="")

    async def messages(self, mobile: str) -> list[dict[str, Any]]:
        """The messages to a mobile, newest first."""
        path = f"/dev/outbox?format=json&to=%2B{mobile.removeprefix('+')}"
        messages: list[dict[str, Any]] = (await self.expect(200, "GET", path))["messages"]
        return messages

    async def login(self, citizen: Citizen) -> None:
        """Sign in with the CNIC."""
        body = {"login": citizen.cnic, "password": citizen.password}
        known = {"device": citizen.device} if citizen.device else {}
        answer = await self.ask("POST", "/api/v1/sessions", json=body | known)
        session = await self.answer_login(answer.body["challenge"], citizen) if answer.status == 202 else answer.body
        if "access_token" not in session:
            raise RefusedError(f"login: {answer.status}: {answer.body}")
        citizen.token, citizen.refresh = session["access_token"], session["refresh_token"]
        citizen.id = session["account"]["id"]
        citizen.since = time.monotonic()

    async def renew(self, citizen: Citizen) -> None:
        """Sign in again if the session is about to end."""
        if time.monotonic() - citizen.since > RENEWED_AFTER:
            await self.login(citizen)

    async def answer_login(self, challenge: str, citizen: Citizen) -> dict[str, Any]:
        """Type in the code that a new device needs; the device is known from then on."""

        async def look() -> str | None:
            for message in await self.messages(citizen.mobile):
                if found := re.search(r"([0-9]{6}).*(?:to log in|لاگ اِن کے لیے)", message["words"]):
                    return found[1]
            return None

        body = {"code": await until(look, f"a login code for {citizen.last_four}")}
        session: dict[str, Any] = await self.expect(200, "POST", f"/api/v1/sessions/{challenge}/otp", json=body)
        citizen.device = session["device"]
        return session

    async def token_of(self, login: str, password: str) -> str:
        """A token of a member of staff, the same for some minutes."""
        since, token = self._tokens.get(login, (-RENEWED_AFTER, ""))
        if time.monotonic() - since < RENEWED_AFTER:
            return token
        body = {"login": login, "password": password}
        token = str((await self.expect(200, "POST", "/api/v1/sessions", json=body))["access_token"])
        self._tokens[login] = time.monotonic(), token
        return token

    def forget(self, token: str) -> None:
        """Forget a token, so that the next use signs in again."""
        self._tokens = {login: found for login, found in self._tokens.items() if found[1] != token}

    async def admin_token(self) -> str:
        """A token of the administrator."""
        return await self.token_of(*self.admin)

    async def officer(self, department: str, role: str = "officer") -> str:
        """A token of an officer of a department, who is created if necessary."""
        return await self.staff(role, department)

    async def staff(self, role: str, department: str | None = None, counter: str | None = None) -> str:
        """A token of a member of staff in a role, who is created if necessary; there is only one `admin`."""
        return await self.token_of(*await self.credentials(role, department, counter))

    async def credentials(
        self, role: str, department: str | None = None, counter: str | None = None
    ) -> tuple[str, str]:
        """Login and password of a member of staff, who is created if necessary; there is only one `admin`."""
        if role == "admin":
            return self.admin
        login = ".".join(part for part in (role, department, self._suffix) if part)
        if login not in self._made:
            password = f"a long enough password {secrets.token_hex(4)}"
            place = {"department": department, "counter": counter}
            body = {"login": login, "name": f"Member {role}", "role": role, "password": password, **place}
            await self.expect(201, "POST", "/api/v1/admin/officers", token=await self.admin_token(), json=body)
            self._made[login] = password
        return login, self._made[login]

    async def file(self, citizen: Citizen, filing: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """File a request; returns the receipt."""
        headers = {"Idempotency-Key": key or secrets.token_hex(8)}
        receipt: dict[str, Any] = await self.expect(
            201, "POST", "/api/v1/requests", token=citizen.token, json=filing, headers=headers
        )
        return receipt

    async def request(self, citizen: Citizen, number: str) -> dict[str, Any]:
        """A citizen's own request in full."""
        request: dict[str, Any] = await self.expect(200, "GET", f"/api/v1/requests/{number}", token=citizen.token)
        return request

    async def reaches(self, citizen: Citizen, number: str, *states: str) -> dict[str, Any]:
        """Wait until a request is in one of the states; returns the request."""
        return await self.once(f"/api/v1/requests/{number}", lambda seen: seen["state"] in states, token=citizen.token)

    async def once(
        self, path: str, holds: Callable[[dict[str, Any]], object] = lambda _: True, *, token: str = ""
    ) -> dict[str, Any]:
        """Wait until the caller may read an address and the response is as `holds` says; returns it."""

        async def look() -> dict[str, Any] | None:
            answer = await self.ask("GET", path, token=token)
            return answer.body if answer.status == 200 and holds(answer.body) else None

        return await until(look, path)

    async def hears(self, mobile: str, *words: str) -> str:
        """Wait for a message to a mobile that contains all of these words; returns it."""

        async def look() -> str | None:
            texts = [str(message["words"]) for message in await self.messages(mobile)]
            return next((text for text in texts if all(word in text for word in words)), None)

        return await until(look, f"{words} to …{mobile[-4:]}")

    async def act(self, officer: str, number: str, action: str, **body: Any) -> Answer:
        """An officer's action on the present revision; on the next one if an event arrives meanwhile."""

        async def attempt() -> Answer | None:
            seen = await self.ask("GET", f"/api/v1/assignments/{number}", token=officer)
            if seen.status != 200:
                return None
            answer = await self.ask(
                "POST",
                f"/api/v1/assignments/{number}/{action}",
                token=officer,
                json=body,
                headers={"If-Match": seen.headers["etag"]},
            )
            return None if answer.status == 412 else answer

        return await until(attempt, f"assignment {number}")


async def until(look: Callable[[], Awaitable[T | None]], what: str, patience: float = PATIENCE) -> T:
    """Call `look` until it returns something, and return that. Raises AssertionError after `patience` seconds.

    Pauses grow, because calls slow the suite down.
    """
    end, pause = time.monotonic() + patience, 0.05
    while time.monotonic() < end:
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.4)
    raise AssertionError(f"waited {patience:g} s for {what}")
