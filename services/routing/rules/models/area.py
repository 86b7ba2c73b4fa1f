"""An area on the map: a polygon, or several, as GeoJSON (RFC 7946), with a name in both languages."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.routing.models.directory import OfficialName
from shared.jsonbody import Body

MAX_POINTS = 20_000
MAX_AREAS = 500
Degrees = Annotated[float, Field(strict=False, ge=-180, le=180)]
Position = Annotated[list[Degrees], Field(min_length=2, max_length=3)]
"""Longitude, latitude, and possibly a height, which is ignored."""


def _closed(ring: list[list[float]]) -> list[list[float]]:
    if ring[0] != ring[-1] or any(abs(position[1]) > 90 for position in ring):
        raise PydanticCustomError("area_ring", "refused")
    return [position[:2] for position in ring]


Ring = Annotated[list[Position], Field(min_length=4, max_length=MAX_POINTS), AfterValidator(_closed)]
Rings = Annotated[list[Ring], Field(min_length=1, max_length=1000)]


class Polygon(Body):
    """A GeoJSON Polygon: its edge, and holes."""

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygon(Body):
    """A GeoJSON MultiPolygon."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=1000)]


class AreaBody(Body):
    """An area as it is sent."""

    name: OfficialName
    shape: Annotated[Polygon | MultiPolygon, Field(discriminator="type")]


@dataclass(frozen=True, slots=True)
class MappedArea:
    """One document of `areas`; the code is its id."""

    code: str
    name: dict[str, str]
    shape: dict[str, Any]
    changed_at: datetime
    changed_by: str

    @property
    def points(self) -> int:
        """How many points its edges have."""
        parts = self.shape["coordinates"] if self.shape["type"] == "MultiPolygon" else [self.shape["coordinates"]]
        return sum(len(ring) for ring in chain.from_iterable(parts))


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees."""

    latitude: float
    longitude: float

    @classmethod
    def of(cls, text: str) -> "Point":
        """The point in "latitude,longitude", as events carry it sealed. Raises ValueError."""
        latitude, longitude = (float(part) for part in text.split(","))
        return cls(latitude, longitude)
