"""What a reader of figures asks for."""

from dataclasses import dataclass

from services.routing.figures.models.rows import Level


@dataclass(frozen=True)
class FigureQuery:
    """The months from `first` to `last`, and which rows of them; None stands for any."""

    first: str
    last: str
    department: str | None = None
    service: str | None = None
    district: str | None = None
    level: Level | None = None
