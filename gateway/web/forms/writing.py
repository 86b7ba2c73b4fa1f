"""A filing that is being written, between two pages.

With an account the service keeps it as a draft. Without a name, or at a counter, the pages contain it in sealed form
(`SealedFiling`).
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.web.forms.answers import fields_of_answers, read_answer
from gateway.web.forms.form import Form
from gateway.web.forms.steps import DISTRICT, LATITUDE, LONGITUDE, WITHOUT_POINT, FormStep, ServiceForm
from gateway.web.session import Sealer

DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
KEPT_SECONDS = 24 * 3600
"""How long a sealed filing is accepted: as long as the service keeps files that belong to no request."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was uploaded before the filing."""

    id: str
    name: str
    type: str
    bytes: int
    document: str = ""
    """The code of the document that it is; empty for any other file."""

    @classmethod
    def of(cls, file: Mapping[str, Any], name: str = "") -> "SentFile":
        """A file as the API describes it; `name` is the name that its sender gave it."""
        return cls(file["id"], name or file.get("name") or "", file["type"], file["bytes"], file.get("document") or "")


@dataclass(slots=True)
class WrittenFiling:
    """An unfinished filing."""

    service: str
    place: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    confidential: bool = False
    files: list[SentFile] = field(default_factory=list)

    @classmethod
    def of_draft(cls, draft: Mapping[str, Any]) -> "WrittenFiling":
        """The content of a draft, without files that no longer exist."""
        filing = draft["filing"]
        files = [SentFile.of(file) for file in draft["files"]]
        return cls(filing["service"], dict(filing["place"]), dict(filing["answers"]), filing["confidential"], files)

    @property
    def district(self) -> str:
        """The code of the district; empty if none is chosen."""
        return self.place.get("district") or ""

    def take(self, step: FormStep, form: Form) -> None:
        """Read the answers of a page; an empty field removes the answer."""
        for question in step.questions:
            answer = read_answer(question, form)
            self.answers.pop(question.name, None)
            if answer is not None:
                self.answers[question.name] = answer
        if step.district:
            self._put("district", form.value(DISTRICT)[:60] or None)
        if step.location:
            latitude, longitude = degrees(form.value(LATITUDE), 90), degrees(form.value(LONGITUDE), 180)
            known = latitude is not None and longitude is not None and not form.has(WITHOUT_POINT)
            self._put("latitude", latitude if known else None)
            self._put("longitude", longitude if known else None)

    def fill(self, step: FormStep, form: Form) -> None:
        """Fill in the fields of a page with the answers, unless the page was sent."""
        known = {DISTRICT: self.district, LATITUDE: self._degrees("latitude"), LONGITUDE: self._degrees("longitude")}
        form.prefill(fields_of_answers(step.questions, self.answers) | known)

    def filing(self, **more: Any) -> dict[str, Any]:
        """The body of a filing, or of a draft of one."""
        body = {"service": self.service, "place": self.place, "answers": self.answers}
        return {
            **body,
            "confidential": self.confidential,
            "attachments": [file.id for file in self.files],
            **more,
        }

    def to_check(self) -> dict[str, Any]:
        """The body for a check of the filing."""
        return {
            "place": self.place,
            "answers": self.answers,
            "confidential": self.confidential,
            "files": len(self.files),
            "documents": [file.document for file in self.files if file.document],
        }

    def to_compare(self) -> dict[str, Any]:
        """The body that asks for possible duplicates."""
        return {"service": self.service, "place": self.place, "answers": self.answers}

    def _put(self, name: str, value: Any) -> None:
        self.place.pop(name, None)
        if value is not None:
            self.place[name] = value

    def _degrees(self, name: str) -> str:
        known = self.place.get(name)
        return "" if known is None else f"{known:.6f}"


@dataclass(slots=True)
class SealedFiling:
    """An unfinished filing that the pages contain in sealed form, with its Idempotency-Key.

    `on_behalf_of` and `channel` are set by a clerk.
    """

    written: WrittenFiling
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    on_behalf_of: str = ""
    channel: str = ""

    def seal(self, sealer: Sealer) -> str:
        """The value of a hidden field."""
        return sealer.seal({**asdict(self), "of": "writing"})

    @classmethod
    def open(cls, sealer: Sealer, text: str, service: ServiceForm) -> "SealedFiling | None":
        """The filing in a hidden field; None if it is damaged, too old, or for another service."""
        content = sealer.open(text, KEPT_SECONDS) if text else None
        if not isinstance(content, dict) or content.get("of") != "writing":
            return None
        written = content["written"]
        if written["service"] != service.code:
            return None
        try:
            files = [SentFile(**file) for file in written.pop("files")]
            return cls(
                WrittenFiling(**written, files=files), content["key"], content["on_behalf_of"], content["channel"]
            )
        except (KeyError, TypeError):  # made by another version of the gateway
            return None


def degrees(typed: str, limit: int) -> float | None:
    """Degrees as the page's script writes them; None for any other text."""
    if not DEGREES.fullmatch(typed):
        return None
    value = float(typed)
    return value if -limit <= value <= limit else None
