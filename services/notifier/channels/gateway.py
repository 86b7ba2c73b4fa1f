"""SMS over the HTTP interface of an operator or aggregator, described by a file: see `gateways/*.yaml`."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import quote, urlencode

import aiohttp
import structlog
from pydantic import JsonValue

from services.notifier.channels.callbacks import inbound_in, reports_in, verify
from services.notifier.channels.gateway_file import PLACE, PLACES, Call, GatewayFile, GatewayOutcome, StatusQuery
from services.notifier.channels.provider import (
    Attempt,
    Callback,
    DeliveryResult,
    InboundMessage,
    OutboundMessage,
    OutsideProvider,
    Report,
    Terms,
)
from services.notifier.models.notification import DeliveryState
from services.notifier.settings import SmsSettings

MAX_ANSWER = 65_536
"""Bytes of a response that are read."""
OURS = (401, 403, 404, 405)
LATER = (408, 425, 429)
PERHAPS_TAKEN = (502, 504)
"""Responses of a proxy before the gateway: the outcome behind it is unknown."""
NOT_FOUND = 404
BUSY = (429, 503)
USUAL_PAUSE, MAX_PAUSE = 1.0, 300.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """A response of a gateway."""

    status: int
    text: str
    later: str
    """Its `Retry-After`; dates are not read."""

    @property
    def pause(self) -> float:
        """Seconds for which it wants no more messages."""
        if self.status not in BUSY:
            return 0.0
        return min(float(self.later), MAX_PAUSE) if self.later.isdecimal() else USUAL_PAUSE


class SmsGateway(OutsideProvider):
    """A gateway as described by its file, with our account there."""

    temporary = (aiohttp.ClientError,)

    def __init__(self, gateway: GatewayFile, account: SmsSettings, terms: Terms, callbacks: str = "") -> None:
        """`callbacks`: our address for them."""
        super().__init__(terms)
        self._gateway = gateway
        self._account, self._callbacks = account, callbacks
        self._url = account.url.rstrip("/")
        self._secret = account.secret.get_secret_value()
        is_twilio = gateway.signature is not None and gateway.signature.kind == "twilio"  # signs with that secret
        self._callback_secret = self._secret if is_twilio else account.callback_secret.get_secret_value()
        self.asks_by = gateway.ask.by if gateway.ask else None
        self._http: aiohttp.ClientSession | None = None

    async def send(self, message: OutboundMessage, attempt: Attempt) -> DeliveryResult:
        """Ask the gateway to send a message."""
        places = {
            "to": message.address,
            "digits": message.address.removeprefix("+"),
            "words": message.words,
            "reference": message.reference,
            "callback": self._address_of_receipts(message.reference),
            "unicode": "0" if message.words.isascii() else "1",
        }
        return self._result(await self._call(self._gateway, places, attempt))

    async def ask(self, reference: str) -> DeliveryResult | None:
        """Ask about a message."""
        ask, result, error = self._gateway.ask, None, None
        if ask is None:
            return None
        try:
            async with asyncio.timeout(self._patience):
                result = self._standing(ask, reference, await self._call(ask, {"reference": reference}, Attempt()))
        except Exception as failure:  # any failure: the state of the message is unknown
            error = type(failure).__name__
        log.info("message.asked", provider=self.name, state=result.state.value if result else None, error=error)
        return result

    def reports(self, callback: Callback) -> list[Report]:
        """The reports in a callback. Raises CallbackRefusedError."""
        verify(self._gateway.signature, self._callback_secret, callback)
        return reports_in(self._gateway, callback)

    def inbound(self, callback: Callback) -> InboundMessage | None:
        """The SMS in a callback. Raises CallbackRefusedError."""
        verify(self._gateway.signature, self._callback_secret, callback)
        return inbound_in(self.name, self._gateway, callback)

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def _call(self, call: Call, places: Mapping[str, str], attempt: Attempt) -> GatewayAnswer:
        """The gateway's response. `attempt` is unsure once the request was sent."""
        ours = {"account": self._account.account, "secret": self._secret, "sender": self._account.sender}
        known = dict.fromkeys(PLACES, "") | ours | dict(places)
        fill = _filler(known)
        headers = {name: fill(value) for name, value in call.headers.items()}
        if call.basic:
            headers["Authorization"] = aiohttp.encode_basic_auth(self._account.account, self._secret)
        async with self._session().request(
            call.method,
            self._address(call, known),
            headers=headers,
            data={name: fill(value) for name, value in call.form.items()} or None,
            json={name: _filled(value, fill) for name, value in call.json_body.items()} or None,
            allow_redirects=False,
            trace_request_ctx=attempt,
        ) as answer:
            attempt.answered = f"HTTP {answer.status}"
            return GatewayAnswer(answer.status, await _beginning(answer), answer.headers.get("Retry-After", ""))

    def _address(self, call: Call, places: Mapping[str, str]) -> str:
        address = self._url + _filler({name: quote(value, safe="") for name, value in places.items()})(call.path)
        if not call.query:
            return address
        fill = _filler(places)
        beginning = "&" if "?" in address else "?"
        return address + beginning + urlencode({name: fill(value) for name, value in call.query.items()})

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            tracing = aiohttp.TraceConfig()
            tracing.on_request_headers_sent.append(_left)
            self._http = aiohttp.ClientSession(trace_configs=[tracing], cookie_jar=aiohttp.DummyCookieJar())
        return self._http

    def _result(self, answer: GatewayAnswer) -> DeliveryResult:
        """The meaning of a response: gateways differ in texts, not in the meaning of HTTP statuses (RFC 9110)."""
        gateway, status, text = self._gateway, answer.status, answer.text
        if status in OURS or 300 <= status < 400:
            return DeliveryResult(DeliveryState.TECHNICAL_FAILURE)
        if status in LATER or status >= 500:
            return DeliveryResult(DeliveryState.TEMPORARY_FAILURE, unsure=status in PERHAPS_TAKEN, pause=answer.pause)
        if re.search(gateway.refused, text):
            return DeliveryResult(DeliveryState.PERMANENT_FAILURE, bad_address=True)
        if re.search(gateway.blocked, text):
            return DeliveryResult(DeliveryState.PERMANENT_FAILURE)
        if status < 300 and (found := re.search(gateway.accepted, text)):
            return DeliveryResult(DeliveryState.SENDING, found.groupdict().get("reference"))
        return DeliveryResult(DeliveryState.TECHNICAL_FAILURE, unsure=status < 300)

    def _standing(self, ask: StatusQuery, reference: str, answer: GatewayAnswer) -> DeliveryResult | None:
        """The state of a message. One that the gateway does not know was never accepted, so it may be sent."""
        status, text = answer.status, answer.text
        if ask.by == "ours" and (status == NOT_FOUND or (status < 300 and re.search(ask.unknown, text))):
            return DeliveryResult(DeliveryState.TEMPORARY_FAILURE)
        outcome = self._gateway.meaning(_first(ask.status, text), _first(ask.code, text)) if status < 300 else None
        if outcome is None:
            return None
        theirs = reference if ask.by == "theirs" else _first(ask.reference, text)
        return DeliveryResult(outcome.state, theirs, bad_address=outcome is GatewayOutcome.BAD_NUMBER)

    def _address_of_receipts(self, reference: str) -> str:
        """The address for receipts of a message; with the secret if the gateway cannot sign."""
        signature = self._gateway.signature
        query = {"reference": reference}
        if signature is not None and signature.kind == "secret":
            query[signature.parameter] = self._callback_secret
        return f"{self._callbacks}/receipts?{urlencode(query)}"


async def _left(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
    context.trace_request_ctx.unsure = True


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    """The response, or its first `MAX_ANSWER` bytes. It arrives in pieces, so one read is not enough."""
    text = b""
    while len(text) < MAX_ANSWER and (piece := await answer.content.read(MAX_ANSWER - len(text))):
        text += piece
    return text.decode(errors="replace")


def _first(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[1] if found else None


def _filler(places: Mapping[str, str]) -> Callable[[str], str]:
    """A function that fills the placeholders of a text. Values are never parsed for placeholders."""
    return lambda text: PLACE.sub(lambda found: places[found[1]], text)


def _filled(value: JsonValue, fill: Callable[[str], str]) -> JsonValue:
    """A JSON value with the placeholders of all its texts filled."""
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, list):
        return [_filled(one, fill) for one in value]
    return {name: _filled(one, fill) for name, one in value.items()} if isinstance(value, dict) else value
