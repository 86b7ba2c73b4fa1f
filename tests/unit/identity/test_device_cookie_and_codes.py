"""The device cookie, and the randomness of codes."""

import re
from collections import Counter
from typing import Any, cast

from fastapi import Response

from services.identity.accounts.api.caller import COOKIE, keep_device
from services.identity.accounts.models.citizen import Citizen, NewCode
from services.identity.codes.service.codes import Codes, Pending

DRAWN = 100_000
CHI_SQUARE = 33.7
"""The chi-squared limit for nine degrees of freedom, exceeded by chance once in 10,000 times."""


class Drawn:
    """Fakes the citizen and the keys, and records each code."""

    id = "citizen-1"

    def __init__(self) -> None:
        self.codes: list[str] = []

    def seal(self, plain: str, _: str, *, owner: str) -> str:
        """Record the code."""
        self.codes.append(plain)
        return plain

    def blind(self, plain: str, _: str) -> str:
        """Not used here."""
        return plain

    mobile_unproven = None

    def issue_code(self, _: NewCode, __: Any) -> None:
        """Do nothing."""


def test_the_cookie_is_for_this_host_and_for_no_script() -> None:
    response = Response()
    keep_device(response, "token")
    sent = response.headers["set-cookie"]
    parts = {part.strip().lower() for part in sent.split(";")}
    assert sent.startswith(f"{COOKIE}=token;")
    assert COOKIE.startswith("__Host-")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    other = Response()
    keep_device(other, None)
    assert "set-cookie" not in other.headers


def test_codes_are_evenly_spread_and_keep_their_zeros() -> None:
    drawn = Drawn()
    nothing: Any = None
    codes = Codes(nothing, nothing, nothing, cast(Any, drawn), lambda: nothing)
    for _ in range(DRAWN):
        codes.issue(cast(Citizen, drawn), "login", Pending("challenge", 30))
    assert all(re.fullmatch("[0-9]{6}", code) for code in drawn.codes)
    for place in range(6):
        counts = Counter(code[place] for code in drawn.codes)
        expected = DRAWN / 10
        assert sum((counts[digit] - expected) ** 2 / expected for digit in "0123456789") < CHI_SQUARE, place
