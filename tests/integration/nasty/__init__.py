"""The nasty inputs that we know of as rows of data: what is sent, byte by byte, and what has to be answered."""

from tests.integration.nasty.bodies import BODIES
from tests.integration.nasty.doors import DOORS
from tests.integration.nasty.row import Row
from tests.integration.nasty.texts import TEXTS
from tests.integration.nasty.tokens import TOKENS

ROWS: tuple[Row, ...] = tuple(sorted((*BODIES, *TEXTS, *TOKENS, *DOORS), key=lambda row: bool(row.why)))
"""What is taken comes last: its effects would still be going on while it is looked whether others changed anything."""

__all__ = ["ROWS", "Row"]
