"""Known kinds of malicious input as rows of data: the bytes to send, and the required response."""

from tests.integration.nasty.bodies import BODIES
from tests.integration.nasty.doors import DOORS
from tests.integration.nasty.row import Row
from tests.integration.nasty.texts import TEXTS
from tests.integration.nasty.tokens import TOKENS

ROWS: tuple[Row, ...] = tuple(sorted((*BODIES, *TEXTS, *TOKENS, *DOORS), key=lambda row: bool(row.why)))
"""Accepted rows come last: their effects would disturb the check that refused rows change nothing."""

__all__ = ["ROWS", "Row"]
