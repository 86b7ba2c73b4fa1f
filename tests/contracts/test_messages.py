"""The frozen samples: every published message is understood for ever, and serialised in the same way.

A sample is never changed. Its class may get a new optional field; any other change needs a new version with a
sample of its own.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from deploy.docs.asyncapi import asyncapi, told, type_name
from services.routing.actions import ACCEPTED, REJECTED
from services.routing.feed.bodies import DEPARTMENT_EVENTS, body_of
from services.routing.feed.invented import one_of_each
from services.routing.feed.models import FeedEntry
from services.routing.feed.publishing import copy_for
from services.routing.models.acts import ACT
from services.routing.subscriptions.messages import body_of as webhook_body
from shared.bus.frames import frames_of
from shared.bus.publisher import messages_of
from shared.envelope import Envelope
from shared.events import BY_TYPE
from shared.settlement import ANSWER, QUESTION, DeliveryAnswer, DeliveryQuestion
from tests.cases import cases
from tests.fakes import START
from tests.unit.routing.office import Office, submitted
from tests.unit.shared.wire import parts_of

FOLDER = Path(__file__).parent / "samples"
SAMPLES: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))
}
MODELS: dict[str, type[BaseModel]] = {**BY_TYPE, QUESTION: DeliveryQuestion, ANSWER: DeliveryAnswer}
ACTIONS = {"action.accept", "action.ask", "action.progress", "action.transfer", "action.resolve", "action.delay"}
FIELDS = [(kind, name) for kind in MODELS for name in SAMPLES[kind]]
SCHEMAS: dict[str, Any] = asyncapi()["components"]["schemas"]
WHOLE = {"$ref": "#/components/schemas/FeedMessage", "components": {"schemas": SCHEMAS}}


def in_milliseconds(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample with times in milliseconds, as they are written now; earlier versions wrote seconds."""
    loaded: dict[str, Any] = json.loads(re.sub(r"(T[0-9]{2}:[0-9]{2}:[0-9]{2})Z", r"\1.000Z", json.dumps(sample)))
    return loaded


def serialised(model: BaseModel) -> dict[str, Any]:
    """A message as it is published."""
    loaded: dict[str, Any] = json.loads(model.model_dump_json(exclude_none=True))
    return loaded


def test_every_message_has_a_sample() -> None:
    assert SAMPLES.keys() == MODELS.keys() | ACTIONS | {ACCEPTED, REJECTED}


@cases("kind", MODELS)
def test_a_sample_is_parsed_and_serialised_unchanged(kind: str) -> None:
    read = MODELS[kind].model_validate_json(json.dumps(SAMPLES[kind]))
    assert serialised(read) == in_milliseconds(SAMPLES[kind])


@cases("kind", MODELS)
def test_a_sample_has_every_field(kind: str) -> None:
    """Later fields are not in the sample; `ADDED` names them."""
    assert set(SAMPLES[kind]) | ADDED.get(kind, set()) == set(MODELS[kind].model_fields)
    assert not any(MODELS[kind].model_fields[name].is_required() for name in ADDED.get(kind, ()))


ACTOR = {"actor_kind", "caused_by"}
ADDED: dict[str, set[str]] = {
    "citizen.corrected.v1": {"old_email"},
    "citizen.mobile_unproven.v1": {"held"},
    "citizen.registration_repeated.v1": {"unproven", "anew"},
    "service.published.v1": {"evidence", "category", "by"},
    "request.merged.v1": {"hidden_from"},
    "request.duplicate_joined.v1": {"hidden_from"},
    "request.appeal_filed.v1": {"hidden_from"},
    "request.submitted.v1": {"channel", "point"},
    "request.corrected.v1": {"channel", "point"},
    "request.overridden.v1": {"channel", "point"},
    "department.created.v1": {"by", "renewed", "old_until"},
    "department.changed.v1": {"subscription", "subscription_act", "subscription_stopped"},
    "request.routed.v1": {"expected", "heard", "question_open", "why", *ACTOR},
    "request.accepted.v1": {"heard", *ACTOR},
    "request.questioned.v1": {"heard", "due_at", *ACTOR},
    "request.progressed.v1": {"heard", *ACTOR},
    "request.transferred.v1": {"heard", "question_open", "wanted", *ACTOR},
    "request.resumed.v1": {"due_at", "delayed_until", "heard", *ACTOR},
    "request.reopened.v1": {"words", "due_at", "delayed_until", "heard", "for_head", *ACTOR},
    "request.resolved.v1": {"reason", "copied", "level", "final", "heard", "due_at", *ACTOR},
    "request.delayed.v1": ACTOR,
    "request.due_soon.v1": ACTOR,
    "request.overdue.v1": ACTOR,
    "request.escalated.v1": ACTOR,
    "request.assigned.v1": ACTOR,
    "request.recused.v1": ACTOR,
    "request.mentioned.v1": ACTOR,
    "request.part_asked.v1": ACTOR,
    "request.part_changed.v1": ACTOR,
    "request.evidence_added.v1": {"sha256", "actor"},
    "request.reminded.v1": {"final"},
    "request.closed.v1": {"heard", "into", "rating", *ACTOR},
    "access.forgotten.v1": {"erased"},
    "access.recorded.v1": {"listed"},
}


@cases("kind", MODELS)
def test_an_unknown_field_is_ignored(kind: str) -> None:
    newer = SAMPLES[kind] | {"added_later": {"a": [1]}}
    assert serialised(MODELS[kind].model_validate_json(json.dumps(newer))) == in_milliseconds(SAMPLES[kind])


@cases("kind, name", FIELDS)
def test_a_removed_or_renamed_field_is_detected(kind: str, name: str) -> None:
    less = {key: value for key, value in SAMPLES[kind].items() if key != name}
    for changed in (less, less | {f"{name}_renamed": SAMPLES[kind][name]}):
        if MODELS[kind].model_fields[name].is_required():
            with pytest.raises(ValidationError):
                MODELS[kind].model_validate_json(json.dumps(changed))
        else:
            assert serialised(MODELS[kind].model_validate_json(json.dumps(changed))) != in_milliseconds(SAMPLES[kind])


@cases("kind, name", FIELDS)
def test_a_field_of_another_type_is_detected(kind: str, name: str) -> None:
    for other in (None, ["x"], {"x": {"y": {"z": 1}}}):
        try:
            read = MODELS[kind].model_validate_json(json.dumps(SAMPLES[kind] | {name: other}))
        except ValidationError:
            continue
        optional = other is None and not MODELS[kind].model_fields[name].is_required()
        assert optional or serialised(read)[name] == other


@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_a_departments_action_is_parsed(kind: str) -> None:
    body = {name: value for name, value in SAMPLES[kind].items() if name != "request"}
    assert serialised(ACT.validate_python(body)) == body
    with pytest.raises(ValidationError):
        ACT.validate_python(body | {"unknown": 1})


@pytest.mark.parametrize(("action", "kind"), [("accept", ACCEPTED), ("progress", REJECTED)])
async def test_an_answer_to_an_action_matches_its_sample(action: str, kind: str) -> None:
    office = await Office().open()
    await office.receive(submitted())
    body = {"request": "RB-7F3K-9Q2M-E", "action": action} | ({"note": "x"} if action == "progress" else {})
    await office.act(json.dumps(body).encode(), reply_to="department.power")
    [message] = office.bus.to("department.power")
    assert message.headers["ce-type"] == kind
    answer = json.loads(message.body)
    named = {name: type(value) for name, value in answer.items() if name in SAMPLES[kind]}
    assert named == {name: type(value) for name, value in SAMPLES[kind].items()}
    jsonschema.validate(answer, SCHEMAS[type_name(kind)])
    assert answer.keys() <= SCHEMAS[type_name(kind)]["properties"].keys()
    jsonschema.validate(message.headers, SCHEMAS["Refusal"])


@cases("kind", [event.type for event in DEPARTMENT_EVENTS])
def test_an_event_as_its_department_gets_it_matches_its_schema(kind: str) -> None:
    body = json.loads(body_of(kind, "RB-7F3K-9Q2M-E", json.dumps(SAMPLES[kind]).encode(), "power"))
    schema = SCHEMAS[type_name(told(kind))]
    jsonschema.validate(body, schema)
    assert body.keys() <= schema["properties"].keys()


def test_invented_messages_match_the_schemas_of_real_ones() -> None:
    invented = one_of_each("power", {"en": "Power", "ur": "بجلی"}, 1, START)
    assert [message.type for message in invented] == [event.type for event in DEPARTMENT_EVENTS]
    for number, message in enumerate(invented, 1):
        sent = copy_for("department.power.trial", FeedEntry(message, number, START))
        jsonschema.validate(json.loads(sent.body), SCHEMAS[type_name(told(message.type))])
        jsonschema.validate(sent.headers, SCHEMAS["DepartmentMessage"])
        webhook = json.loads(webhook_body(FeedEntry(message, number, START)))
        jsonschema.validate(webhook, WHOLE)
        assert webhook.keys() == SCHEMAS["FeedMessage"]["properties"].keys()
        assert (json.loads(sent.body)["test"], sent.headers["ce-test"]) == (True, "true")


@pytest.mark.parametrize("queue", [None, "department.power"])
def test_an_event_has_the_documented_headers_and_properties(queue: str | None) -> None:
    envelope = Envelope("routing", "request.routed.v1", "RB-7F3K-9Q2M-E", 1, START, b"{}", queue)
    for message in messages_of(envelope):
        _, header, *_ = parts_of(frames_of(message, 1))
        jsonschema.validate(message.headers, SCHEMAS["CloudEvent"])
        assert message.headers.keys() == SCHEMAS["CloudEvent"]["properties"].keys()
        there = {name: value for name, value in dict(header.properties).items() if value}
        described = asyncapi()["components"]["messages"]["request.routed.v1"]["x-amqp-properties"]
        jsonschema.validate(there, described)
        assert there.keys() - {"headers"} == described["properties"].keys()


@cases("kind", SAMPLES)
def test_a_sample_matches_the_published_schema(kind: str) -> None:
    schema = SCHEMAS[type_name(kind)]
    jsonschema.validate(SAMPLES[kind], schema)
    for name in schema.get("required", []):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({key: v for key, v in SAMPLES[kind].items() if key != name}, schema)
