"""The nasty inputs that we know of as rows of data: what is sent, byte by byte, and what has to be answered."""

from tests.integration.nasty.bodies import BODIES
from tests.integration.nasty.doors import DOORS
from tests.integration.nasty.row import Row
from tests.integration.nasty.texts import TEXTS
from tests.integration.nasty.tokens import TOKENS

ROWS: tuple[Row, ...] = (*BODIES, *TEXTS, *TOKENS, *DOORS)

__all__ = ["ROWS", "Row"]
