"""Where a request is about: a district, a point or an address.

Each service is offered and routed by district. Where none is named, it is taken from the point if that surely lies in
one, else from the last part of the address if that is a district's name. Nothing is guessed: where neither tells, or
they tell different ones, the citizen is asked. So it is with a point that lies nowhere near the district.
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
"""Degrees, some ten kilometres, that a point may lie outside a district, so that places at its border are accepted."""
PARTS = re.compile(r"[,،\n]+")
AROUND = re.compile(r"^(district|distt?\.?|ضلع)\s+|\s+(district|city|شہر)$")
COUNTRY = frozenset({"pakistan", "پاکستان", "kp", "kpk", "khyber pakhtunkhwa", "خیبر پختونخوا"})


class Place(Body):
    """Where it is: a district, a point, an address, or several of them."""

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
    """Where a district is: an area that lies wholly in it, and an area that holds all of it."""

    surely: Area
    whole: Area


def district_of(place: Place) -> tuple[str, By] | None:
    """The district, and what told it; None where it has to be asked for."""
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
    """The code of the error of a point that lies neither in nor near the district; a district without area has none."""
    known = areas().get(district)
    if known is None or known.whole.holds(latitude, longitude, NEAR):
        return None
    return "point_swapped" if known.whole.holds(longitude, latitude, NEAR) else "point_far"


def _of_point(latitude: float, longitude: float) -> str | None:
    return next((code for code, known in areas().items() if known.surely.holds(latitude, longitude)), None)


def _of_address(address: str) -> str | None:
    """The district that the last part names: "Kohat Road" is a road anywhere, "..., Kohat" is a place."""
    parts = [" ".join(part.casefold().split()).strip(" .۔") for part in PARTS.split(address)]
    named = [part for part in parts if part and part not in COUNTRY]
    return _names().get(AROUND.sub("", named[-1])) if named else None


@cache
def areas() -> dict[str, District]:
    """Where each district is, by its code."""
    return {
        code: District(**{name: Area(**sides) for name, sides in known.items()})
        for code, known in district_areas().items()
    }


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): code for code, names in districts().items() for name in names.values()}
