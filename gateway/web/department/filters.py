"""The filters of a worklist, in its address and in a query of the API. `filter-words.html` has their texts."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from gateway.web.words import _

STATES = ("new", "accepted", "in_progress", "questioned", "resolved", "under_appeal", "closed", "all")
"""The choices of the filter for the state, besides all open requests."""
API_STATES = {
    "new": ("routed", "reopened"),
    "all": ("routed", "accepted", "questioned", "in_progress", "reopened", "resolved", "under_appeal", "closed"),
}
"""The states of the API for a choice; every other choice is a state itself."""
DUE = ("late", "owed", "head", "organisation", "soon")
SOON_HOURS = 48
ORDERS = ("", "newest", "changed", "unchanged")
BY = ("me", "nobody")
KINDS = ("application", "complaint", "appeal")
CHANNELS = ("web", "counter", "phone", "open311", "api")
CODE = re.compile(r"[a-z0-9-]{1,60}")
ACCOUNT = re.compile(r"me|nobody|[0-9a-f]{32}|department\.[a-z0-9-]{1,60}")
CURSOR = re.compile(r"[0-9]{1,16}-[0-9A-Z-]{1,40}")
MAX_WORDS = 200
ROWS = {"": 25, "100": 100}
"""How many requests a page shows."""
FIRST_YEAR, LAST_YEAR = 2000, 2199


@dataclass(frozen=True, slots=True)
class Filter:
    """The filters; an empty text is no filter. The names are those of the address."""

    q: str = ""
    state: str = ""
    service: str = ""
    district: str = ""
    due: str = ""
    by: str = ""
    head: str = ""
    copied: str = ""
    kind: str = ""
    channel: str = ""
    since: str = ""
    """The first day on which requests came, such as 2026-03-02."""
    until: str = ""
    order: str = ""
    rows: str = ""
    cursor: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Filter":
        """The filters of an address, without unknown values."""
        return cls(
            q=given.get("q", "").strip()[:MAX_WORDS],
            state=_known(given.get("state"), STATES),
            service=_fitting(given.get("service"), CODE),
            district=_fitting(given.get("district"), CODE),
            due=_known(given.get("due"), DUE),
            by=_fitting(given.get("by"), ACCOUNT),
            head=_known(given.get("head"), ("yes",)),
            copied=_known(given.get("copied"), ("yes",)),
            kind=_known(given.get("kind"), KINDS),
            channel=_known(given.get("channel"), CHANNELS),
            since=_day(given.get("since")),
            until=_day(given.get("until")),
            order=_known(given.get("order"), ORDERS),
            rows=_known(given.get("rows"), ROWS),
            cursor=_fitting(given.get("cursor"), CURSOR),
        )

    @property
    def shown(self) -> list[str]:
        """The filters that are on and narrow the list, in the order in which they are shown."""
        return [name for name in NARROWING if getattr(self, name)]

    def address(self, **changes: str) -> dict[str, str]:
        """The query of the address with some filters changed; a changed list begins at its first page."""
        changed = replace(self, **{"cursor": "", **changes})
        return {name: value for name in NAMES if (value := getattr(changed, name))}

    @classmethod
    def of_query(cls, query: Mapping[str, Any]) -> "Filter":
        """The filters of a saved query of the API; what no filter of the page stands for is left out."""
        states = tuple(query.get("state", ()))
        named = {names: name for name, names in API_STATES.items()}
        due = {"late": query.get("late"), "owed": query.get("owes_new_date"), "soon": query.get("due_within")}
        given = {name: str(query.get(name) or "") for name in ("service", "district", "kind", "channel", "by", "order")}
        return cls.of(
            given
            | {
                "state": named.get(states, states[0] if len(states) == 1 else ""),
                "due": next((name for name, on in due.items() if on), query.get("escalated_to") or ""),
                "head": "yes" if query.get("for_head") else "",
                "copied": "yes" if query.get("copied") else "",
                "since": query.get("received_from") or "",
                "until": query.get("received_to") or "",
            }
        )

    def to_saved_query(self) -> dict[str, Any]:
        """The query of the API to be saved; searched words are not kept, since they may be about a citizen."""
        query = replace(self, q="", cursor="").to_query()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in query.items() if value}

    def to_query(self, numbers: tuple[str, ...] = ()) -> dict[str, str | int | tuple[str, ...] | None]:
        """The query of the API; `numbers` are the requests with the searched words."""
        return {
            "state": API_STATES.get(self.state, (self.state,)) if self.state else (),
            "service": self.service,
            "district": self.district,
            "kind": self.kind,
            "channel": self.channel,
            "late": "true" if self.due == "late" else None,
            "owes_new_date": "true" if self.due == "owed" else None,
            "escalated_to": self.due if self.due in ("head", "organisation") else None,
            "due_within": SOON_HOURS if self.due == "soon" else None,
            "for_head": "true" if self.head else None,
            "copied": "true" if self.copied else None,
            "by": self.by,
            "number": numbers,
            "received_from": self.since,
            "received_to": self.until,
            "order": self.order,
            "cursor": self.cursor,
        }


NAMES = tuple(one.name for one in fields(Filter))
NARROWING = tuple(name for name in NAMES if name not in ("order", "rows", "cursor"))


@dataclass(frozen=True, slots=True)
class View:
    """A ready-made list beside the worklist; `count` names its number in the API's counts."""

    words: str
    filters: Filter
    count: str
    always: bool = True
    """Whether it is offered even if it is empty."""


ALL_OPEN = View(_("All open"), Filter(), "open")
VIEWS = (
    ALL_OPEN,
    View(_("New"), Filter(state="new"), "new"),
    View(_("Late"), Filter(due="late"), "late"),
    View(_("Due within 2 days"), Filter(due="soon"), "due_soon"),
    View(_("Waiting for the citizen"), Filter(state="questioned"), "waiting"),
    View(_("For the head"), Filter(head="yes"), "for_head", always=False),
    View(_("Appeals"), Filter(kind="appeal"), "appeals", always=False),
    View(_("Resolved, not yet closed"), Filter(state="resolved", order="newest"), "resolved"),
)


TABS = {
    "mine": (_("Yours"), {"by": "me"}),
    "department": (_("Department"), {"by": ""}),
    "all": (_("Closed ones too"), {"by": "", "state": "all"}),
}
"""The same list for oneself, the department, and in any state, by the name of its total in the API."""


def tabs_of(filters: Filter) -> dict[str, tuple[str, dict[str, str], bool]]:
    """Text and address of each tab, and whether it is the open one."""
    state = "" if filters.state == "all" else filters.state
    tabs = {}
    for name, (words, change) in TABS.items():
        address = filters.address(**{"state": state, **change})
        tabs[name] = (words, address, address == filters.address())
    return tabs


def view_of(filters: Filter) -> View | None:
    """The ready-made list with these filters; None if there is none."""
    plain = replace(filters, cursor="", rows="")
    return next((view for view in VIEWS if view.filters == plain), None)


def _known(text: str | None, values: Container[str]) -> str:
    return text if text is not None and text in values else ""


def _day(text: str | None) -> str:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return ""
    return day.isoformat() if FIRST_YEAR <= day.year <= LAST_YEAR else ""


def _fitting(text: str | None, pattern: re.Pattern[str]) -> str:
    return text if text is not None and pattern.fullmatch(text) else ""
