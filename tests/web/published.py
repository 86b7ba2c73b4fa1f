"""Figures of some months, published as the read model publishes them, so that their pages have something to show."""

from services.routing.figures.models.days import earlier, month_of
from services.routing.figures.models.rows import BASES, SUMS, Base, Cell, FigureSums, rows_of
from services.routing.figures.store import FigureStore
from shared.clock import utc_now
from shared.mongo import connect

CELLS: dict[Cell, int] = {
    ("water", "no-water-supply", "swat"): 31,
    ("water", "water-leak", "swat"): 12,
    ("water", "water-leak", "kohat"): 9,
    ("works", "street-light-out", "swat"): 24,
    ("works", "street-light-out", "kohat"): 11,
    ("police", "online-fraud", "swat"): 3,
}


async def publish_figures(mongo_url: str, prefix: str = "rabta") -> None:
    """Publish nine months of figures, the last of them three months ago."""
    async with connect(mongo_url, f"{prefix}_routing") as database:
        for back in range(3, 12):
            rows = rows_of({base: tallies(base, back) for base in BASES})
            await FigureStore(database).put_month(earlier(month_of(utc_now()), back), rows)


def tallies(base: Base, back: int) -> dict[Cell, FigureSums]:
    """Sums that change from month to month."""
    made = {}
    for cell, n in CELLS.items():
        tally = made[cell] = FigureSums()
        tally.sums.update({"n": n, **{name: n // (2 + (back + place) % 5) for place, name in enumerate(SUMS[base])}})
        tally.days.update({3: n // 2, 40: n - n // 2} if base != "rated" else {})
        if base == "rated":
            tally.sums["rating"] = n * 3
    return made
