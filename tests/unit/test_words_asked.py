"""Every field of every body for a person's words refuses a text without a letter or digit, and names the field."""

import importlib
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from deploy.docs.routes import SERVICES
from services.identity.accounts.api import bodies
from services.identity.citizens.api import citizens, own_data
from services.identity.staff.api import staff_bodies
from services.requests.catalogue import location
from services.requests.catalogue.models import catalogue
from services.requests.duplicates.service import following
from services.requests.life.service import appeals, citizen, overriding
from services.requests.publishing.service import filing, partners
from services.routing.desk.api import reply_templates, saved_views
from services.routing.desk.service import notes, parts
from services.routing.models import acts, directory
from services.routing.rules.models import rule
from services.routing.subscriptions import schemas as subscriptions
from shared.errors import field_errors
from shared.jsonbody import Body
from tests.builders import a_catalogue_entry
from tests.cases import cases

BLANK = {
    "spaces": " " * 12,
    "line ends": "\r\n\t" * 4,
    "signs": "... --- !!!",
    "marks on no letter": "\u0301\u0301 \u064e\u064e",
    "unseen marks": "\u200b\u200c\u200f\u2066\u2069\ufeff",
    "letters that nobody sees": "\u3164\u115f",
}
NAMES = {"en": "Power", "ur": "بجلی"}
PERSON = {"name": "Gul Meena", "cnic": "35202-1234567-1", "mobile": "0300 1234567"}
DEPARTMENT = {"code": "power", "name": NAMES, "head": NAMES, "appellate_authority": NAMES}
ENTRY = a_catalogue_entry().model_dump(exclude_none=True)
ASKED: list[tuple[type[BaseModel], str, dict[str, Any]]] = [
    (location.Place, "address", {}),
    (citizen.Answer, "answer", {}),
    (citizen.Dispute, "words", {"reason": "other"}),
    (citizen.Withdrawal, "words", {}),
    (citizen.Rating, "words", {"rating": 3}),
    (appeals.Grounds, "grounds", {}),
    (overriding.Override, "reason", {}),
    (following.Merge, "reason", {"into": "RB-0000-0000-0"}),
    (following.Separation, "reason", {}),
    (acts.Ask, "question", {}),
    (acts.Progress, "note", {}),
    (acts.Transfer, "reason", {"to": "roads"}),
    (acts.Delay, "reason", {"until": "2026-03-12"}),
    (acts.Resolve, "reply", {"outcome": "granted"}),
    (bodies.RegistrationBody, "name", {}),
    (bodies.RegistrationBody, "address", {}),
    (citizens.CounterBody, "name", PERSON),
    (citizens.CounterBody, "address", PERSON),
    (own_data.CorrectionBody, "name", {}),
    (own_data.CorrectionBody, "address", {}),
    (staff_bodies.OfficerBody, "name", {"login": "gul.meena", "role": "clerk"}),
    (staff_bodies.OfficerBody, "counter", {"login": "gul.meena", "role": "clerk", "name": "Gul"}),
    (staff_bodies.OfficerChangeBody, "counter", {}),
    (directory.OfficialName, "en", NAMES),
    (directory.OfficialName, "ur", NAMES),
    (catalogue.Words, "en", NAMES),
    (catalogue.Words, "ur", NAMES),
    (catalogue.Charter, "source", ENTRY["charter"]),
    (notes.Note, "text", {}),
    (parts.AskPart, "task", {"department": "power", "due": "2026-03-12"}),
    (parts.PartAnswer, "words", {}),
    (reply_templates.TemplateName, "en", NAMES),
    (reply_templates.TemplateName, "ur", NAMES),
    (reply_templates.TemplateTexts, "en", NAMES),
    (reply_templates.TemplateTexts, "ur", NAMES),
    (saved_views.ViewToSave, "name", {"query": {}}),
    (rule.Because, "en", NAMES),
    (rule.Because, "ur", NAMES),
    (rule.RoutingRule, "name", {"to": "power", "because": NAMES}),
    (subscriptions.SubscriptionEntry, "name", {"kind": "pull"}),
    (partners.NewPartner, "name", {"code": "city-app"}),
    (filing.PartnerUpdate, "words", {"request": "RB-0000-0000-0", "update": "1"}),
]
IN_LISTS = {"keywords"}
READ_OTHERWISE = {
    "codes of a catalogue or a department": {
        "service", "district", "to", "code", "category", "districts", "department", "documents", "appeals_to",
    },
    "ids, and answers that a form reads": {
        "on_behalf_of", "draft", "attachments", "answers", "instead_of", "ids", "up_to", "lease", "mentions", "deputy",
        "Interest.officer", "PartnerUpdate.request", "PartnerUpdate.update",
    },
    "codes, numbers and ETags that a pattern checks": {
        "ChosenRequest.etag", "ChosenRequest.number", "QueueEntry.name", "QueueReplay.queue", "RuleWhen.areas",
        "RuleWhen.services", "RuleWhen.categories", "RuleTrialBody.rows",
    },
    "codes and numbers that people type": {"into", "key", "cnic", "mobile", "email", "login", "recovery_code"},
    "times and addresses that people type": {
        "QuietHours.start", "QuietHours.end", "PreferencesBody.digest_at", "WorkAddressBody.address",
        "Days.start", "Days.end", "Hours.start", "Hours.end", "SubscriptionEntry.url",
    },
    "secrets, letter by letter": {"password", "current", "new", "device", "refresh_token", "token"},
    "schemas": {"form", "requires", "when"},
    "what a draft may leave open": {"DraftPlace.address"},
    "what may be published empty": {"PublicWords.description", "PublicWords.place"},
}  # fmt: skip


def models(*of: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """These and all that are made of them, in the modules of the services."""
    for model in of:
        yield model
        yield from models(*model.__subclasses__())


def takes_text(kind: Any) -> bool:
    """Whether a field may hold what somebody writes."""
    if typing.get_origin(kind) is typing.Literal:
        return False
    return kind is str or any(takes_text(part) for part in typing.get_args(kind))


@cases("model, name, rest", ASKED)
def test_a_text_that_says_nothing_is_refused_by_its_field(
    model: type[BaseModel], name: str, rest: dict[str, Any]
) -> None:
    for blank in BLANK.values():
        with pytest.raises(ValidationError) as caught:
            model.model_validate(rest | {name: blank})
        told = {error["pointer"]: error for error in field_errors(list(caught.value.errors()), "ur")}
        of_a_person = name == "name" and model.__module__.startswith("services.identity")
        assert told[f"/{name}"]["code"] == ("name" if of_a_person else "words_needed")


def test_every_field_for_words_is_in_the_table() -> None:
    for service in SERVICES:
        importlib.import_module(f"services.{service}.app")  # imports all routes, and with them all bodies
    asked = {f"{model.__name__}.{name}" for model, name, _ in ASKED}
    known = set().union(*READ_OTHERWISE.values()) | IN_LISTS
    found = {
        f"{model.__name__}.{name}"
        for model in models(Body, catalogue.Strict, directory.OfficialName, directory.DepartmentEntry)
        for name, field in model.model_fields.items()
        if takes_text(field.annotation) and name in model.__annotations__ and model.__module__.startswith("services.")
    }
    open_fields = {field for field in found - asked if not {field, field.rpartition(".")[2]} & known}
    assert not {field for field in open_fields if "schemas" not in field}
    assert asked <= found


def test_a_keyword_of_a_service_is_a_word() -> None:
    with pytest.raises(ValidationError):
        catalogue.CatalogueEntry.model_validate({**ENTRY, "keywords": ["lamp", "--"]})
