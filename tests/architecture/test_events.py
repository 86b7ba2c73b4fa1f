"""Every event has one publisher and all its consumers; no service binds events that it does not handle."""

import ast
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

import pytest

from deploy.docs.routes import SERVICES
from deploy.local.home import ROOT
from services.identity import handlers as identity
from services.notifier import handlers as notifier
from services.notifier.handlers import contact_handlers
from services.notifier.wiring import WORK_STREAMS, types_of
from services.requests import handlers as requests
from services.routing import handlers as routing
from shared.events import BY_TYPE, CONSUMERS, EVENTS, Event, stream_of
from tests.architecture.repository import files, last_name, tree_of
from tests.builders import KEYS
from tests.cases import cases
from tests.unit.routing.office import Office

NAMES = {event.__name__: event for event in EVENTS}
READING = {"cast", "isinstance"}


def types_bound_by_the_notifier(stream: str) -> set[str]:
    """The event types of a stream that cause messages."""
    return set(types_of(stream))


CONSUMED: Mapping[str, Mapping[str, Callable[[], set[str]]]] = {
    "identity": {
        "department": lambda: set(identity.HANDLERS),
        "service": lambda: set(identity.SERVICE_HANDLERS),
        "rules": lambda: set(identity.RULES_HANDLERS),
        "notification": lambda: set(identity.DELIVERY_HANDLERS),
        "access": lambda: set(identity.access_handlers(KEYS)),
    },
    "requests": {
        "request@routing": lambda: set(requests.HANDLERS),
        "citizen": lambda: set(requests.CITIZEN_HANDLERS),
        "department": lambda: set(requests.DEPARTMENT_HANDLERS),
        "staff": lambda: set(requests.STAFF_HANDLERS),
    },
    "routing": {
        "request@requests": lambda: set(routing.handlers_of(Office().router)),
        "service": lambda: set(routing.SERVICE_HANDLERS),
        "staff": lambda: set(routing.STAFF_HANDLERS),
    },
    "notifier": {
        "citizen": lambda: set(contact_handlers(KEYS)),
        "staff": lambda: set(notifier.STAFF_HANDLERS),
        **{stream: partial(types_bound_by_the_notifier, stream) for stream in WORK_STREAMS},
    },
}
"""The event types that each service consumes, by stream. These tables are the bindings: `Inbox.types`, `types_of`."""
BY_TYPE_ONLY = {("notifier", stream) for stream in WORK_STREAMS}
"""Streams consumed by type and not in order; settlement asks for these types (services/notifier/handlers.py)."""


def types_in(stream: str) -> set[str]:
    """The event types of a stream."""
    return {event.type for event in EVENTS if stream_of(event) == stream}


def publishers_of(event: type[Event]) -> set[str]:
    """The services whose code creates this event, or passes its class to a function that does."""
    return {
        service
        for service in SERVICES
        for file in files(".py", under=(f"services/{service}",))
        if event.__name__ in created_in(file)
    }


@cache
def created_in(file: Path) -> set[str]:
    """Names of events that are called, or passed to a call that does not only read them."""
    made = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call) and last_name(node.func) not in READING:
            made |= {last_name(part) for part in (node.func, *node.args)}
    return made & NAMES.keys()


@cases("event", EVENTS)
def test_an_event_is_published_only_by_the_service_it_names(event: type[Event]) -> None:
    assert publishers_of(event) == {event.source}


def test_consumers_lists_the_services_that_consume_each_stream() -> None:
    taken = {(service, stream) for service, streams in CONSUMED.items() for stream in streams}
    assert taken == {(service, stream) for stream, services in CONSUMERS.items() for service in services}


@pytest.mark.parametrize(("service", "stream"), [(s, stream) for s, streams in CONSUMED.items() for stream in streams])
def test_a_service_handles_every_event_of_an_ordered_stream(service: str, stream: str) -> None:
    types = CONSUMED[service][stream]()
    if (service, stream) in BY_TYPE_ONLY:
        assert types
        assert types <= types_in(stream)
    else:
        assert types == types_in(stream)


@pytest.mark.parametrize("service", SERVICES)
def test_the_wiring_consumes_exactly_the_declared_streams(service: str) -> None:
    files = [ROOT / "services" / service / name for name in ("app.py", "wiring.py")]
    texts = {
        node.value
        for node in (node for file in files if file.exists() for node in ast.walk(tree_of(file)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    own = {stream for stream in CONSUMERS if {e.source for e in EVENTS if stream_of(e) == stream} == {service}}
    assert texts & CONSUMERS.keys() == set(CONSUMED[service]) | own


def test_the_notifier_handles_only_existing_events() -> None:
    assert set(notifier.HANDLERS) <= BY_TYPE.keys()


@cases("event", EVENTS)
def test_an_event_type_is_subject_fact_and_version(event: type[Event]) -> None:
    subject, fact, version = event.type.split(".")
    assert (subject.isidentifier(), fact.isidentifier(), version) == (True, True, "v1")
    assert event.__doc__
    assert event.__name__.lower() == f"{subject}{fact}".replace("_", "")


PERSONAL = {"name", "mobile", "email", "code", "question", "note", "reply", "address", "cnic", "answers", "words"}


@cases("event", EVENTS)
def test_personal_text_in_events_is_sealed(event: type[Event]) -> None:
    for name, field in event.model_fields.items():
        sealed = isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("x-sealed", False)
        about_a_person = name in PERSONAL and field.annotation is str
        assert sealed or not about_a_person, f"{event.type}: {name}"
