"""The generated pages match the code, and the AsyncAPI document is consistent."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from deploy.docs import __main__ as docs
from deploy.docs.asyncapi import WEBHOOK, asyncapi
from deploy.docs.contracts import DEPARTMENT_EVENTS, HANDLED
from deploy.docs.events_page import events_page
from deploy.docs.lifecycle_page import lifecycle_page
from deploy.local.home import ROOT
from services.notifier.wiring import WORK_STREAMS, types_of
from services.requests.request.models.lifecycle import EDGES
from services.routing.models.acts import Accept, Resolve
from services.routing.models.assignment import EDGES as ASSIGNMENT_EDGES
from services.routing.service.clocks import DueClocks
from services.routing.store.assignments import AssignmentStore
from shared.bus.topology import EXCHANGES
from shared.events import CONSUMERS, EVENTS, RequestAnswered, RequestConfirmed, RequestDisputed, stream_of
from shared.yaml_file import read_yaml
from tests.builders import CITIZEN
from tests.cases import cases
from tests.unit.routing.office import Office, submitted

DOCUMENT: dict[str, Any] = read_yaml(ROOT / "docs" / "asyncapi.yaml")
PARTS = {"asyncapi", "info", "defaultContentType", "servers", "channels", "operations", "components"}


def test_generated_pages_match_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main(["--check"]) == 0, capsys.readouterr().err


def test_a_stale_page_is_detected_and_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    assert docs.main(["--check"]) == 1
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    page = tmp_path / "docs" / "events.md"
    page.write_text(page.read_text(encoding="utf-8").replace("Consumed by", "Sent to"), encoding="utf-8")
    assert docs.main(["--check"]) == 1


def test_the_yaml_file_parses_to_the_document() -> None:
    assert asyncapi() == DOCUMENT


def test_the_events_page_names_every_event_queue_and_action() -> None:
    page = events_page()
    for event in EVENTS:
        assert f"### `{event.type}`" in page
    for name in (*EXCHANGES, *(f"{service}.dead" for service in HANDLED), "routing.actions.retry.300s"):
        assert f"`{name}`" in page
    for action in ("accept", "ask", "progress", "transfer", "resolve"):
        assert f"### `{action}`" in page
    assert r"`^department\.power$`" in page


def test_the_life_cycle_page_lists_and_draws_every_transition() -> None:
    page = lifecycle_page()
    for action in [*(edge.action for edge in EDGES), *ASSIGNMENT_EDGES]:
        assert f"| `{action}` |" in page
    for step in ("questioned --> closed: lapse", "under_appeal --> reopened: remit", "resolved --> closed: let_stand"):
        assert f"    {step}\n" in page


def test_the_document_has_the_sections_of_its_version() -> None:
    assert DOCUMENT.keys() == PARTS
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()


def refs(value: Any) -> Iterator[str]:
    """All references in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from refs(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs(item)


def test_every_reference_resolves() -> None:
    found = set(refs(DOCUMENT))
    assert len(found) > 50
    for reference in found:
        place: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, reference
            place = place[part]


def test_every_component_and_channel_is_used() -> None:
    found = set(refs(DOCUMENT))
    for part in ("messages", "schemas"):
        for name in DOCUMENT["components"][part]:
            assert f"#/components/{part}/{name}" in found, name
    for channel in DOCUMENT["channels"]:
        assert f"#/channels/{channel}" in found, channel


@cases("name", DOCUMENT["operations"])
def test_an_operation_uses_messages_of_its_channel(name: str) -> None:
    operation = DOCUMENT["operations"][name]
    assert operation["action"] in ("send", "receive")
    channel = operation["channel"]["$ref"]
    assert operation["messages"]
    assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


@cases("name", DOCUMENT["channels"].keys() - {WEBHOOK})
def test_a_channel_is_a_routing_key_or_a_queue(name: str) -> None:
    binding = DOCUMENT["channels"][name]["bindings"]["amqp"]
    assert binding["bindingVersion"] == "0.3.0"
    if binding["is"] == "routingKey":
        assert EXCHANGES[binding["exchange"]["name"]] == binding["exchange"]["type"]
    else:
        assert binding["queue"]["name"] == DOCUMENT["channels"][name]["address"]


@cases("event", EVENTS)
def test_an_event_has_one_publisher_and_its_handlers_as_consumers(event: Any) -> None:
    parts = [
        (name, operation["action"])
        for name, operation in DOCUMENT["operations"].items()
        if operation["channel"]["$ref"] == f"#/channels/{event.type}"
    ]
    assert [name for name, action in parts if action == "send"] == [f"{event.source}.says.{event.type}"]
    consumers = {name.partition(".")[0] for name, action in parts if action == "receive"}
    assert consumers <= set(CONSUMERS[stream_of(event)])
    if stream_of(event) in WORK_STREAMS:
        assert ("notifier" in consumers) == (event.type in types_of(stream_of(event)))
    else:
        assert consumers == set(CONSUMERS[stream_of(event)])


TOLD_ELSEWHERE = {
    f"request.{name}.v1"
    for name in (
        *("progressed", "transferred", "delayed", "file_added", "file_removed", "words_added", "under_appeal"),
        *("absorbed", "erased", "graded", "assigned", "part_asked", "part_changed", "contact_changed"),
        "citizen_reminded",
    )
} | {"department.access_renewed.v1", "department.messages_put_aside.v1"}
"""Events for departments that `tests/unit/routing/test_told_departments.py` and the tests of the desk show."""


async def test_departments_receive_the_documented_events() -> None:
    office = await Office().open()
    await office.receive(submitted())
    act = '{"request": "RB-7F3K-9Q2M-E", "action": '
    [late] = (await office.assignments.load_many(["RB-7F3K-9Q2M-E"])).values()
    clocks = DueClocks(cast(AssignmentStore, office.assignments), office.directory, office.router)
    assert late.warn_at is not None
    for now in (late.warn_at, late.warn_at + timedelta(days=100)):
        clocks.step(late, now)
    assert not await office.assignments.save_many([late])
    await office.act(f'{act}"ask", "question": "Which?"}}'.encode())
    await office.receive(RequestAnswered(citizen_id=CITIZEN))
    await office.act(f'{act}"resolve", "outcome": "granted", "reply": "It was replaced."}}'.encode())
    await office.receive(RequestDisputed(citizen_id=CITIZEN, reason="not_done"))
    await office.as_head(Accept(), Resolve(outcome="granted", reply="It was replaced."))
    await office.receive(RequestConfirmed(citizen_id=CITIZEN))
    [document] = office.assignments.documents.values()
    told = {entry["type"] for entry in document["events"] if "queue" in entry}
    assert told | TOLD_ELSEWHERE == {event.type for event in DEPARTMENT_EVENTS}
