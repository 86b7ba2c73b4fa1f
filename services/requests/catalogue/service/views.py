"""Answers about services: the public catalogue, and its administration."""

from dataclasses import dataclass
from typing import Literal, cast

from services.requests.catalogue.models.catalogue import CatalogueEntry, Fee, Words
from services.requests.catalogue.models.versions import ServiceEntry, Version, entry_of
from services.requests.catalogue.schemas import (
    BothWords,
    Districts,
    Due,
    Service,
    ServiceLine,
    Services,
    ShownFee,
    VersionLine,
)
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.tables import districts
from shared.paging import time_text

Kind = Literal["application", "complaint"]


@dataclass(frozen=True)
class CatalogueQuery:
    """A query of the catalogue: words, a department named by the service's rules, a kind."""

    words: str = ""
    department: str | None = None
    kind: Kind | None = None

    def takes(self, entry: CatalogueEntry) -> bool:
        """Whether a service has that department and kind."""
        at_department = self.department is None or any(rule.to == self.department for rule in entry.department)
        return at_department and self.kind in (None, entry.kind)


def offered(catalogue: Catalogue, query: CatalogueQuery) -> Services:
    """The matching services, best first for a text search, else ordered by code."""
    found = [(entry, version) for entry, version in catalogue.found(query.words) if query.takes(entry)]
    names: dict[str, BothWords] = {code: {"en": name["en"], "ur": name["ur"]} for code, name in districts().items()}
    return {"services": [_service(entry, version) for entry, version in found], "districts": names}


def all_districts() -> Districts:
    """Every district, in the order of the file."""
    return {"districts": [{"code": code, "name": {"en": n["en"], "ur": n["ur"]}} for code, n in districts().items()]}


def _service(entry: CatalogueEntry, version: int) -> Service:
    return {
        "code": entry.code,
        "kind": entry.kind,
        "category": entry.category,
        "name": _both(entry.name),
        "summary": _both(entry.summary),
        "department": entry.department[-1].to,
        "fee": _fee(entry.charter.fee),
        "due": cast(Due, entry.due.model_dump(exclude_none=True)),
        "confidential": entry.confidential,
        "anonymous": entry.anonymous,
        "public": entry.public,
        "districts": list(entry.districts),
        "version": version,
    }


def _fee(fee: Fee) -> ShownFee:
    result: ShownFee = {"amount": fee.amount}
    if fee.note is not None:
        result["note"] = _both(fee.note)
    return result


def _both(words: Words) -> BothWords:
    return {"en": words.en, "ur": words.ur}


def summary(stored: ServiceEntry) -> ServiceLine:
    """A service in the administrator's list."""
    name = entry_of(stored.draft["json"] if stored.draft else stored.entry["json"]).name
    return {
        "code": stored.id,
        "name": {"en": name.en, "ur": name.ur},
        "version": stored.version or None,
        "stage": stored.stage,
        "draft": stored.draft_stage,
        "published_at": time_text(stored.published_at),
        "published_by": stored.published_by,
        "retired_at": time_text(stored.retired_at),
        "retired_by": stored.retired_by,
    }


def published(version: Version, stored: ServiceEntry) -> VersionLine:
    """A version's number, stage and date."""
    return {
        "version": version.number,
        "stage": stored.stage if version.number == stored.version else "retired",
        "published_at": time_text(version.published_at),
        "published_by": version.published_by,
    }
