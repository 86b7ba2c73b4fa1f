"""What somebody has written of a filing so far, wherever it is kept between two pages.

With an account it is kept as a draft by the service. Without a name, or at a counter, it travels sealed in the pages
themselves (`SealedWriting`).
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from gateway.web.forms.answers import filled_in, read
from gateway.web.forms.form import Form
from gateway.web.forms.steps import DISTRICT, LATITUDE, LONGITUDE, WITHOUT_POINT, FormStep, ServiceForm
from gateway.web.session import Sealer

DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
KEPT_SECONDS = 24 * 3600
"""How long sealed writing is taken: as long as the service keeps files that no request names."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was sent before the filing."""

    id: str
    name: str
    type: str
    bytes: int
    document: str = ""
    """Which document of the charter it is, by its code; empty for any other file."""

    @classmethod
    def of(cls, told: Mapping[str, Any], name: str = "") -> "SentFile":
        """A file as the service tells of it; `name` is what its sender calls it."""
        return cls(told["id"], name or told.get("name") or "", told["type"], told["bytes"], told.get("document") or "")


@dataclass(slots=True)
class WrittenFiling:
    """A filing as far as it is written."""

    service: str
    place: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    confidential: bool = False
    files: list[SentFile] = field(default_factory=list)

    @classmethod
    def of_draft(cls, draft: Mapping[str, Any]) -> "WrittenFiling":
        """What a draft holds, as the service shows it; files that are gone are left out."""
        filing = draft["filing"]
        files = [SentFile.of(file) for file in draft["files"]]
        return cls(filing["service"], dict(filing["place"]), dict(filing["answers"]), filing["confidential"], files)

    @property
    def district(self) -> str:
        """The code of the district; empty where none is chosen yet."""
        return self.place.get("district") or ""

    def take(self, step: FormStep, form: Form) -> None:
        """Take over what was typed on a page; what was left empty is answered no more."""
        for question in step.questions:
            answer = read(question, form)
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
        """Put what is written into the fields of a page, where nobody has typed anything yet."""
        known = {DISTRICT: self.district, LATITUDE: self._degrees("latitude"), LONGITUDE: self._degrees("longitude")}
        form.begin(filled_in(step.questions, self.answers) | known)

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
        """The body that asks what filing would say."""
        return {
            "place": self.place,
            "answers": self.answers,
            "confidential": self.confidential,
            "files": len(self.files),
            "documents": [file.document for file in self.files if file.document],
        }

    def to_compare(self) -> dict[str, Any]:
        """The body that asks for similar requests."""
        return {"service": self.service, "place": self.place, "answers": self.answers}

    def _put(self, name: str, value: Any) -> None:
        self.place.pop(name, None)
        if value is not None:
            self.place[name] = value

    def _degrees(self, name: str) -> str:
        known = self.place.get(name)
        return "" if known is None else f"{known:.6f}"


@dataclass(slots=True)
class SealedWriting:
    """Writing that travels in the pages: with the key that makes it one request, however often it is sent.

    `on_behalf_of` and `channel` are given by a clerk.
    """

    written: WrittenFiling
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    on_behalf_of: str = ""
    channel: str = ""

    def seal(self, sealer: Sealer) -> str:
        """As the value of a hidden field."""
        return sealer.seal({**asdict(self), "of": "writing"})

    @classmethod
    def open(cls, sealer: Sealer, text: str, service: ServiceForm) -> "SealedWriting | None":
        """What a hidden field holds of this service; None where it is not ours, or too old."""
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


def degrees(typed: str, most: int) -> float | None:
    """Degrees as a script writes them; None for everything else."""
    if not DEGREES.fullmatch(typed):
        return None
    value = float(typed)
    return value if -most <= value <= most else None
