"""A place by district, point or address; if the district is not certain, it must be named."""

from typing import Any

import pytest

from services.requests.catalogue.location import Place, areas, district_of, far_off
from services.requests.catalogue.tables import districts
from services.requests.filing.service.filing import place_errors
from shared.errors import InvalidError
from tests.builders import a_catalogue_entry
from tests.cases import cases
from tests.unit.requests.counter import Counter

TOLD: dict[str, tuple[dict[str, Any], tuple[str, str] | None]] = {
    "by name": ({"district": "swat", "latitude": 34.0, "longitude": 71.5}, ("swat", "citizen")),
    "a point in Peshawar": ({"latitude": 34.0, "longitude": 71.5}, ("peshawar", "point")),
    "a point in Mingora": ({"latitude": 34.77, "longitude": 72.36}, ("swat", "point")),
    "a point between districts": ({"latitude": 34.1, "longitude": 71.8}, None),
    "a point in Lahore": ({"latitude": 31.5, "longitude": 74.3}, None),
    "half a point": ({"latitude": 34.0}, None),
    "an address": ({"address": "House 4, Street 2, Hayatabad, Peshawar"}, ("peshawar", "address")),
    "with the country": ({"address": "Mall Road, MARDAN , KP, Pakistan."}, ("mardan", "address")),
    "a district by that word": ({"address": "Village Regi, District Kohat"}, ("kohat", "address")),
    "in Urdu": ({"address": "گلی ۴، حیات آباد، ضلع پشاور"}, ("peshawar", "address")),
    "a road of that name": ({"address": "Kohat Road, near the petrol pump"}, None),
    "only a road": ({"address": "Kohat Road"}, None),
    "no town": ({"address": "Street 4"}, None),
    "point and address agree": (
        {"latitude": 34.0, "longitude": 71.5, "address": "Saddar, Peshawar"},
        ("peshawar", "point"),
    ),
    "point and address differ": ({"latitude": 34.0, "longitude": 71.5, "address": "Saddar, Kohat"}, None),
    "a point outside and an address": (
        {"latitude": 34.1, "longitude": 71.8, "address": "Main Bazar, Mardan"},
        ("mardan", "address"),
    ),
    "nothing": ({}, None),
}


@cases("place, district", TOLD.values())
def test_sources_of_the_district(place: dict[str, Any], district: tuple[str, str] | None) -> None:
    assert district_of(Place.model_validate(place)) == district


def test_areas_are_of_districts_and_do_not_touch() -> None:
    assert areas().keys() == districts().keys()
    sides = [known.inner for known in areas().values()]
    for place, one in enumerate(sides):
        assert one.south < one.north
        assert one.west < one.east
        for other in sides[place + 1 :]:
            apart = one.north < other.south or other.north < one.south or one.east < other.west or other.east < one.west
            assert apart


def test_every_district_contains_its_main_town() -> None:
    for known in areas().values():
        assert known.outer.south < known.inner.south < known.inner.north < known.outer.north
        assert known.outer.west < known.inner.west < known.inner.east < known.outer.east


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (33.5869, 71.4429, None),  # Kohat
        (33.97, 71.5, None),  # a few kilometres north of its border
        (0.0, 0.0, "point_far"),
        (-0.0, 71.4, "point_far"),
        (71.4429, 33.5869, "point_swapped"),
        (28.6139, 77.2090, "point_far"),  # Delhi
        (77.2090, 28.6139, "point_far"),
        (34.7, 72.3, "point_far"),  # Mingora
    ],
)
def test_point_must_be_in_or_near_the_named_district(latitude: float, longitude: float, code: str) -> None:
    assert far_off("kohat", latitude, longitude) == code
    assert far_off("elsewhere", latitude, longitude) is None
    place = Place(district="kohat", latitude=latitude, longitude=longitude)
    found = {language: place_errors(place, a_catalogue_entry(), language) for language in ("en", "ur")}
    assert [(error["pointer"], error["code"]) for error in found["en"]] == ([("/place/latitude", code)] if code else [])
    if code:
        assert "Kohat" in found["en"][0]["message"]
        assert "کوہاٹ" in found["ur"][0]["message"]


def test_an_address_names_the_district_for_a_point_too() -> None:
    place = Place(address="Main Bazar, Mardan", latitude=28.6, longitude=77.2)
    assert [error["code"] for error in place_errors(place, a_catalogue_entry(), "en")] == ["point_far"]


async def test_filing_stores_the_source_of_its_district() -> None:
    counter = Counter()
    filed = await counter.file("key-1", place={"latitude": 34.0, "longitude": 71.5})
    assert (filed.request.district, filed.request.district_by) == ("peshawar", "point")
    filed = await counter.file("key-2", place={"address": "Main Bazar, Mardan"})
    assert (filed.request.district, filed.request.district_by) == ("mardan", "address")


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({}, "required"),
        ({"address": "Street 4"}, "district_unclear"),
        ({"latitude": 31.5, "longitude": 74.3}, "district_unclear"),
        ({"district": "lahore"}, "district"),
    ],
)
async def test_district_is_required_where_it_is_unknown(place: dict[str, Any], code: str) -> None:
    counter = Counter()
    with pytest.raises(InvalidError) as caught:
        await counter.file(place=place)
    assert [(e["pointer"], e["code"]) for e in caught.value.errors] == [("/place/district", code)]
    assert counter.store.documents == {}
    limited = Counter(districts=["swat"])
    with pytest.raises(InvalidError):
        await limited.file(place={"latitude": 34.0, "longitude": 71.5})
