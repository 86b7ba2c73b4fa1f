"""One suite without rate limits for the tests of this folder, on servers that they may kill."""

from collections.abc import Iterator

import pytest

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.suites import QUICK, RUN_WILD, own_suite


@pytest.fixture(scope="package")
def own() -> Iterator[tuple[Servers, Suite]]:
    """Servers and a suite for this folder alone: it seeds and kills them, and other tests need rate limits."""
    with own_suite(**QUICK | RUN_WILD, RABTA_ENV="demo") as running:
        yield running
