"""The life of a request as a machine that anybody may push in any order: it never leaves the table."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.requests.models.lifecycle import BY_ACTION, EDGES, ENDED, UNVERIFIED, State, Who, target
from services.requests.models.request import Request, TransitionRefusedError
from services.requests.service.clocks import DUE
from tests.builders import a_request
from tests.fakes import START

ACTIONS = st.sampled_from([*sorted(BY_ACTION), "erase", "resolve_again", ""])
ERRANDS = {"file_appeal", "pass_decision", "withdraw_appeal"}


class Life(RuleBasedStateMachine):
    """Citizens, officers, rules, clocks, departments and authorities do whatever they like."""

    def __init__(self) -> None:
        super().__init__()
        self.request: Request = a_request(active_service="street-light-out")
        self.at = START

    @rule(action=ACTIONS, who=st.sampled_from(list(Who)), minutes=st.integers(0, 100_000))
    def anybody_tries_anything(self, action: str, who: Who, minutes: int) -> None:
        """What the table lists succeeds, everything else changes nothing at all."""
        self.at += timedelta(minutes=minutes)
        before = self.request.fields()
        edge = BY_ACTION.get(action)
        if edge is not None and edge.who is who and self.request.state in edge.sources:
            self.request.take(action, who, self.at, by="somebody")
            assert self.request.state is edge.target
            return
        try:
            self.request.take(action, who, self.at, by="somebody")
        except TransitionRefusedError:
            assert self.request.fields() == before
        else:
            raise AssertionError(f"{action} by {who} succeeded from {before['state']}")

    @rule(choice=st.randoms(use_true_random=False))
    def somebody_who_may_goes_on(self, choice: object) -> None:
        """One of the listed edges, so that the machine gets far."""
        listed = [edge for edge in EDGES if self.request.state in edge.sources]
        if listed:
            edge = choice.choice(listed)  # type: ignore[attr-defined]
            self.request.take(edge.action, edge.who, self.at, by="somebody")

    @precondition(lambda self: self.request.clock in DUE)
    @rule()
    def the_clock_is_due(self) -> None:
        """Whatever the clock has next can be taken."""
        DUE[str(self.request.clock)](self.request, self.at)

    @rule()
    def the_document_is_stored_and_read(self) -> None:
        """A state that was read is a text; nothing may depend on the difference."""
        document = {"_id": self.request.id, "rev": 1, "seq": self.request.seq, **self.request.fields()}
        self.request = Request.of({**document, "state": str(self.request.state)})

    @invariant()
    def the_history_is_a_path_of_the_table(self) -> None:
        """Edge by listed edge from submitted; notes stay where they are."""
        state = str(State.SUBMITTED)
        for place, entry in enumerate(self.request.history, 1):
            assert (entry["n"], entry["from"]) == (place, state)
            edge = BY_ACTION.get(entry["action"])
            if edge is None:
                assert entry["to"] == entry["from"]
            else:
                assert target(entry["action"], Who(entry["who"]), State(entry["from"])) == entry["to"]
            state = entry["to"]
        assert self.request.state == state

    @invariant()
    def what_belongs_to_a_state_ends_with_it(self) -> None:
        """Clocks, the one active application, and where verification would have led."""
        waits = self.request.state in (State.INFORMATION_NEEDED, State.QUESTIONED, State.RESOLVED)
        assert (self.request.clock in DUE) == waits
        assert waits or self.request.clock is None or self.request.clock in ERRANDS
        assert self.request.state not in ENDED or self.request.active_service is None
        assert self.request.state in UNVERIFIED or self.request.intended is None


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
