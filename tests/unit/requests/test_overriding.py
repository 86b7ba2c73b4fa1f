"""Which department may let a request pass: the one that the service's rules would lead to, as routing reads them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.requests.models.catalogue import DepartmentRule
from services.requests.models.lifecycle import State, Who
from services.requests.verification import Checks, verify
from services.routing.models.directory import choose
from tests.builders import a_catalogue_entry, a_request, words
from tests.fakes import START

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
    request.take("override", Who.OFFICER, START, by="officer-1")
    assert (request.state, request.intended) == (State.VERIFYING, None)
    corrected = a_request()
    verify(corrected, checks, {"lights": "one"}, verified=True)
    corrected.take("correct", Who.CITIZEN, START)
    verify(corrected, checks, {"lights": "one", "description": "dark"}, verified=True)
    assert corrected.intended is None
