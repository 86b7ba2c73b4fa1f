"""How long a text is as SMS."""

import pytest

from services.notifier.writing.sms import parts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("a" * 460, 4),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ا" * 70, 1),
        ("ا" * 71, 2),
        ("ا" * 134, 2),
        ("ا" * 201, 3),
        ("ا" * 202, 4),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 69 + "…", 1),
        ("a" * 70 + "…", 2),
    ],
)
def test_parts(text: str, count: int) -> None:
    assert parts(text) == count
