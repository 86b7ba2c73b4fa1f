"""The department that the service's rules would choose may let a request pass."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.catalogue.eligibility import Checks, verify
from services.requests.catalogue.models.catalogue import DepartmentRule
from services.requests.life.service.overriding import Override, Overriding
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from services.routing.models.directory import choose
from shared.auth import Principal
from shared.errors import NotFoundError, PreconditionFailedError
from shared.rights import Role
from tests.builders import KEYS, NUMBER, a_catalogue_entry, a_request, words
from tests.fakes import START, MemoryStore

VALUES: st.SearchStrategy[Any] = st.sampled_from(["one", "many", 1, True, 0, False, 2, "peshawar", "swat"])
CONDITIONS = st.dictionaries(st.sampled_from(["lights", "district"]), st.lists(VALUES, max_size=3), max_size=2)
RULES = st.lists(st.tuples(CONDITIONS, st.sampled_from(["power", "roads", "water"])), max_size=4)


@given(RULES, st.dictionaries(st.sampled_from(["lights", "district"]), VALUES))
def test_both_services_read_the_rules_alike(rules: list[tuple[dict[str, Any], str]], facts: dict[str, Any]) -> None:
    declared = [DepartmentRule.model_validate({"when": w, "to": to, "because": words("x")}) for w, to in rules]
    last = DepartmentRule.model_validate({"to": "education", "because": words("x")})
    entry = a_catalogue_entry().model_copy(update={"department": [*declared, last]})
    choice = choose([rule.model_dump(exclude_none=True) for rule in entry.department], facts)
    assert choice is not None
    assert entry.department_for(facts).to == choice.department


def test_it_is_known_only_while_verification_holds_the_request_up() -> None:
    rule = {
        "code": "described",
        "requires": {"properties": {"answers": {"required": ["description"]}}},
        "otherwise": "ineligible",
        "passed": words("x"),
        "failed": words("y"),
    }
    checks = Checks(a_catalogue_entry(eligibility=[rule]))
    request = a_request()
    verify(request, checks, {"lights": "one"}, verified=True)
    assert (request.state, request.intended) == (State.INELIGIBLE, "power")
    request.take("override", ActorKind.OFFICER, START, by="officer-1")
    assert (request.state, request.intended) == (State.VERIFYING, None)
    corrected = a_request()
    verify(corrected, checks, {"lights": "one"}, verified=True)
    corrected.take("correct", ActorKind.CITIZEN, START)
    verify(corrected, checks, {"lights": "one", "description": "dark"}, verified=True)
    assert corrected.intended is None


@pytest.mark.parametrize("department", ["water", None])
async def test_no_other_department_lets_it_pass(department: str | None) -> None:
    store = MemoryStore(Request)
    request = a_request(state=State.INELIGIBLE, intended="power")
    await store.insert_many([request])
    desk = Overriding(cast(RequestStore, store), KEYS)
    reason = Override(reason="The papers were seen at our counter.")
    with pytest.raises(NotFoundError):
        await desk.override(Principal("officer-9", Role.OFFICER, department, "s", 0.0), NUMBER, 1, reason)
    mine = Principal("officer-1", Role.OFFICER, "power", "s", 0.0)
    with pytest.raises(PreconditionFailedError):
        await desk.override(mine, NUMBER, 2, reason)
    passed = await desk.override(mine, NUMBER, 1, reason)
    assert (passed.state, passed.history[-1]["by"]) == (State.VERIFYING, "officer-1")
    assert "counter" not in str(store.documents[NUMBER])
