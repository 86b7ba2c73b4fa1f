"""How much personal data does the guard of published words find, and how much else does it mark?

    python -m tools.guard                     recall and precision on the labelled lines, by kind and by part
    python -m tools.guard --misses            and every line in which it was wrong

A labelled value is found if the marks cover all of it. A mark is right if it touches a labelled value.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.requests.publishing.guard import Mark, PersonalKind, find_personal

LINES = Path(__file__).parents[1] / "tests/unit/requests/guard_lines.txt"
LABEL = re.compile(r"\{([a-z]+):([^}]*)\}")
SECOND = "# Second part"
FIRST, HELD_OUT = "first part", "second part"


@dataclass(frozen=True)
class LabelledLine:
    """A line without its labels, what they mark, and its part of the file."""

    text: str
    labels: tuple[Mark, ...]
    part: str


@dataclass
class Score:
    """The counts of labels and marks, and of those that are right, by kind; and the lines with mistakes."""

    labels: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    mistakes: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The part of the labelled values that was found."""
        return self.found.total() / self.labels.total()

    @property
    def precision(self) -> float:
        """The part of the marks that is right."""
        return self.right.total() / self.marks.total()


def read_lines() -> list[LabelledLine]:
    """The labelled lines."""
    part, lines = FIRST, []
    for line in LINES.read_text(encoding="utf-8").splitlines():
        part = HELD_OUT if line.startswith(SECOND) else part
        if line and not line.startswith("#"):
            lines.append(labelled(line, part))
    return lines


def labelled(line: str, part: str = FIRST) -> LabelledLine:
    """A line with labels such as `{name:Ahmad}`."""
    text, at, labels = "", 0, []
    for found in LABEL.finditer(line):
        text += line[at : found.start()]
        labels.append(Mark(len(text), len(text) + len(found[2]), PersonalKind(found[1])))
        text += found[2]
        at = found.end()
    return LabelledLine(text + line[at:], tuple(labels), part)


def score(lines: Iterable[LabelledLine]) -> Score:
    """How the guard does on these lines."""
    result = Score()
    for line in lines:
        marks = find_personal(line.text)
        missed = [label for label in line.labels if not _covered(line.text, label, marks)]
        wrong = [mark for mark in marks if not any(_touch(mark, label) for label in line.labels)]
        result.labels.update(label.kind for label in line.labels)
        result.found.update(label.kind for label in line.labels if label not in missed)
        result.marks.update(mark.kind for mark in marks)
        result.right.update(mark.kind for mark in marks if mark not in wrong)
        result.mistakes += [f"missed {_shown(line.text, one)}" for one in missed]
        result.mistakes += [f"wrong  {_shown(line.text, one)}" for one in wrong]
    return result


def _covered(text: str, label: Mark, marks: Iterable[Mark]) -> bool:
    inside = {at for mark in marks for at in range(mark.start, mark.end)}
    return all(at in inside or not text[at].isalnum() for at in range(label.start, label.end))


def _touch(one: Mark, other: Mark) -> bool:
    return one.start < other.end and other.start < one.end


def _shown(text: str, mark: Mark) -> str:
    return f"{mark.kind}: {text[mark.start : mark.end]!r} in {text!r}"


def report(result: Score) -> Iterator[str]:
    """Recall and precision, in all and by kind."""
    yield f"recall {result.recall:.1%}, precision {result.precision:.1%}"
    for kind in PersonalKind:
        labels, marks = result.labels[kind], result.marks[kind]
        yield f"  {kind:8} {result.found[kind]:4} of {labels:4} found, {result.right[kind]:4} of {marks:4} marks right"


def main() -> int:
    """Read the command line, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="show every mistake")
    asked = parser.parse_args()
    lines = read_lines()
    for name in ("all", FIRST, HELD_OUT):
        chosen = [line for line in lines if name in ("all", line.part)]
        result = score(chosen)
        print(f"{name}: {len(chosen)} lines", *report(result), sep="\n")
        if asked.misses and name != "all":
            print(*result.mistakes, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
