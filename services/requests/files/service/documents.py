"""Required documents: which file may be which, and the rules, which run again when a file is added or removed.

A request that waits only for documents continues once all of them are there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.requests.catalogue.eligibility import (
    Checks,
    RuleResult,
    filed_event,
    identity_of,
    recorded,
    results_of,
    verify,
)
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.request.models.attachment import Attachment
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.service.sealed_texts import answers_of
from shared import events
from shared.clock import utc_now
from shared.errors import FieldError, InvalidError, field_error
from shared.records import Records
from shared.seal import KeyRing


def document_errors(files: Iterable[Attachment], entry: CatalogueEntry, language: str) -> list[FieldError]:
    """Errors for the files of a filing that cannot be the documents they are said to be."""
    found = [document_error(file.document, file.type, entry) for file in files]
    return [field_error(f"/attachments/{n}", code, language) for n, code in enumerate(found) if code]


def document_error(code: str | None, media_type: str, entry: CatalogueEntry) -> str | None:
    """The error code if a file of that type cannot be the document with this code."""
    if code is None:
        return None
    document = entry.documents.get(code)
    if document is None:
        return "document"
    if document.takes(media_type):
        return None
    return "document_picture" if "picture" in document.kinds else "document_pdf"


@dataclass(frozen=True)
class Rerun:
    """The results of the rules for a request with changed files."""

    checks: Checks
    answers: dict[str, Any]
    identity: str
    results: list[RuleResult]

    @property
    def recorded(self) -> list[dict[str, Any]]:
        """The results as stored in the history."""
        return recorded(self.results)

    def proceed(self, request: Request, by: str) -> None:
        """Let the request pass if it now meets every rule, as if its answers had been corrected."""
        if all(result.passed for result in self.results):
            now = utc_now()
            request.take("correct", ActorKind.CITIZEN, now, by=by)
            verified = not request.anonymous
            results = verify(request, self.checks, self.answers, verified=verified, identity=self.identity)
            request.emit(filed_event(events.RequestCorrected, request, results), now)


@dataclass(frozen=True, slots=True)
class Documents:
    """Checks the files of a request against its service."""

    catalogue: Catalogue
    citizens: Records[CitizenReplica]
    keys: KeyRing

    async def require_fit(self, request: Request, document: str | None, media_type: str, language: str) -> None:
        """Raise InvalidError if the file cannot be this document of the request's service."""
        if document is None:
            return
        checks = await self._checks(request)
        code = document_error(document, media_type, checks.entry) if checks else "document"
        if code:
            raise InvalidError(errors=[field_error("/document", code, language)])

    async def rerun(self, request: Request, files: Sequence[str | None]) -> Rerun | None:
        """The results of the rules with these files; None if the request does not wait for information."""
        checks = await self._checks(request) if request.state == State.INFORMATION_NEEDED else None
        if checks is None:
            return None
        answers = answers_of(self.keys, request)
        identity = await identity_of(self.citizens, request.citizen_id, checks)
        verified = not request.anonymous
        results = results_of(request, checks, answers, files, verified=verified, identity=identity)
        return Rerun(checks, answers, identity, results)

    async def _checks(self, request: Request) -> Checks | None:
        return await self.catalogue.find_version(request.service, request.service_version)
