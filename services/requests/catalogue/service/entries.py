"""Services of the catalogue as administrators see them."""

from services.requests.catalogue.models.versions import ServiceEntry, Version, entry_of
from services.requests.catalogue.schemas import ServiceLine, VersionLine
from shared.paging import time_text


def line(stored: ServiceEntry) -> ServiceLine:
    """A service as a line of the administrator's list."""
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
