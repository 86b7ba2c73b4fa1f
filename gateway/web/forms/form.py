"""One form: the typed text, its errors, and the key that makes it safe to send twice."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from starlette.datastructures import UploadFile

from gateway.web.portal import RefusedError
from shared.spelling import code_of, text_of

KEY, TOKEN, SHOW, RESUME = "_key", "_token", "_show", "_resume"
"""Names of our own fields. A form with `_show` is not carried out but shown again, with the typed text."""
OWN = (KEY, TOKEN, SHOW, RESUME)
KEY_TEXT = re.compile(r"[0-9a-f]{32}")
URDU = re.compile("[\u0600-\u06ff]")
ABOUT_THE_SESSION = ("unauthenticated", "enrolment-needed")
"""Codes of problems that are about the session and not about the form."""
UNKNOWN_OUTCOME = 500
"""From this status on nobody knows whether the request was carried out."""
SIX_DIGITS = re.compile(r"(?<!\d)(?:\d[ -]?){5}\d(?!\d)")
"""A one-time code, also if a phone has grouped its digits."""
MAX_CODE = 20
KEEP_OLD = "keep_old_hours"
KEEP_HOURS = ("", "24", "168")


class FormError(Exception):
    """The form has errors. The page that the handler declares with `again` shows them."""


@dataclass
class Form:
    """The fields of a form, by name. A name with a dot is a nested member: `place.district`."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, UploadFile]] = field(default_factory=list)
    submitted: bool = False
    """Whether the form was sent, rather than shown for the first time."""
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    """The Idempotency-Key: a form that is sent twice is carried out once."""
    token: str = ""
    show: bool = False
    resume: str = ""
    """A sealed form that is sent after signing in again."""
    errors: dict[str, str] = field(default_factory=dict)
    """The error message of each wrong field."""
    general_error: str = ""
    """An error message that belongs to no field of this form."""
    status: int = 422
    """The status of the page that shows the errors."""

    @classmethod
    def parse(cls, fields: Iterable[tuple[str, str]], files: Sequence[tuple[str, UploadFile]] = ()) -> "Form":
        """A form as it was sent; the end of a line counts as one character (browsers send two)."""
        received = [(name, value.replace("\r\n", "\n")) for name, value in fields]
        own = dict(received)
        form = cls([(name, value) for name, value in received if name not in OWN], list(files), submitted=True)
        form.key = own[KEY] if KEY_TEXT.fullmatch(own.get(KEY, "")) else form.key
        form.token, form.show, form.resume = own.get(TOKEN, ""), SHOW in own, own.get(RESUME, "")
        return form

    def value(self, name: str, default: str = "") -> str:
        """The value of a field, normalised as the services read it; the last one if there are several."""
        for known, value in reversed(self.fields):
            if known == name:
                return text_of(value)
        return default

    def raw(self, name: str) -> str:
        """The value of a field exactly as it was typed, such as a password."""
        return dict(self.fields).get(name, "")

    def values(self, name: str) -> list[str]:
        """All values of a field, in their order."""
        return [text_of(value) for known, value in self.fields if known == name]

    def code(self, name: str = "code") -> str:
        """The one-time code of a field, into which the whole message may have been pasted."""
        return six_digits(self.value(name))

    def has(self, name: str) -> bool:
        """Whether the field was sent; for a checkbox, whether it is ticked."""
        return any(known == name for known, _ in self.fields)

    def file(self, name: str) -> UploadFile | None:
        """The file of a field, if one was chosen."""
        return next((file for known, file in self.files if known == name and file.filename), None)

    def set(self, name: str, value: str) -> None:
        """Set a field."""
        self.fields = [(known, old) for known, old in self.fields if known != name]
        self.fields.append((name, value))

    def prefill(self, values: Mapping[str, str | None]) -> None:
        """Fill in known values, unless the form was sent."""
        if not self.submitted:
            for name, value in values.items():
                self.set(name, value or "")

    def add_error(self, name: str, message: str) -> None:
        """Add an error to a field; the first one stays."""
        self.errors.setdefault(name, message)

    def fail(self, name: str, message: str) -> NoReturn:
        """Add an error to a field, and show the form again. Raises FormError."""
        self.add_error(name, message)
        raise FormError

    def is_complete(self, **messages: str) -> bool:
        """Add an error to each of these fields that is empty; returns whether the form has no errors."""
        for name, message in messages.items():
            if not self.value(name):
                self.add_error(name, message)
        return not self.failed

    def require(self, **messages: str) -> None:
        """Show the form again if one of these fields is empty. Raises FormError."""
        if not self.is_complete(**messages):
            raise FormError

    def refuse(self, refused: RefusedError, names: Mapping[str, str] | None = None) -> None:
        """Show a service's errors at the fields; the corrected form gets a new key, because it is another request.

        `names` maps pointers such as `/place/district`, and codes of problems about one field such as
        `password-wrong`, to the names of fields. Raises the refusal if it is about the session, or if nobody knows
        whether the request was carried out: then the form is kept, and sent again with the same key.
        """
        if refused.code in ABOUT_THE_SESSION or refused.status >= UNKNOWN_OUTCOME:
            raise refused
        self.status = refused.status
        known = names or {}
        for error in refused.errors:
            pointer = error["pointer"]
            self.add_error(known.get(pointer, pointer.strip("/").replace("/", ".")), error["message"])
        if not refused.errors and refused.code in known:
            self.add_error(known[refused.code], refusal_text(refused))
        elif not refused.errors:
            self.general_error = refusal_text(refused)
        self.key = secrets.token_hex(16)

    @property
    def failed(self) -> bool:
        """Whether the form has an error."""
        return bool(self.errors or self.general_error)


def six_digits(text: str) -> str:
    """The one-time code in a typed or pasted text."""
    plain = code_of(text)
    found = SIX_DIGITS.search(plain)
    return found[0] if found else plain[:MAX_CODE]


def refusal_text(refused: RefusedError) -> str:
    """Title and detail of a refusal as sentences; titles are headings and end without a full stop."""
    if not refused.detail:
        return refused.title
    stop = "" if refused.title.endswith((".", "?", "۔", "؟")) else "۔" if URDU.search(refused.title) else "."
    return f"{refused.title}{stop} {refused.detail}"


def kept_hours(form: Form, missing: str) -> dict[str, int]:
    """For how long an old password, secret or key stays valid, as the API takes it.

    Raises FormError, with the message `missing`, if nothing was chosen.
    """
    hours = form.value(KEEP_OLD)
    if hours not in KEEP_HOURS:
        form.fail(KEEP_OLD, missing)
    return {KEEP_OLD: int(hours)} if hours else {}
