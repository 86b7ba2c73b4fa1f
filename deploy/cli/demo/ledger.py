"""The observations of a run at both ends, by row and by tracking number."""

import asyncio
from dataclasses import dataclass, field

from deploy.cli.demo.rows import Row


@dataclass
class FiledRow:
    """A row that got its 201 at `at` (monotonic clock); `before`: an earlier run had filed it."""

    row: Row
    number: str
    state: str
    at: float
    before: bool


@dataclass
class Arrival:
    """A request at a department: its routing events, their deliveries, and the first time (monotonic)."""

    department: str
    events: dict[str, int] = field(default_factory=dict)
    at: float = 0.0


class Ledger:
    """Filled by the filing and by the departments' subscribers; read by the check at the end."""

    def __init__(self) -> None:
        self.filed: dict[str, FiledRow] = {}
        self.twice: list[str] = []
        self.refused: list[tuple[Row, str]] = []
        self.arrivals: dict[str, list[Arrival]] = {}
        self.objections: list[str] = []
        self._named: dict[str, asyncio.Future[FiledRow]] = {}

    def file(self, filed: FiledRow) -> None:
        """Record a 201."""
        if filed.number in self.filed:
            self.twice.append(
                f"{filed.number} was given to the rows {self.filed[filed.number].row.id} and {filed.row.id}"
            )
            return
        self.filed[filed.number] = filed
        waiting = self._future(filed.number)
        if not waiting.done():
            waiting.set_result(filed)

    async def named(self, number: str) -> FiledRow:
        """The row of a number; waits for its 201, because the department's message can arrive first."""
        return await asyncio.shield(self._future(number))

    def arrive(self, number: str, department: str, event: str, at: float) -> bool:
        """Record a delivery; False if the same event was delivered before."""
        arrivals = self.arrivals.setdefault(number, [])
        arrival = next((one for one in arrivals if one.department == department), None)
        if arrival is None:
            arrival = Arrival(department, at=at)
            arrivals.append(arrival)
        arrival.events[event] = arrival.events.get(event, 0) + 1
        return arrival.events[event] == 1

    @property
    def fresh(self) -> list[FiledRow]:
        """The rows filed by this run."""
        return [one for one in self.filed.values() if not one.before]

    def waits(self) -> list[float]:
        """Seconds from each 201 of this run to its department's queue; 0 if the queue was first."""
        return [max(0.0, self.arrivals[one.number][0].at - one.at) for one in self.fresh if one.number in self.arrivals]

    def repeats(self) -> int:
        """The number of repeated deliveries."""
        every = [count for arrivals in self.arrivals.values() for one in arrivals for count in one.events.values()]
        return sum(every) - len(every)

    def _future(self, number: str) -> asyncio.Future[FiledRow]:
        return self._named.setdefault(number, asyncio.get_running_loop().create_future())
