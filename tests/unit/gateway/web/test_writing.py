"""An unfinished filing: read from pages, filled into pages, sealed, and sent."""

import base64

import pytest

from gateway.web.forms.form import Form
from gateway.web.forms.steps import FormStep
from gateway.web.forms.writing import SealedFiling, SentFile, WrittenFiling, degrees
from gateway.web.session import Sealer
from tests.unit.gateway.web.services_forms import FORMS

LAMP = FORMS["street-light-out"]
SEALER = Sealer([base64.b64encode(b"k" * 32).decode()])
FILE = SentFile("0" * 32, "lamp.jpg", "image/jpeg", 412)


def place_step() -> FormStep:
    """The page with the question about the place."""
    return next(step for step in LAMP.steps if step.location)


def located(latitude: str, longitude: str) -> dict[str, object]:
    """The place after a page with these hidden fields."""
    written = WrittenFiling(LAMP.code, place={"district": "swat", "latitude": 34.0, "longitude": 71.5})
    fields = {"place.district": "kohat", "place.latitude": latitude, "place.longitude": longitude}
    written.take(place_step(), Form.parse(fields.items()))
    return written.place


def test_page_changes_only_its_own_answers() -> None:
    written = WrittenFiling(LAMP.code, answers={"problem": "out", "pole_number": "7", "place": "Bank Road"})
    written.take(LAMP.steps[0], Form.parse([("answers.problem", "row-out"), ("answers.pole_number", " ")]))
    assert written.answers == {"problem": "row-out", "place": "Bank Road"}


@pytest.mark.parametrize(
    ("latitude", "longitude", "taken"),
    [
        ("34.1", "72", {"latitude": 34.1, "longitude": 72.0}),
        ("", "", {}),
        ("34.1", "", {}),
        ("91", "72", {}),
        ("nan", "72", {}),
        ("1e3", "72", {}),
        ("34.1<script>", "72", {}),
    ],
)
def test_location_needs_both_coordinates(latitude: str, longitude: str, taken: dict[str, float]) -> None:
    assert located(latitude, longitude) == {"district": "kohat"} | taken


def test_location_can_be_removed() -> None:
    written = WrittenFiling(LAMP.code, place={"district": "kohat", "latitude": 28.6, "longitude": 77.2})
    fields = {"place.district": "kohat", "place.latitude": "28.6", "place.longitude": "77.2"}
    written.take(place_step(), Form.parse([*fields.items(), ("place.without_point", "yes")]))
    assert written.place == {"district": "kohat"}


def test_page_is_filled_unless_it_was_submitted() -> None:
    written = WrittenFiling(
        LAMP.code, place={"district": "swat", "latitude": 34.1, "longitude": 72.0}, answers={"place": "X"}
    )
    shown, typed = Form(), Form.parse([("answers.place", "mine")])
    for form in (shown, typed):
        written.fill(place_step(), form)
    assert (shown.value("answers.place"), shown.value("place.district")) == ("X", "swat")
    assert (shown.value("place.latitude"), typed.value("answers.place")) == ("34.100000", "mine")
    assert not typed.has("place.district")


def test_draft_keeps_only_existing_files() -> None:
    filing = {"service": LAMP.code, "place": {"district": "swat"}, "answers": {"problem": "out"}}
    told = {"id": FILE.id, "name": None, "type": FILE.type, "bytes": FILE.bytes}
    draft = {"filing": {**filing, "confidential": True, "attachments": ["1" * 32, FILE.id]}, "files": [told]}
    written = WrittenFiling.of_draft(draft)
    assert written.filing(draft="d") == {**filing, "confidential": True, "attachments": [FILE.id], "draft": "d"}
    assert written.to_check()["files"] == 1
    assert written.to_compare() == filing


def test_only_a_sealed_filing_is_opened() -> None:
    written = WrittenFiling(LAMP.code, answers={"problem": "out"}, files=[FILE])
    sealed = SealedFiling(written, on_behalf_of="citizen-1", channel="counter")
    text = sealed.seal(SEALER)
    assert SealedFiling.open(SEALER, text, LAMP) == sealed
    assert len(sealed.key) == 32
    for strange in ("", text[:-2], SEALER.seal({"of": "other"}), SEALER.seal([]), "مسودہ"):
        assert SealedFiling.open(SEALER, strange, LAMP) is None
    assert SealedFiling.open(SEALER, text, FORMS["road-damage"]) is None


def test_degrees() -> None:
    assert degrees("-89.999999", 90) == -89.999999
    assert degrees("180.0001", 180) is None


def test_filing_sealed_by_another_version_is_not_opened() -> None:
    whole = {"of": "writing", "key": "k", "on_behalf_of": "", "channel": ""}
    for written in ({"service": LAMP.code, "files": [], "moods": []}, {"service": LAMP.code}):
        assert SealedFiling.open(SEALER, SEALER.seal({**whole, "written": written}), LAMP) is None
