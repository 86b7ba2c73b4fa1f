"""One form: what was typed, what is wrong with it, and the key that makes it safe to send twice."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile

from gateway.web.portal import RefusedError
from shared.spelling import text_of

KEY, TOKEN, SHOW, RESUME = "_key", "_token", "_show", "_resume"
"""Names of our own fields. With `_show` a form is not carried out but shown again, with what was typed."""
OWN = (KEY, TOKEN, SHOW, RESUME)
KEY_TEXT = re.compile(r"[0-9a-f]{32}")
URDU = re.compile("[\u0600-\u06ff]")
ELSEWHERE = ("unauthenticated", "enrolment-needed")
"""Refusals that are about the session and not about the form."""
UNKNOWN_OUTCOME = 500
"""From this status on nobody knows whether it was done: the same key has to be sent again."""


@dataclass
class Form:
    """The fields of a form, by name. A name with a dot stands for a nested member: `place.district`."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, UploadFile]] = field(default_factory=list)
    sent: bool = False
    """Whether somebody typed this, rather than that it is shown for the first time."""
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    """Sent as Idempotency-Key: the same form sent twice is done once."""
    token: str = ""
    show: bool = False
    resume: str = ""
    """A form that waits, sealed, until its writer has signed in again."""
    errors: dict[str, str] = field(default_factory=dict)
    """Words for each field that is wrong."""
    trouble: str = ""
    """Words for what is wrong with no field of this form."""

    @classmethod
    def typed(cls, fields: Iterable[tuple[str, str]], files: Sequence[tuple[str, UploadFile]] = ()) -> "Form":
        """A form as it was sent; the end of a line counts as one sign (browsers send two)."""
        given = [(name, value.replace("\r\n", "\n")) for name, value in fields]
        own = dict(given)
        form = cls([(name, value) for name, value in given if name not in OWN], list(files), sent=True)
        form.key = own[KEY] if KEY_TEXT.fullmatch(own.get(KEY, "")) else form.key
        form.token, form.show, form.resume = own.get(TOKEN, ""), SHOW in own, own.get(RESUME, "")
        return form

    def value(self, name: str, default: str = "") -> str:
        """The value of a field as the services read it, in one spelling; the last, where there are several."""
        for known, value in reversed(self.fields):
            if known == name:
                return text_of(value)
        return default

    def secret(self, name: str) -> str:
        """A password: letter by letter as it was typed."""
        return dict(self.fields).get(name, "")

    def values(self, name: str) -> list[str]:
        """All values of a field, in their order."""
        return [text_of(value) for known, value in self.fields if known == name]

    def has(self, name: str) -> bool:
        """Whether the field was sent; of a box to tick, whether it is ticked."""
        return any(known == name for known, _ in self.fields)

    def file(self, name: str) -> UploadFile | None:
        """The file of a field, where one was chosen."""
        return next((file for known, file in self.files if known == name and file.filename), None)

    def put(self, name: str, value: str) -> None:
        """Set a field."""
        self.fields = [(known, old) for known, old in self.fields if known != name]
        self.fields.append((name, value))

    def begin(self, values: Mapping[str, str | None]) -> None:
        """Fill in what is known already, where nobody has typed anything yet."""
        if not self.sent:
            for name, value in values.items():
                self.put(name, value or "")

    def wrong(self, name: str, words: str) -> None:
        """Say what is wrong with a field; the first words stay."""
        self.errors.setdefault(name, words)

    def refuse(self, refused: RefusedError, names: Mapping[str, str] | None = None) -> None:
        """Take over what the service said; `names` maps pointers such as `/place/district` to fields of other names.

        It may map the code of a problem too, such as `password-wrong`, that is about one field and does not say so.
        The key stays only where nobody knows whether it was done; else a corrected form is another request.
        Raises the refusal of somebody who is not signed in any more: to sign in, the form waiting, is the answer.
        """
        if refused.code in ELSEWHERE:
            raise refused
        known = names or {}
        for error in refused.errors:
            pointer = error["pointer"]
            self.wrong(known.get(pointer, pointer.strip("/").replace("/", ".")), error["message"])
        if not refused.errors and refused.code in known:
            self.wrong(known[refused.code], told(refused))
        elif not refused.errors:
            self.trouble = told(refused)
        if refused.status < UNKNOWN_OUTCOME:
            self.key = secrets.token_hex(16)

    @property
    def failed(self) -> bool:
        """Whether something is to be said about it."""
        return bool(self.errors or self.trouble)


def told(refused: RefusedError) -> str:
    """What the service said, in sentences: its titles are headings and end without a full stop."""
    if not refused.detail:
        return refused.title
    stop = "" if refused.title.endswith((".", "?", "۔", "؟")) else "۔" if URDU.search(refused.title) else "."
    return f"{refused.title}{stop} {refused.detail}"
