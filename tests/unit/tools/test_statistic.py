"""The comparison sees what is there, and nothing where nothing is."""

import random

import pytest

from tools.timing.statistic import compare

USUAL, SPREAD, SAMPLES = 0.035, 0.002, 300


def samples(draw: random.Random, later: float = 0.0) -> list[float]:
    """Times as a busy machine gives them: skewed, drifting, and one in twenty far too long."""
    return [
        USUAL + later + draw.gammavariate(2, SPREAD) + turn * SPREAD / SAMPLES + (0.5 if draw.random() < 0.05 else 0)
        for turn in range(SAMPLES)
    ]


def test_equal_times_are_not_told_apart() -> None:
    alarms = 0
    for seed in range(40):
        draw = random.Random(seed)
        alarms += compare(samples(draw), samples(draw), seed).told_apart
    assert alarms == 0


@pytest.mark.parametrize("later", [0.0025, 0.005, 0.03])
def test_a_difference_is_seen(later: float) -> None:
    for seed in range(8):
        draw = random.Random(seed)
        assert compare(samples(draw), samples(draw, later), seed).told_apart


def test_the_noise_shrinks_with_more_samples() -> None:
    draw = random.Random(7)
    many, few = samples(draw), samples(draw)[:30]
    assert compare(many, many).noise < compare(few, few).noise
