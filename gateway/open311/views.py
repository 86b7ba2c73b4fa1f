"""Published requests and their steps as the standard writes them."""

from collections.abc import Mapping
from typing import Any

Published = Mapping[str, Any]
STATUSES = {
    "accepted": "IN_PROGRESS",
    "questioned": "INVESTIGATING",
    "in_progress": "IN_PROGRESS",
    "transferred": "INTERNAL_REFERRAL",
    "disputed": "REOPEN",
    "reopened": "REOPEN",
    "under_appeal": "REOPEN",
    "duplicate": "DUPLICATE",
    "ineligible": "NOT_COUNCILS_RESPONSIBILITY",
    "withdrawn": "CLOSED",
    "closed": "CLOSED",
    "confirmed": "FIXED",
}
"""The statuses that FixMyStreet knows, by state; any other state is OPEN."""
RESOLVED = {"granted": "FIXED", "partly_granted": "FIXED", "not_granted": "NO_FURTHER_ACTION"}


def moment(text: str | None) -> str | None:
    """A time without milliseconds, as the examples of the standard have it."""
    return f"{text[:19]}Z" if text else None


def request_of(one: Published, *, extensions: bool) -> dict[str, Any]:
    """A published request."""
    updates = one.get("updates", [])
    request = {
        "service_request_id": one["id"],
        "status": "open" if one["open"] else "closed",
        "status_notes": updates[-1]["words"] if updates else None,
        "service_name": one["service_name"],
        "service_code": one["service"],
        "description": one["description"],
        "agency_responsible": one["department_name"],
        "service_notice": None,
        "requested_datetime": moment(one["submitted_at"]),
        "updated_datetime": moment(one["changed_at"]),
        "expected_datetime": moment(one["expected_at"]),
        "address": one["place"] or one["district_name"],
        "address_id": None,
        "zipcode": None,
        "lat": one["latitude"],
        "long": one["longitude"],
        "media_url": None,
    }
    if extensions:
        request["extended_attributes"] = {name: one[name] for name in ("state", "outcome", "district")}
        request["notes"] = [note_of(update) for update in updates]
    return request


def note_of(update: Published) -> dict[str, Any]:
    """A step as a note of the extension."""
    return {
        "datetime": moment(update["at"]),
        "summary": update["words"],
        "description": update["words"],
        "type": "activity" if update["open"] else "closed",
    }


def update_of(update: Published) -> dict[str, Any]:
    """A step in the list of updates."""
    return {
        "update_id": update["id"],
        "service_request_id": update["request"],
        "status": status_of(update),
        "updated_datetime": moment(update["at"]),
        "description": update["words"],
        "media_url": None,
        "external_status_code": update["state"],
    }


def status_of(update: Published) -> str:
    """The status that FixMyStreet shows after a step."""
    if update["state"] == "resolved":
        return RESOLVED.get(update.get("outcome") or "granted", "FIXED")
    return STATUSES.get(update["state"], "OPEN")
