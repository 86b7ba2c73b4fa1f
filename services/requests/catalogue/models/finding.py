"""Finds services by what citizens type: English, Urdu or Urdu in Latin letters, with small mistakes."""

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.request.models.words import words_of

NAME, KEYWORD, SUMMARY = 3.0, 2.5, 1.0
"""Weight of a word by where it was found."""
WHOLE, BEGUN, MISTYPED = 1.0, 0.7, 0.5
"""Weight of a word by how well it matches."""
MAX_WORDS = 12
MIN_OF_BEST = 0.3
"""Matches below this share of the best score are left out."""
SHORT, LONG = 5, 8
"""Minimum letters for one forgiven mistake, and for two."""
ABBREVIATION = re.compile(r"(?<=\b\w)\.(?=\w\b)")
SAME_SOUND = (("aa", "a"), ("ee", "i"), ("oo", "u"), ("ph", "f"), ("q", "k"), ("w", "v"), ("z", "s"))
DOUBLED = re.compile(r"(.)\1+")
STOP_WORDS = """
a an and are am as at be by can do does for from get give has have help how i in is it me my of on
or our please tell that the their there this to us want was we what where which who with you your
need apply application complain complaint report service aa aap aata aate aati ata ati aur bhi
chahie chahiye hai hain hay ho hua hui hum humare hamara hamare hamari jo ka kaise kar karain karana
karein karna karni karta karte karwana karwani ke kese ki kia kiya ko koi kya main me mein mera mere
meri mujhe ne par pe raha rahi rahe se sir tha thi tk wala wale wali woh ya yeh apna apni apne
shikayat darkhwast banana banwana lagwana lena krna krwana
آ آتا آتی آتے اپنا اپنی اپنے اس اور ایک بنوانا پر تک تھا تھی جو چاہیے رہا رہی رہے سے شکایت درخواست
کا کر کرنا کرانا کروانا کریں کو کوئی کہ کی کے کیا کیسے لگوانا لیے لینا مجھے میرا میری میرے میں نے وہ
والا والی والے ہمارا ہماری ہمارے ہو ہوا ہوئی ہے ہیں یا یہ
"""
"""Words that are ignored."""


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A name, a summary or a keyword of a service, with its weight and number of words."""

    code: str
    counts: float
    words: int


class Finder:
    """Finds services; rebuilt when the catalogue changes."""

    def __init__(self, entries: Iterable[CatalogueEntry]) -> None:
        holding: dict[str, list[Phrase]] = defaultdict(list)
        self._size = 0
        for entry in entries:
            self._size += 1
            for phrase, words in _phrases(entry):
                for spelling in {spelling for word in words for spelling in _spellings(word)}:
                    holding[spelling].append(phrase)
        self._holding = dict(holding)
        self._spellings = sorted(holding)

    def find(self, text: str) -> list[str] | None:
        """The codes of matching services, best first; None if the text has only ignored words."""
        wanted = _significant_words(text)[:MAX_WORDS]
        if not wanted:
            return None
        scores = _scores([self._with(word) for word in wanted])
        least = MIN_OF_BEST * max((score for _, score in scores.values()), default=0.0)
        likely = [code for code, (_, score) in scores.items() if score >= least]
        return sorted(likely, key=lambda code: (not scores[code][0], -scores[code][1], code))

    def _with(self, word: str) -> dict[Phrase, float]:
        """The phrases with this or a similar word, with its score: higher if few services have it."""
        found: dict[Phrase, float] = {}
        for spelling, likeness in self._like(word):
            for phrase in self._holding[spelling]:
                found[phrase] = max(found.get(phrase, 0.0), likeness)
        services = len({phrase.code for phrase in found})
        return {phrase: likeness * math.log1p(self._size / services) for phrase, likeness in found.items()}

    def _like(self, word: str) -> Iterator[tuple[str, float]]:
        for spelling in _spellings(word):
            yield from self._beginning_with(spelling)
            if mistakes := (len(spelling) >= SHORT) + (len(spelling) >= LONG):
                near = extract(spelling, self._spellings, scorer=OSA.distance, score_cutoff=mistakes, limit=None)
                yield from ((other, MISTYPED) for other, _, _ in near)

    def _beginning_with(self, spelling: str) -> Iterator[tuple[str, float]]:
        for index in range(bisect_left(self._spellings, spelling), len(self._spellings)):
            found = self._spellings[index]
            if not found.startswith(spelling):
                return
            yield found, WHOLE if found == spelling else BEGUN


def _scores(found: Sequence[Mapping[Phrase, float]]) -> dict[str, tuple[bool, float]]:
    """By service, for its best phrase: whether it has every searched word, and its score.

    Words in the same phrase count together: "light" and "nahi" in one keyword score more than in two.
    """
    scores: dict[str, tuple[bool, float]] = {}
    for phrase in {phrase for one in found for phrase in one}:
        says = [one[phrase] for one in found if phrase in one]
        score = phrase.counts * sum(says) * (1 + len(says) / phrase.words)
        scores[phrase.code] = max((len(says) == len(found), score), scores.get(phrase.code, (False, 0.0)))
    return scores


def _phrases(entry: CatalogueEntry) -> Iterator[tuple[Phrase, list[str]]]:
    """The phrases of a service, with their words."""
    names, summaries = entry.name.model_dump().values(), entry.summary.model_dump().values()
    for texts, counts in ((names, NAME), (entry.keywords or (), KEYWORD), (summaries, SUMMARY)):
        for text in texts:
            words = _significant_words(text)
            yield Phrase(entry.code, counts, len(words)), words


def _significant_words(text: str) -> list[str]:
    """The words of a text without the ignored ones."""
    return [word for word in _words(text) if word not in _stop_words()]


def _words(text: str) -> list[str]:
    """The words of a text, normalised as in the search of requests."""
    return words_of(ABBREVIATION.sub("", text))


def _spellings(word: str) -> set[str]:
    """A word as typed, and by its sound: Urdu in Latin letters has no fixed spelling.

    A sound of one letter is left out, as it would match too much.
    """
    sound = _sound(word)
    return {word, sound} if len(sound) > 1 else {word}


def _sound(word: str) -> str:
    for written, heard in SAME_SOUND:
        word = word.replace(written, heard)
    word = DOUBLED.sub(r"\1", word)
    return word[:-1] + "i" if word.endswith("y") else word


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(_words(STOP_WORDS))
