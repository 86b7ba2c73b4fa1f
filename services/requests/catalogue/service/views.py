"""Answers about services: the public catalogue, and its administration."""

from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.versions import ServiceEntry, Version, entry_of
from services.requests.catalogue.schemas import BothWords, Districts, Service, ServiceLine, Services, VersionLine
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.tables import districts
from shared.paging import time_text

LISTED = {"code", "kind", "category", "name", "summary", "due", "confidential", "anonymous", "public", "districts"}
"""The fields of an entry that the list shows as they are."""


class CatalogueQuery(BaseModel):
    """A query of the catalogue: words, a department named by the service's rules, a kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    q: Annotated[str, Field(max_length=200, description="what the citizen needs, in any words")] = ""
    department: Annotated[str | None, Field(pattern=r"^[a-z0-9-]{1,60}$", description="a department's code")] = None
    kind: Literal["application", "complaint"] | None = None

    def takes(self, entry: CatalogueEntry) -> bool:
        """Whether a service has that department and kind."""
        at_department = self.department is None or any(rule.to == self.department for rule in entry.department)
        return at_department and self.kind in (None, entry.kind)


def offered(catalogue: Catalogue, query: CatalogueQuery) -> Services:
    """The matching services, best first for a text search, else ordered by code."""
    found = [(entry, version) for entry, version in catalogue.found(query.q) if query.takes(entry)]
    return {"services": [_service(entry, version) for entry, version in found], "districts": names_of_districts()}


def all_districts() -> Districts:
    """Every district, in the order of the file."""
    return {"districts": [{"code": code, "name": name} for code, name in names_of_districts().items()]}


def names_of_districts() -> dict[str, BothWords]:
    """The names of all districts in both languages, by code."""
    return cast(dict[str, BothWords], districts())


def _service(entry: CatalogueEntry, version: int) -> Service:
    shown = entry.model_dump(include=LISTED, exclude_none=True)
    fee = entry.charter.fee.model_dump(exclude_none=True)
    return cast(Service, {**shown, "department": entry.department[-1].to, "fee": fee, "version": version})


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
