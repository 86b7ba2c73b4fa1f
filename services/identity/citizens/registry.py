"""The registry of identities, such as NADRA's: the port, a demo, and a registry behind HTTP."""

from typing import Literal, Protocol

import aiohttp
import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from pydantic import BaseModel, ConfigDict, ValidationError

from services.identity.settings import IdentitySettings

Verdict = Literal["confirmed", "mismatch"]
MISMATCH_ENDING = "9"
TRIES = 3
FIRST_PAUSE, MAX_PAUSE = 0.2, 1.0
FAILURES = 5
MAX_BYTES = 10_000


class RegistryAwayError(Exception):
    """It did not answer in time or in a known form: the result is unknown; ask again later."""


class RegistryRestingError(RegistryAwayError):
    """The circuit breaker is open after too many failures: the registry was not called."""

    def __init__(self) -> None:
        super().__init__("resting")


class IdentityRegistry(Protocol):
    """Whether a CNIC and a name belong together."""

    async def ask(self, cnic: str, name: str) -> Verdict:
        """The verdict. Raises RegistryAwayError."""

    async def close(self) -> None:
        """Close the connections."""


class DemoRegistry:
    """Says "mismatch" for CNICs whose last digit is 9."""

    async def ask(self, cnic: str, name: str) -> Verdict:
        """The verdict."""
        return "mismatch" if cnic.endswith(MISMATCH_ENDING) else "confirmed"

    async def close(self) -> None:
        """Nothing to close."""


class RegistryAnswer(BaseModel):
    """What the registry answers."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    match: bool


class HttpRegistry:
    """`POST` of CNIC and name, answered `{"match": true|false}`, by 200 or 404 (an unknown CNIC).

    A 404 with another body is a wrong address or a proxy's page, and no verdict. Each attempt has a `timeout`, each
    question three attempts. After five failed questions a circuit breaker opens for `rest` seconds, so that a registry
    that is down or slow delays nothing.
    """

    def __init__(self, url: str, key: str | None, *, timeout: float, rest: float) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=FAILURES, default_ttl=rest)
        self._http: aiohttp.ClientSession | None = None

    async def ask(self, cnic: str, name: str) -> Verdict:
        """The verdict. Raises RegistryAwayError."""
        try:
            async with await self._breakers.get_breaker("registry"):
                return await self._with_retry(cnic, name)
        except OpenedState:
            raise RegistryRestingError from None

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def _with_retry(self, cnic: str, name: str) -> Verdict:
        """The verdict of the first attempt that gets one."""
        tries = stamina.retry_context(
            on=RegistryAwayError, attempts=TRIES, wait_initial=FIRST_PAUSE, wait_max=MAX_PAUSE
        )
        async for attempt in tries:
            with attempt:
                return await self._once(cnic, name)
        raise RegistryAwayError("no attempt")

    async def _once(self, cnic: str, name: str) -> Verdict:
        self._http = self._http or aiohttp.ClientSession(timeout=self._timeout)
        body = {"cnic": cnic, "name": name}
        try:
            async with self._http.post(self._url, json=body, headers=self._headers, allow_redirects=False) as answer:
                if answer.status not in (200, 404):
                    raise RegistryAwayError(f"status {answer.status}")
                found = RegistryAnswer.model_validate_json(await _read_body(answer.content))
                if found.match and answer.status == 404:
                    raise RegistryAwayError("a contradictory answer")
                return "confirmed" if found.match else "mismatch"
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RegistryAwayError(type(error).__name__) from None
        except ValidationError:
            raise RegistryAwayError("an unknown answer") from None


async def _read_body(content: aiohttp.StreamReader) -> bytes:
    """The body, up to MAX_BYTES. Raises RegistryAwayError if it is longer."""
    body = b""
    async for piece in content.iter_any():
        body += piece
        if len(body) > MAX_BYTES:
            raise RegistryAwayError("an answer that is too long")
    return body


def registry_of(settings: IdentitySettings) -> IdentityRegistry | None:
    """The adapter that the settings name; None without a registry."""
    match settings.registry:
        case "http":
            key = settings.registry_key.get_secret_value() if settings.registry_key else None
            return HttpRegistry(
                settings.registry_url or "", key, timeout=settings.registry_timeout, rest=settings.registry_rest
            )
        case "demo":
            return DemoRegistry()
        case _:
            return None
