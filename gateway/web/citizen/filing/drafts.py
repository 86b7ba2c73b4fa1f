"""The draft of a filing: read from the service before each page, and saved after it."""

import re
from dataclasses import dataclass

from gateway.web.forms.errors import field_messages
from gateway.web.forms.service import service_form
from gateway.web.forms.steps import ServiceForm
from gateway.web.forms.writing import WrittenFiling
from gateway.web.portal import RefusedError, Reply, not_found, or_else, segment
from gateway.web.visit import Visit
from shared.errors import FieldError

DRAFTS = "/api/v1/drafts"
REVISION = re.compile(r'"[0-9]{1,9}"')
CHANGED, GONE, STALE = 409, 410, 412
REUSED = "idempotency-key-reused"
CHECK, FILES, SIMILAR = "check", "files", "similar"
"""The pages of a draft after its questions."""


@dataclass(slots=True)
class OpenDraft:
    """A stored draft: `revision` is its ETag; because of `errors` it cannot be filed yet."""

    id: str
    revision: str
    service: ServiceForm
    written: WrittenFiling
    errors: list[FieldError]
    expires_at: str

    @classmethod
    def of(cls, reply: Reply, service: ServiceForm) -> "OpenDraft":
        """A draft as the API shows it."""
        draft = reply.data
        written = WrittenFiling.of_draft(draft)
        # The service may have changed: an answer without a question could not be removed on any page.
        known = {question.name for question in service.questions}
        written.answers = {name: answer for name, answer in written.answers.items() if name in known}
        errors = [*draft["missing"], *draft["wrong"]]
        return cls(draft["id"], reply.etag, service, written, errors, draft["expires_at"])

    def at(self, page: str | int) -> str:
        """The address of one of its pages."""
        return f"/apply/draft/{self.id}/{page}"

    def messages(self, visit: Visit) -> dict[str, str]:
        """The error messages by field."""
        return field_messages(self.errors, self.service, self.written.answers, visit.words)


async def open_draft(visit: Visit) -> OpenDraft:
    """The draft in the address. Raises RefusedError, also if the draft is gone."""
    reply = await or_else(None, visit.portal.get(f"{DRAFTS}/{segment(visit.args['draft'])}"), not_found)
    if reply is None:
        raise RefusedError(
            GONE,
            "draft-gone",
            visit.say("This draft is no longer there"),
            visit.say("It was sent, or you removed it, or it was not changed for seven days. Look at your requests."),
        )
    return OpenDraft.of(reply, await service_form(visit.portal, reply.data["filing"]["service"]))


async def create(visit: Visit, service: ServiceForm, written: WrittenFiling) -> OpenDraft:
    """Store a new draft, once for each key of the form. Raises RefusedError."""
    reply = await visit.portal.post(DRAFTS, written.filing(), key=visit.form.key)
    return OpenDraft.of(reply, service)


async def save(visit: Visit, draft: OpenDraft, revision: str = "") -> OpenDraft | None:
    """Save the draft over a revision; None if there is a newer one. Raises RefusedError."""
    seen = revision if REVISION.fullmatch(revision) else draft.revision
    address = f"{DRAFTS}/{draft.id}"
    saving = visit.portal.call("PUT", address, body=draft.written.filing(), revision=seen)
    reply = await or_else(None, saving, lambda refused: refused.status == STALE)
    return OpenDraft.of(reply, draft.service) if reply else None


def returns_to_check(visit: Visit) -> bool:
    """Whether the page was opened from the check of all answers, to change one of them."""
    return CHECK in (visit.form.value("return"), visit.query("return"))
