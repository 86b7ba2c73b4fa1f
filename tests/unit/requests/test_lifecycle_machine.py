"""Random actions of all actors in any order never leave the table of the life cycle.

Requests change by `take`, for actions here, and by the handlers of routing's events. That nothing else
changes a state is checked by tests/architecture/test_lifecycle.py.
"""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.requests.handlers import HANDLERS
from services.requests.life.service.clocks import DUE
from services.requests.request.models.lifecycle import BY_ACTION, EDGES, ENDED, UNVERIFIED, ActorKind, State, target
from services.requests.request.models.request import Request
from shared.transitions import TransitionRefusedError
from tests.builders import a_request, an_envelope
from tests.fakes import START
from tests.unit.requests.test_handlers import every_event
from tests.unit.requests.test_lifecycle import way_to

ACTIONS = st.sampled_from([*sorted(BY_ACTION), "erase", "resolve_again", ""])
ERRANDS = {"file_appeal", "pass_decision", "withdraw_appeal"}
SAID = {event.type: event for event in every_event()}
ENDS = {"withdraw", "lapse", "let_stand", "close", "decide_appeal"}


class Life(RuleBasedStateMachine):
    """All actors try random actions."""

    def __init__(self) -> None:
        super().__init__()
        self.request: Request = a_request(active_service="street-light-out")
        self.at = START

    @initialize(state=st.sampled_from(list(State)))
    def it_has_come_so_far(self, state: State) -> None:
        """Start in any state, reached by a shortest path."""
        for edge in way_to(state):
            self.request.take(edge.action, edge.who, self.at, by="somebody")

    @rule(action=ACTIONS, actor=st.sampled_from(list(ActorKind)), minutes=st.integers(0, 100_000))
    def anybody_tries_anything(self, action: str, actor: ActorKind, minutes: int) -> None:
        """A listed action succeeds; any other changes nothing."""
        self.at += timedelta(minutes=minutes)
        before = self.request.fields()
        edge = BY_ACTION.get(action)
        if edge is not None and edge.who is actor and self.request.state in edge.sources:
            self.request.take(action, actor, self.at, by="somebody")
            assert self.request.state is edge.target
            return
        try:
            self.request.take(action, actor, self.at, by="somebody")
        except TransitionRefusedError:
            assert self.request.fields() == before
        else:
            raise AssertionError(f"{action} by {actor} succeeded from {before['state']}")

    @rule(nth=st.integers(0, 999))
    def somebody_who_may_goes_on(self, nth: int) -> None:
        """Take a listed edge, rarely one that ends the request, so that histories get long."""
        listed = [edge for edge in EDGES if self.request.state in edge.sources]
        going_on = [edge for edge in listed if edge.action not in ENDS]
        if choice := (going_on if nth % 3 else listed) or listed:
            edge = choice[nth // 3 % len(choice)]
            self.request.take(edge.action, edge.who, self.at, by="somebody")

    @rule(type_=st.sampled_from(sorted(SAID)))
    def routing_says_anything(self, type_: str) -> None:
        """Handle any event of routing; one that is too late or too early changes nothing."""
        HANDLERS[type_](self.request, SAID[type_], an_envelope(SAID[type_]))

    @precondition(lambda self: self.request.clock in DUE)
    @rule()
    def the_clock_is_due(self) -> None:
        """Take the next step of the clock."""
        DUE[str(self.request.clock)](self.request, self.at)

    @rule()
    def the_document_is_stored_and_read(self) -> None:
        """Store and read the document: a state that was read is a text, and nothing may depend on the difference."""
        document = {"_id": self.request.id, "rev": 1, "seq": self.request.seq, **self.request.fields()}
        self.request = Request.of({**document, "state": str(self.request.state)})

    @invariant()
    def the_history_is_a_path_of_the_table(self) -> None:
        """The history is a path of listed edges from submitted; notes leave the state."""
        state = str(State.SUBMITTED)
        for place, entry in enumerate(self.request.history, 1):
            assert (entry["n"], entry["from"]) == (place, state)
            if entry["to"] != entry["from"]:
                assert target(entry["action"], ActorKind(entry["who"]), State(entry["from"])) == entry["to"]
            state = entry["to"]
        assert self.request.state == state

    @invariant()
    def what_belongs_to_a_state_ends_with_it(self) -> None:
        """A clock, the mark of an active application, and the expected department end with their states."""
        waits = self.request.state in (State.INFORMATION_NEEDED, State.QUESTIONED, State.RESOLVED)
        assert (self.request.clock in DUE) == waits
        assert waits or self.request.clock is None or self.request.clock in ERRANDS
        assert self.request.state not in ENDED or self.request.active_service is None
        assert self.request.state in UNVERIFIED or self.request.intended is None


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=40)
