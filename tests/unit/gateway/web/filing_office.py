"""A fake requests service for the pages of filing: real forms and rules, drafts in memory, one number."""

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.tables import districts
from services.requests.filing.service.drafts import DraftFiling, missing_and_wrong, written_errors
from services.requests.filing.service.foreseeing import Written, foresee
from tests.unit.gateway.fake_services import FakeServices
from tests.unit.gateway.web.services_forms import ENTRIES, FORMS

NUMBER, DRAFT, KEY = "RB-7F3K-9Q2M-E", "d" * 32, "7F3K-9Q2M-XE40-TB5N"
DAY = "2026-03-02T09:00:00.000Z"
CHECKS = {code: Checks(entry) for code, entry in ENTRIES.items()}
ME = {"name": "Gul Bano", "mobile": "+923000000888"}
ALIKE = {
    "number": "RB-2C8D-4H6J-J", "service": "street-light-out", "state": "routed", "stage": "processing",
    "district": "swat", "submitted_at": DAY, "due_at": None, "metres": 80, "likeness": 0.9, "followers": 1,
    "yours": False, "following": False,
}  # fmt: skip


@dataclass
class Desk(FakeServices):
    """Keeps drafts with their revisions; `begun` and `filed` are bodies by their keys."""

    drafts: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    begun: dict[str, dict[str, Any]] = field(default_factory=dict)
    filed: dict[str, dict[str, Any]] = field(default_factory=dict)
    alike: list[dict[str, Any]] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    active: list[dict[str, str]] = field(default_factory=list)

    def reset(self) -> None:
        """Start again."""
        for kept in (self.drafts, self.begun, self.filed):
            kept.clear()
        for kept_list in (self.alike, self.followed, self.active, self.seen):
            kept_list.clear()

    def keep(self, service: str, answers: dict[str, Any], district: str = "swat") -> None:
        """A draft with these answers, at its first revision."""
        filing = {"service": service, "place": {"district": district}, "answers": answers, "confidential": False}
        self.drafts[DRAFT] = (1, {**filing, "attachments": []})

    async def _any(self, request: Request) -> Response:
        self.seen.append(request)
        body = await request.body()
        sent: Any = json.loads(body) if body else None
        match request.method, *request.url.path.removeprefix("/api/v1/").split("/"):
            case "GET", "catalogue", code:
                return JSONResponse(FORMS[code].entry) if code in FORMS else problem(404, "not-found")
            case "POST", "catalogue", code, "check":
                return JSONResponse(foresee(CHECKS[code], Written.model_validate(sent), "en"))
            case "GET", "districts":
                return JSONResponse({"districts": [{"code": c, "name": name} for c, name in districts().items()]})
            case "GET", "departments":
                return JSONResponse({"departments": [{"code": "works", "name": "Roads"}]})
            case "GET", "me":
                return JSONResponse(ME)
            case method, "drafts", *path:
                return self._draft(method, path, sent, request)
            case "POST", "requests", "similar":
                return JSONResponse({"similar": self.alike})
            case "GET", "requests":
                return JSONResponse({"requests": self.active, "next": None})
            case "PUT", "requests", number, "follow":
                self.followed.append(number)
                return JSONResponse({})
            case "POST", ("requests" | "anonymous-requests") as door:
                return self._file(door, sent, request)
        return problem(404, "not-found")

    def _draft(self, method: str, path: list[str], sent: Any, request: Request) -> Response:
        if not path and method == "GET":
            return JSONResponse({"drafts": []})
        if method == "POST":
            if self.begun.setdefault(request.headers["idempotency-key"], sent) != sent:
                return problem(422, "idempotency-key-reused")
            self.drafts[DRAFT] = (1, sent)
            return self._shown(201)
        if path[0] not in self.drafts:
            return problem(404, "not-found")
        revision, filing = self.drafts[path[0]]
        if method == "PUT" and sent != filing:
            if request.headers["if-match"] != f'"{revision}"':
                return problem(412, "precondition-failed")
            self.drafts[path[0]] = (revision + 1, sent)
        return self._shown()

    def _shown(self, status: int = 200) -> Response:
        revision, filing = self.drafts[DRAFT]
        errors = written_errors(DraftFiling.model_validate(filing), CHECKS[filing["service"]], "en")
        missing, wrong = missing_and_wrong(errors)
        told = {"id": DRAFT, "missing": missing, "wrong": wrong, "expires_at": "2096-03-09T04:00:00.000Z"}
        body = {**told, "filing": filing, "files": [], "complete": not errors}
        return JSONResponse(body, status, {"ETag": f'"{revision}"'})

    def _file(self, door: str, sent: dict[str, Any], request: Request) -> Response:
        key = request.headers["idempotency-key"]
        if self.filed.setdefault(key, sent) != sent:
            return problem(422, "idempotency-key-reused")
        self.drafts.pop(sent.get("draft", ""), None)
        given = {"code": "4567", "key": KEY} if door == "anonymous-requests" else {}
        return JSONResponse({"number": NUMBER, **given}, 201)


def problem(status: int, code: str) -> Response:
    """A refusal."""
    return JSONResponse({"type": f"/problems/{code}", "title": "Not now", "detail": "Look again."}, status)
