"""What journeys share."""

import pytest

from deploy.local.servers import Servers
from tests.time_travel import TimeTravel


@pytest.fixture
def time_travel(servers: Servers) -> TimeTravel:
    """Time travel for this suite's requests."""
    return TimeTravel(servers)
