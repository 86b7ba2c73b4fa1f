"""Words in a text answer that routing rules may ask for.

A question declares them: `x-routing-words: {danger: [live wire, کرنٹ]}`. If the answer contains one of them, the
request has the fact `danger`, true. The fact is published for routing; the text never is.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.requests.request.models.words import WORD, folded
from shared.errors import Mistake, pointer_of

KEYWORD = "x-routing-words"
FACT = re.compile(r"[a-z][a-z0-9_]{1,39}")
MAX_FACTS, MAX_PHRASES, MAX_LENGTH = 10, 60, 60


class RoutingWords:
    """The declared words of a form, ready to be searched for."""

    def __init__(self, form: Mapping[str, Any]) -> None:
        self._declared = [
            (question, fact, tuple(spaced(phrase) for phrase in phrases))
            for question, schema in form.get("properties", {}).items()
            for fact, phrases in (schema.get(KEYWORD) or {}).items()
        ]

    @property
    def facts(self) -> list[str]:
        """The names of the facts that may be found."""
        return list(dict.fromkeys(fact for _, fact, _ in self._declared))

    def found(self, answers: Mapping[str, Any]) -> dict[str, bool]:
        """The facts whose words are in the answers."""
        texts = {
            question: spaced(answer)
            for question, *_ in self._declared
            if isinstance(answer := answers.get(question), str)
        }
        return {
            fact: True
            for question, fact, phrases in self._declared
            if any(phrase in texts.get(question, "") for phrase in phrases)
        }


def spaced(text: str) -> str:
    """The words of a text in normal form with a space around each, so that only whole words are found."""
    return f" {' '.join(WORD.findall(folded(text)))} "


def routing_word_mistakes(schema: Mapping[str, Any], value: object, place: str) -> Iterator[Mistake]:
    """Errors in the declaration of one question: only a text has words, and each fact needs some."""
    if schema.get("type") != "string" or "enum" in schema or not isinstance(value, dict) or len(value) > MAX_FACTS:
        yield Mistake(place, "form_routing_words")
        return
    for fact, phrases in value.items():
        if not FACT.fullmatch(str(fact)) or not _are_phrases(phrases):
            yield Mistake(place + pointer_of([str(fact)[:MAX_LENGTH]]), "form_routing_words")


def _are_phrases(value: object) -> bool:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_PHRASES:
        return False
    return all(isinstance(one, str) and len(one) <= MAX_LENGTH and spaced(one).strip() for one in value)
