"""SMS over the HTTP interface of an operator or aggregator. How it is spoken to is data: see `gateways/*.yaml`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

import aiohttp
import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from services.notifier.channels.port import DeliveryResult, Letter
from services.notifier.channels.provider import OutsideProvider, Terms
from services.notifier.models import State

PRESETS = Path(__file__).with_name("gateways")
MOST_ANSWER = 65_536
"""Bytes of an answer that are looked at."""
PLACES = ("account", "secret", "sender", "to", "digits", "words", "reference")
"""What may stand in braces in a gateway's file; `digits` is `to` without the plus."""


class GatewayFile(BaseModel):
    """How a gateway is spoken to. Values may name `PLACES` in braces.

    `accepted` and `refused` are looked for in its answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    method: Literal["GET", "POST"]
    path: str = ""
    basic: bool = Field(False, description="sign in by HTTP Basic with account and secret")
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    form: dict[str, str] = {}
    json_body: dict[str, str] = {}
    accepted: Annotated[str, Field(description="pattern of an answer that takes the message; may name `reference`")]
    refused: Annotated[str, Field(description="pattern of an answer that will never take it")] = "(?!)"

    @field_validator("accepted", "refused")
    @classmethod
    def check_pattern(cls, pattern: str) -> str:
        """A pattern that compiles."""
        re.compile(pattern)
        return pattern

    @classmethod
    def read(cls, name: str) -> "GatewayFile":
        """A preset by its name, or a file by its path. Raises ValueError."""
        file = Path(name) if "/" in name else PRESETS / f"{name}.yaml"
        if not file.is_file():
            known = ", ".join(sorted(preset.stem for preset in PRESETS.glob("*.yaml")))
            raise ValueError(f"there is no SMS gateway file {name}; presets are {known}")
        return cls.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


class SmsGateway(OutsideProvider):
    """A gateway as its file describes it, with our account there."""

    temporary = (aiohttp.ClientError,)

    def __init__(
        self, gateway: GatewayFile, url: str, account: str, secret: SecretStr, sender: str, terms: Terms
    ) -> None:
        super().__init__(terms)
        self._gateway = gateway
        self._url = url.rstrip("/")
        self._ours = {"account": account, "secret": secret.get_secret_value(), "sender": sender}
        self._http: aiohttp.ClientSession | None = None

    async def send(self, letter: Letter) -> DeliveryResult:
        """Ask the gateway to send a message."""
        gateway = self._gateway
        places = {
            **self._ours,
            "to": letter.address,
            "digits": letter.address.removeprefix("+"),
            "words": letter.words,
            "reference": letter.reference,
        }
        fill = _filler(places)
        auth = aiohttp.encode_basic_auth(self._ours["account"], self._ours["secret"]) if gateway.basic else None
        headers = {name: fill(value) for name, value in gateway.headers.items()}
        if auth is not None:
            headers["Authorization"] = auth
        address = self._url + _filler({name: quote(value, safe="") for name, value in places.items()})(gateway.path)
        if gateway.query:
            beginning = "&" if "?" in address else "?"
            address += beginning + urlencode({name: fill(value) for name, value in gateway.query.items()})
        async with self._session().request(
            gateway.method,
            address,
            headers=headers,
            data={name: fill(value) for name, value in gateway.form.items()} or None,
            json={name: fill(value) for name, value in gateway.json_body.items()} or None,
            allow_redirects=False,
        ) as answer:
            return self._result(answer.status, await _beginning(answer))

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession()
        return self._http

    def _result(self, status: int, said: str) -> DeliveryResult:
        """What an answer means: gateways differ in words, not in what HTTP's statuses mean (RFC 9110)."""
        if status in (401, 403, 404, 405) or 300 <= status < 400:
            return DeliveryResult(State.TECHNICAL_FAILURE)
        if status in (408, 425, 429) or status >= 500:
            return DeliveryResult(State.TEMPORARY_FAILURE)
        if re.search(self._gateway.refused, said):
            return DeliveryResult(State.PERMANENT_FAILURE, bad_address=True)
        if status < 300 and (found := re.search(self._gateway.accepted, said)):
            return DeliveryResult(State.SENDING, found.groupdict().get("reference"))
        return DeliveryResult(State.TECHNICAL_FAILURE, unsure=status < 300)


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """The answer, or its first `MOST_ANSWER` bytes. It comes in pieces, so one read may be a part of it."""
    said = b""
    while len(said) < MOST_ANSWER and (piece := await answer.content.read(MOST_ANSWER - len(said))):
        said += piece
    return said.decode(errors="replace")


def _filler(places: dict[str, str]) -> Callable[[str], str]:
    """Puts values into the places of a text; what is in a value is never a place."""
    pattern = re.compile("{(" + "|".join(PLACES) + ")}")
    return lambda text: pattern.sub(lambda found: places[found[1]], text)
