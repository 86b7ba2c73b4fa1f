"""Fixtures of the units: pauses are short, since the fakes answer at once."""

from collections.abc import Iterator

import pytest

from services.requests.catalogue.service import publishing
from shared import changing


@pytest.fixture(autouse=True, scope="session")
def short_pauses() -> Iterator[None]:
    """Wait a moment only between two attempts, and for the event of a department that never comes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changing, "FIRST_PAUSE", 0.0001)
        patch.setattr(changing, "MAX_PAUSE", 0.001)
        patch.setattr(publishing, "MAX_WAIT", 0.2)
        patch.setattr(publishing, "WAIT_STEP", 0.01)
        yield
