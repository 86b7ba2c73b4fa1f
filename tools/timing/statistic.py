"""Whether two kinds of responses can be distinguished by their times.

Samples come in blocks of both kinds, and each is compared with the median of its block, so that a machine that is busy
for a while is busy for both. Medians are compared, as a few slow responses do not move them. How much they differ by
chance is measured in the same run: each kind is cut into two halves at random, many times, and the largest difference
between two halves is the noise. Halves are smaller than the whole, so that chance alone exceeds it about once in ten
thousand runs.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

BLOCK = 10
"""Samples of each kind that are taken within a second or so."""
ROUNDS = 200


@dataclass(frozen=True)
class Compared:
    """In seconds: both medians, their difference within blocks, and the difference that chance explains."""

    one: float
    other: float
    difference: float
    noise: float
    samples: int

    @property
    def told_apart(self) -> bool:
        """Whether the difference is more than chance."""
        return self.difference > self.noise

    def line(self, name: str) -> str:
        """The result as a line of text."""
        one, other, apart, noise = (1000 * value for value in (self.one, self.other, self.difference, self.noise))
        verdict = "TOLD APART" if self.told_apart else "not told apart"
        return (
            f"{name}: medians {one:.2f} and {other:.2f} ms of {self.samples} each, "
            f"{apart:.2f} ms apart within blocks, noise {noise:.2f} ms: {verdict}"
        )


def compare(one: Sequence[float], other: Sequence[float], seed: int = 1) -> Compared:
    """Compare two kinds of samples, equally many of each, in the order in which they were taken."""
    draw, left, right = random.Random(seed), [], []
    for start in range(0, len(one), BLOCK):
        block = one[start : start + BLOCK], other[start : start + BLOCK]
        usual = median([*block[0], *block[1]])
        left += [sample - usual for sample in block[0]]
        right += [sample - usual for sample in block[1]]
    noise = max(_between_halves(samples, draw) for samples in (left, right) for _ in range(ROUNDS))
    return Compared(median(one), median(other), abs(median(left) - median(right)), noise, len(one))


def _between_halves(samples: Sequence[float], draw: random.Random) -> float:
    shuffled = draw.sample(samples, len(samples))
    middle = len(shuffled) // 2
    return abs(median(shuffled[:middle]) - median(shuffled[middle:]))
