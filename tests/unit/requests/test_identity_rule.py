"""A rule may require an identity that the registry has confirmed."""

import pytest

from services.requests.request.models.replicas import CitizenReplica
from tests.builders import CITIZEN, words
from tests.unit.requests.counter import Counter

CONFIRMED = {
    "code": "known-identity",
    "requires": {"properties": {"citizen": {"properties": {"identity": {"const": "confirmed"}}}}},
    "otherwise": "information_needed",
    "passed": words("The registry knows you."),
    "failed": words("Your identity is not confirmed yet."),
}


@pytest.mark.parametrize(
    ("identity", "state"),
    [("confirmed", "verifying"), ("mismatch", "information_needed"), ("unverified", "information_needed")],
)
async def test_a_rule_sees_what_the_registry_said(identity: str, state: str) -> None:
    counter = Counter(eligibility=[CONFIRMED])
    await counter.citizens.save_many([CitizenReplica(id=CITIZEN, identity=identity)])
    assert str((await counter.file()).request.state) == state


async def test_identity_result_is_unknown_before_the_check() -> None:
    counter = Counter(eligibility=[CONFIRMED])
    assert str((await counter.file()).request.state) == "information_needed"
