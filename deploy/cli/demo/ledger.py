"""What a run saw at both ends, and what of it was lost or duplicated."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deploy.cli.demo.city import City
from deploy.cli.demo.rows import Row

ANSWERED = frozenset({"resolved", "confirmed", "disputed", "reopened", "closed"})


@dataclass(frozen=True)
class FiledRow:
    """A row that got its 201 at `at` (monotonic clock); `before`: an earlier run had filed it."""

    row: Row
    number: str
    at: float
    before: bool


@dataclass(frozen=True)
class Arrival:
    """A routing event at a department's queue; `at`: its first delivery (monotonic clock)."""

    department: str
    at: float


@dataclass
class Ledger:
    """The 201s, the deliveries on departments' queues, and the requests in the citizens' lists."""

    city: City
    filed: dict[str, FiledRow] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """Why rows were not filed, or actions refused."""
    arrivals: dict[str, dict[str, Arrival]] = field(default_factory=dict)
    """By tracking number and event id."""
    before: set[str] = field(default_factory=set)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)

    def file(self, filed: FiledRow) -> None:
        """Record a 201."""
        first = self.filed.setdefault(filed.number, filed)
        if first is not filed:
            self.twice.append(f"{filed.number} was given to the rows {first.row.id} and {filed.row.id}")

    def arrive(self, number: str, event: str, arrival: Arrival) -> None:
        """Record a delivery; the same event may be delivered again."""
        self.arrivals.setdefault(number, {}).setdefault(event, arrival)

    def look(self, requests: list[dict[str, Any]]) -> None:
        """Record the requests in the citizens' lists now."""
        self.requests = {request["number"]: request for request in requests}
        counts = Counter(request["number"] for request in requests)
        listed = [f"{number}: {count} times in the citizens' lists" for number, count in counts.items() if count > 1]
        self.twice += [fault for fault in listed if fault not in self.twice]

    def unsettled(self, filed: FiledRow) -> str | None:
        """What is still missing of a request; None once it is in its final state at both ends."""
        request, department = self.requests.get(filed.number), self.city.department(filed.row)
        if request is None:
            return "not in its citizen's list"
        if request["department"] != department:
            return f"not at {department}"
        if not filed.before and department not in [one.department for one in self._arrivals(filed)]:
            return f"never arrived on the queue of {department}"
        if filed.row.is_closed and request["state"] not in ANSWERED:
            return f"the department's answer never reached the citizen (state {request['state']})"
        return None

    def lost(self) -> list[str]:
        """A sentence for each filed row that did not get where it belongs."""
        faults = ((filed, self.unsettled(filed)) for filed in self.filed.values())
        return [f"{filed.number} (row {filed.row.id}): {fault}" for filed, fault in faults if fault]

    def doubled(self) -> list[str]:
        """A sentence for each duplicate."""
        return [*self.twice, *self._routed_twice(), *self._never_filed()]

    def waits(self) -> list[float]:
        """Seconds from each 201 of this run to its department's queue; 0 if the queue was first."""
        filed = [one for one in self.filed.values() if not one.before]
        return [max(0.0, arrivals[0].at - one.at) for one in filed if (arrivals := self._arrivals(one))]

    def _arrivals(self, filed: FiledRow) -> list[Arrival]:
        return list(self.arrivals.get(filed.number, {}).values())

    def _routed_twice(self) -> Iterator[str]:
        for filed in self.filed.values():
            if len(arrivals := self._arrivals(filed)) > 1:
                yield f"{filed.number}: routed to {', '.join(one.department for one in arrivals)}"

    def _never_filed(self) -> Iterator[str]:
        for number, request in self.requests.items():
            if request["service"].startswith(f"{self.city.city.code}-") and number not in {*self.filed, *self.before}:
                yield f"{number}: filed, though no 201 named it"
