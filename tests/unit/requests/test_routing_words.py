"""Words that a question declares become facts for routing; the text does not leave the service."""

from typing import Any

from services.requests.catalogue.models.forms import form_mistakes
from services.requests.catalogue.models.routing_words import RoutingWords
from tests.cases import cases

DECLARED = {"danger": ["live wire", "current", "کرنٹ", "karant"], "school": ["school", "سکول"]}
TITLE = {"en": "What happened", "ur": "کیا ہوا"}
FORM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"description": {"type": "string", "x-title": TITLE, "x-routing-words": DECLARED}},
}
FOUND = [
    ("A LIVE  wire hangs low", {"danger": True}),
    ("alive wires everywhere", {}),
    ("کھمبے میں كرنٹ ہے", {"danger": True}),
    ("Khambay mein karant, near the School!", {"danger": True, "school": True}),
    ("Nothing of the kind", {}),
]


@cases("text, facts", FOUND)
def test_whole_words_are_found_in_every_spelling(text: str, facts: dict[str, bool]) -> None:
    assert RoutingWords(FORM).found({"description": text}) == facts


def test_an_answer_that_is_no_text_has_no_words() -> None:
    assert RoutingWords(FORM).found({"description": 4}) == {}
    assert RoutingWords(FORM).found({}) == {}


DECLARATIONS: list[tuple[dict[str, Any], bool]] = [
    ({"x-routing-words": DECLARED}, True),
    ({"x-routing-words": {}}, True),
    ({"x-routing-words": ["danger"]}, False),
    ({"x-routing-words": {"Danger!": ["wire"]}}, False),
    ({"x-routing-words": {"danger": []}}, False),
    ({"x-routing-words": {"danger": ["!"]}}, False),
    ({"x-routing-words": {"danger": [4]}}, False),
    ({"type": "integer", "x-routing-words": DECLARED}, False),
    ({"enum": ["a"], "x-routing-words": DECLARED}, False),
]


@cases("declared, valid", DECLARATIONS)
def test_declarations_of_words_are_checked(declared: dict[str, Any], valid: bool) -> None:
    form = {**FORM, "properties": {"description": {"type": "string", "x-title": TITLE, **declared}}}
    assert ({mistake.code for mistake in form_mistakes(form)} == {"form_routing_words"}) is not valid
