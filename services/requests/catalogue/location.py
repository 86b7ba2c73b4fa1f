"""The location of a request: a district, a point or an address.

Services are offered and routed by district. If none is named, it follows from the point, if that certainly lies in
one district, or from the last part of the address, if that is a district's name. If neither helps, or if point and
address name different districts, the citizen is asked. A point far from the named district is an error.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from services.requests.catalogue.tables import district_areas, districts
from shared.jsonbody import Body
from shared.spelling import AS_TEXT

By = Literal["citizen", "point", "address"]
NEAR = 0.1
"""Degrees (about ten kilometres) by which a point may lie outside a district."""
PARTS = re.compile(r"[,،\n]+")
AROUND = re.compile(r"^(district|distt?\.?|ضلع)\s+|\s+(district|city|شہر)$")
COUNTRY = frozenset({"pakistan", "پاکستان", "kp", "kpk", "khyber pakhtunkhwa", "خیبر پختونخوا"})


class Place(Body):
    """A district, a point, an address, or several of them."""

    district: Annotated[str, Field(max_length=60)] | None = None
    address: Annotated[str, Field(min_length=1, max_length=300), AS_TEXT] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in degrees."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, latitude: float, longitude: float, near: float = 0) -> bool:
        """Whether the point is in the rectangle, or at most `near` degrees outside."""
        return self.south - near <= latitude <= self.north + near and self.west - near <= longitude <= self.east + near


@dataclass(frozen=True, slots=True)
class District:
    """The areas of a district: one that lies entirely in it, and one that contains all of it."""

    inner: Area
    outer: Area


def district_of(place: Place) -> tuple[str, By] | None:
    """The district and its source; None if the citizen has to name it."""
    if place.district is not None:
        return place.district, "citizen"
    by_point = None
    if place.latitude is not None and place.longitude is not None:
        by_point = _of_point(place.latitude, place.longitude)
    by_address = _of_address(place.address) if place.address else None
    if by_point and by_address and by_point != by_address:
        return None
    if by_point:
        return by_point, "point"
    return (by_address, "address") if by_address else None


def far_off(district: str, latitude: float, longitude: float) -> str | None:
    """The error code for a point that is not near the district; None if it is, or if the area is unknown."""
    known = areas().get(district)
    if known is None or known.outer.holds(latitude, longitude, NEAR):
        return None
    return "point_swapped" if known.outer.holds(longitude, latitude, NEAR) else "point_far"


def _of_point(latitude: float, longitude: float) -> str | None:
    return next((code for code, known in areas().items() if known.inner.holds(latitude, longitude)), None)


def _of_address(address: str) -> str | None:
    """The district named by the last part: "Kohat Road" can be anywhere, "..., Kohat" is in Kohat."""
    parts = [" ".join(part.casefold().split()).strip(" .۔") for part in PARTS.split(address)]
    named = [part for part in parts if part and part not in COUNTRY]
    return _names().get(AROUND.sub("", named[-1])) if named else None


@cache
def areas() -> dict[str, District]:
    """The areas of each district, by code."""
    return {code: District(Area(**known["surely"]), Area(**known["whole"])) for code, known in district_areas().items()}


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): code for code, names in districts().items() for name in names.values()}
