"""The routes of the standard. Each asks the requests service, which decides what is public and whose key is valid."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.headers import partner_of
from gateway.limits import Limits
from gateway.open311 import definitions, formats, reading, views
from gateway.open311.reading import Address, Parameters
from gateway.proxy import Proxy
from gateway.routes import REQUESTS, MethodNotAllowedError
from shared.errors import (
    FieldError,
    InvalidError,
    NotFoundError,
    Problem,
    UnauthenticatedError,
    field_error,
    language_of,
)

CHANGESET = "2026-11-30T00:00:00Z"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
UPDATES_SPAN = timedelta(days=1)
PASSED_ON = ("X-Request-Id", "X-Client-Address", "User-Agent", "traceparent")
DONE = {"fixed": "fixed", "reopen": "not_fixed"}
"""What a client's status says about the outcome. OPEN and CLOSED come with any words, and say nothing about it."""
Answer = Any


class Open311:
    """The server. `proxy` is set before the first request."""

    def __init__(self, limits: Limits, public_url: str, contact: str) -> None:
        self._limits = limits
        self._url = public_url.rstrip("/")
        self._contact = contact
        self._jurisdiction = self._url.partition("://")[2].partition("/")[0].partition(":")[0]
        self.proxy: Proxy | None = None

    async def serve(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], body: bytes) -> None:
        """Answer one request, refusals too. `headers` are forwarded to the service; `body` has been read."""
        request = Request(scope, receive)
        language, form = language_of(request.headers), reading.form_of(request.url.path)
        passed = {name: headers[name] for name in PASSED_ON if name in headers} | {"Accept-Language": language}
        try:
            response = await self._answer(request, reading.address_of(request.url.path), passed, body)
        except Problem as problem:
            response = formats.error_answer(problem, form, language)
        await response(scope, receive, send)

    async def _answer(self, request: Request, address: Address, passed: dict[str, str], body: bytes) -> Response:
        if request.method == "POST":
            form = reading.form_in(request.headers.get("content-type", ""), body)
            sent: Parameters = form.fields
        else:
            sent = reading.query_of(request.url.query)
        if sent.get("jurisdiction_id", self._jurisdiction) != self._jurisdiction:
            raise NotFoundError
        match request.method, address.resource, bool(address.key):
            case "POST", "requests", False:
                return await self._file(request, address, form, body, passed)
            case "POST", "servicerequestupdates", False:
                return await self._update(address, form, passed)
            case "GET", "services", False:
                return formats.answer(await self._services(passed), formats.SERVICES, address.form)
            case "GET", "services", True:
                return formats.answer(await self._definition(address.key, passed), formats.DEFINITION, address.form)
            case "GET", "requests", False:
                return formats.answer(await self._requests(sent, passed), formats.REQUESTS, address.form)
            case "GET", "requests", True:
                extended = {**sent, "service_request_id": address.key}
                return formats.answer(await self._named(extended, passed), formats.REQUESTS, address.form)
            case "GET", "tokens", True:
                return formats.answer(await self._token(address.key, passed), formats.REQUESTS, address.form)
            case "GET", "servicerequestupdates", False:
                return formats.answer(await self._updates(sent, passed), formats.UPDATES, address.form)
            case "GET", "discovery", False:
                return formats.answer(self._discovery(), formats.DISCOVERY, address.form)
            case "POST", "services" | "requests" | "tokens" | "discovery", _:
                raise MethodNotAllowedError(headers={"Allow": "GET"})
        raise NotFoundError

    async def _ask(
        self, method: str, target: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Answer:
        """The service's answer. Raises the Problem that it answers instead."""
        assert self.proxy is not None
        sent = {**headers, "Content-Type": "application/json"} if body is not None else headers
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        answered = await self.proxy.ask(REQUESTS, method, target, sent, content)
        if answered.status >= 400:
            raise problem_of(answered.status, answered.body, dict(answered.headers))
        return json.loads(answered.body)

    async def _services(self, passed: Mapping[str, str]) -> list[dict[str, Any]]:
        listed = await self._ask("GET", "/api/v1/catalogue", passed)
        language = passed["Accept-Language"]
        return [definitions.service_of(one, language) for one in listed["services"] if one.get("public")]

    async def _definition(self, code: str, passed: Mapping[str, str]) -> dict[str, Any]:
        entry = await self._entry(code, passed)
        listed = await self._ask("GET", "/api/v1/districts", passed)
        districts = {one["code"]: one["name"] for one in listed["districts"]}
        return definitions.definition_of(entry, districts, passed["Accept-Language"])

    async def _entry(self, code: str, passed: Mapping[str, str]) -> dict[str, Any]:
        """A service that is public. Raises NotFoundError."""
        if not code or not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in code):
            raise NotFoundError
        entry: dict[str, Any] = await self._ask("GET", f"/api/v1/catalogue/{code}", passed)
        if not entry["public"]:
            raise NotFoundError
        return entry

    async def _requests(self, sent: Parameters, passed: Mapping[str, str]) -> list[dict[str, Any]]:
        if "service_request_id" in sent:
            return await self._named(sent, passed, must=False)
        language = passed["Accept-Language"]
        since, until = reading.span_of(sent, reading.MAX_SPAN, language)
        size = reading.number_in(sent, "page_size", reading.MAX_REQUESTS, reading.MAX_REQUESTS, language)
        page = reading.number_in(sent, "page", 1, 20, language)
        query: list[tuple[str, Any]] = [("since", since), ("until", until), ("updates", "true"), ("limit", size)]
        query += [("skip", (page - 1) * size)] if page > 1 else []
        query += [("service", code) for code in reading.list_of(sent.get("service_code", ""))]
        if status := status_in(sent, language):
            query.append(("status", status))
        found = await self._ask("GET", f"/api/v1/public/requests?{urlencode(query)}", passed)
        extensions = reading.is_on(sent, "extensions")
        return [views.request_of(one, extensions=extensions) for one in found["requests"]]

    async def _named(self, sent: Parameters, passed: Mapping[str, str], *, must: bool = True) -> list[dict[str, Any]]:
        """The requests with these ids. Raises NotFoundError if there `must` be one."""
        ids = [one for one in reading.list_of(sent["service_request_id"]) if 3 <= len(one) <= 40]
        query = urlencode([*(("id", one) for one in ids), ("updates", "true")])
        found = (await self._ask("GET", f"/api/v1/public/requests?{query}", passed))["requests"] if ids else []
        if must and not found:
            raise NotFoundError
        return [views.request_of(one, extensions=reading.is_on(sent, "extensions")) for one in found]

    async def _token(self, token: str, passed: Mapping[str, str]) -> list[dict[str, str]]:
        """Every request has its id at once, so that the id serves as token."""
        if reading.list_of(token) != [token]:
            raise NotFoundError
        [found] = await self._named({"service_request_id": token}, passed)
        return [{"service_request_id": found["service_request_id"], "token": token}]

    async def _updates(self, sent: Parameters, passed: Mapping[str, str]) -> list[dict[str, Any]]:
        since, until = reading.span_of(sent, UPDATES_SPAN, passed["Accept-Language"])
        query = urlencode({"since": since, "until": until})
        found = await self._ask("GET", f"/api/v1/public/updates?{query}", passed)
        return [views.update_of(one) for one in found["updates"]]

    async def _file(
        self, request: Request, address: Address, form: reading.PostedForm, body: bytes, passed: Mapping[str, str]
    ) -> Response:
        language, api_key = passed["Accept-Language"], form.fields.get("api_key", "")
        headers = self._with_key(passed, api_key)
        if "service_code" not in form.fields:
            raise InvalidError(errors=[field_error("/service", "required", language)])
        entry = await self._entry(form.fields["service_code"], passed)
        key = request.headers.get("idempotency-key") or definitions.retry_key(api_key, body)
        sent = definitions.filing_of(entry, form, language)
        filed = await self._ask("POST", "/api/v1/partners/filings", {**headers, "Idempotency-Key": key}, sent)
        answer = {
            "service_request_id": filed["number"],
            "service_notice": definitions.notice_of(self._url, filed, language),
            "account_id": None,
        }
        if reading.is_on(form.fields, "extensions"):
            answer["extended_attributes"] = {"code": filed["code"], "key": filed["key"]}
        return formats.answer([answer], formats.REQUESTS, address.form, 201, {"Cache-Control": "no-store"})

    async def _update(self, address: Address, form: reading.PostedForm, passed: Mapping[str, str]) -> Response:
        fields, language = form.fields, passed["Accept-Language"]
        headers = self._with_key(passed, fields.get("api_key", ""))
        number = fields.get("service_request_id")
        if number is None:
            raise InvalidError(errors=[field_error("/service_request_id", "required", language)])
        body = {
            "request": number,
            "update": fields.get("update_id") or fields.get("update_id_ext") or "-",
            "status": DONE.get(fields.get("status", "").lower()),
            "words": fields.get("description"),
        }
        sent = {name: value for name, value in body.items() if value is not None}
        taken = await self._ask("POST", "/api/v1/partners/updates", headers, sent)
        answer = [{"update_id": taken["update"], "service_request_id": taken["request"]}]
        return formats.answer(answer, formats.UPDATES, address.form, 201, {"Cache-Control": "no-store"})

    def _with_key(self, passed: Mapping[str, str], api_key: str) -> dict[str, str]:
        """The headers of a partner's call, which is counted. Raises UnauthenticatedError, TooManyRequestsError."""
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise UnauthenticatedError("api-key")
        headers = {**passed, "Authorization": f"Partner {api_key}"}
        self._limits.take("partner", partner_of(headers))
        return headers

    def _discovery(self) -> dict[str, Any]:
        endpoint = {
            "specification": SPECIFICATION,
            "url": f"{self._url}/open311/v2",
            "changeset": CHANGESET,
            "type": "production",
            "formats": ["text/xml", "application/json"],
        }
        about = {"changeset": CHANGESET, "contact": self._contact, "key_service": f"{self._url}/help"}
        return {**about, "endpoints": [endpoint]}


def status_in(sent: Parameters, language: str) -> str | None:
    """The one status that is asked for; None for both. Raises InvalidError."""
    wanted = set(reading.list_of(sent.get("status", "").lower()))
    if not wanted <= {"open", "closed"}:
        raise InvalidError(errors=[field_error("/status", "choice", language)])
    return next(iter(wanted)) if len(wanted) == 1 else None


def problem_of(status: int, body: bytes, headers: Mapping[bytes, bytes]) -> Problem:
    """The problem that a service answered."""
    try:
        refusal = json.loads(body)
    except ValueError:
        refusal = {}
    errors: list[FieldError] = refusal.get("errors", [])
    wait = headers.get(b"Retry-After") or headers.get(b"retry-after")
    code = str(refusal.get("type", "internal")).rpartition("/")[2]
    problem = Problem(code, errors=errors, headers={"Retry-After": wait.decode("latin-1")} if wait else {})
    problem.status = status  # type: ignore[misc]  # known only here
    return problem
