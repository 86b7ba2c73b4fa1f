"""The draft that a citizen writes: read from the service before each page, and written back after it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.web.forms.errors import field_messages
from gateway.web.forms.service import service_form
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.portal import RefusedError, Reply, segment
from gateway.web.visit import Visit
from shared.errors import FieldError

DRAFTS = "/api/v1/drafts"
REVISION = re.compile(r'"[0-9]{1,9}"')
STALE, GONE = 412, 410
REUSED = "idempotency-key-reused"


@dataclass(slots=True)
class OpenDraft:
    """A draft as it is kept: `revision` is its ETag, `errors` are what stands in the way of filing it."""

    id: str
    revision: str
    service: ServiceForm
    written: WrittenFiling
    errors: list[FieldError]
    expires_at: str

    @classmethod
    def of(cls, reply: Reply, service: ServiceForm) -> "OpenDraft":
        """A draft as the service shows it."""
        told: Mapping[str, Any] = reply.data
        errors = [*told["missing"], *told["wrong"]]
        written = WrittenFiling.of_draft(told)
        asked = {question.name for question in service.questions}
        # A question that the service asks no more is answered nowhere, and could not be taken back on any page.
        written.answers = {name: answer for name, answer in written.answers.items() if name in asked}
        return cls(told["id"], reply.etag, service, written, errors, told["expires_at"])

    def at(self, page: str | int) -> str:
        """The address of one of its pages."""
        return f"/apply/draft/{self.id}/{page}"

    def field_messages(self, visit: Visit) -> dict[str, str]:
        """What is wrong with it by field, in words that say how to mend it."""
        return field_messages(self.errors, self.service, self.written.answers, visit.words)


async def open_draft(visit: Visit) -> OpenDraft:
    """The draft in the address. Raises RefusedError where it is gone."""
    try:
        reply = await visit.portal.get(f"{DRAFTS}/{segment(visit.args['draft'])}")
    except RefusedError as refused:
        if refused.status != 404:
            raise
        raise RefusedError(
            GONE,
            "draft-gone",
            visit.say("This draft is no longer there"),
            visit.say("It was sent, or you removed it, or it was not changed for seven days. Look at your requests."),
        ) from None
    return OpenDraft.of(reply, await service_form(visit.portal, reply.data["filing"]["service"]))


async def begin(visit: Visit, service: ServiceForm, written: WrittenFiling) -> OpenDraft:
    """Keep a new draft; the form's key sees to it that there is one. Raises RefusedError."""
    reply = await visit.portal.post(DRAFTS, written.filing(), key=visit.form.key)
    return OpenDraft.of(reply, service)


async def save(visit: Visit, draft: OpenDraft, revision: str) -> OpenDraft | None:
    """Keep what was written on top of the revision that was seen; None where there is a newer. Raises RefusedError."""
    seen = revision if REVISION.fullmatch(revision) else draft.revision
    try:
        address = f"{DRAFTS}/{draft.id}"
        reply = await visit.portal.call("PUT", address, body=draft.written.filing(), revision=seen)
    except RefusedError as refused:
        if refused.status != STALE:
            raise
        return None
    return OpenDraft.of(reply, draft.service)
