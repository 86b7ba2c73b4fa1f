"""An event of each type and variant that causes a message."""

from datetime import datetime, timedelta

from shared.events import (
    CitizenCodeIssued,
    CitizenCorrected,
    CitizenDeviceSeen,
    CitizenMobileChanged,
    CitizenMobileProven,
    CitizenMobileRestored,
    CitizenMobileUnproven,
    CitizenPasswordChanged,
    CitizenRegistered,
    CitizenRegistrationRepeated,
    Event,
    RequestAccepted,
    RequestAppealDecided,
    RequestAppealFiled,
    RequestConfirmed,
    RequestCorrected,
    RequestDelayed,
    RequestFollowed,
    RequestLapsed,
    RequestLetStand,
    RequestOverdue,
    RequestOverridden,
    RequestProgressed,
    RequestQuestioned,
    RequestReminded,
    RequestReopened,
    RequestResolved,
    RequestResumed,
    RequestRevived,
    RequestRouted,
    RequestSeparated,
    RequestSubmitted,
    RequestTransferred,
    RequestUnfollowed,
    RequestWithdrawn,
)
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER
from tests.fakes import START

MOBILE = "+923001234567"
OF_DEPARTMENT = {"citizen_id": CITIZEN, "department": "power"}
HEAD = {"en": "Divisional Forest Officer, Swat", "ur": "ڈویژنل فارسٹ آفیسر، سوات"}
FILED = {
    "citizen_id": CITIZEN,
    "service": "street-light-out",
    "service_version": 1,
    "district": "peshawar",
    "failed_rules": ["one", "two"],
}
LONG = "The lamp at the corner was replaced and the cable was checked. " * 40
LONG_URDU = "کونے والی بتی بدل دی گئی ہے اور تار کی جانچ بھی کر لی گئی ہے۔ " * 40


def registered(language: str = "en", mobile: str = MOBILE, of: str = CITIZEN) -> CitizenRegistered:
    """A registration."""
    told = {"name": "Amina", "email": "a@example.org", "mobile": mobile}
    sealed = {name: KEYS.seal(text, SealPurpose(f"citizen.{name}"), owner=of) for name, text in told.items()}
    return CitizenRegistered.model_validate({**sealed, "language": language})


def code(purpose: str = "register", minutes: float = 10, *, counter: bool | None = None) -> CitizenCodeIssued:
    """A code."""
    expires = START + timedelta(minutes=minutes)
    sealed = KEYS.seal("482913", SealPurpose.CITIZEN_CODE, owner=CITIZEN)
    return CitizenCodeIssued.model_validate(
        {"purpose": purpose, "code": sealed, "expires_at": expires, "counter": counter}
    )


def routed(
    department: str = "Peshawar Electric Supply Company", urdu: str = "محکمہ آب رسانی", **more: bool
) -> RequestRouted:
    """A request was routed."""
    words = {"en": department, "ur": urdu}
    return RequestRouted.model_validate(
        {
            **OF_DEPARTMENT,
            "department_name": words,
            "because": words,
            "service": "street-light-out",
            "service_name": words,
            "kind": "complaint",
            "district": "peshawar",
            "respond_by": START,
            "due_at": START + timedelta(days=30),
            "details": "/api/v1/assignments/x",
            **more,
        }
    )


def free(event: type[Event], field: str, text: str, **more: str | bool | int | datetime) -> Event:
    """An event with text by a person."""
    return event.model_validate(
        {**OF_DEPARTMENT, field: KEYS.seal(text, SealPurpose(f"request.{field}"), owner=NUMBER), **more}
    )


def filed(event: type[Event], kind: str, state: str) -> Event:
    """A request that was filed or corrected."""
    return event.model_validate({**FILED, "kind": kind, "state": state})


def with_words(text: str) -> list[Event]:
    """Every event with free text, containing this text."""
    return [
        free(RequestQuestioned, "question", text),
        free(RequestProgressed, "note", text),
        free(RequestTransferred, "reason", text, to="water"),
        free(RequestDelayed, "reason", text, until=START, due_at=START, count=1),
        RequestOverridden.model_validate(
            {
                **FILED,
                "kind": "complaint",
                "state": "verifying",
                "actor": "officer",
                "reason": KEYS.seal(text, SealPurpose.REQUEST_REASON, owner=NUMBER),
            }
        ),
        *(
            free(RequestResolved, "reply", text, outcome=outcome, **level)
            for outcome in ("granted", "partly_granted", "not_granted")
            for level in ({}, {"level": "head"}, {"level": "appeal"}, {"level": "head", "final": True})
        ),
    ]


EVENTS: list[Event] = [
    *(code(purpose) for purpose in ("register", "login", "reset", "contact")),
    code(counter=True),
    CitizenRegistrationRepeated(),
    CitizenRegistrationRepeated(unproven=True),
    CitizenRegistrationRepeated(anew=True),
    CitizenMobileUnproven(mobile=KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=CITIZEN)),
    CitizenMobileUnproven(mobile=KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=CITIZEN), held=True),
    CitizenMobileUnproven(),
    CitizenMobileProven(mobile=KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=CITIZEN)),
    CitizenPasswordChanged(how="changed"),
    CitizenPasswordChanged(how="reset"),
    CitizenDeviceSeen(channel="sms"),
    CitizenCorrected(language="ur"),
    CitizenMobileChanged(
        mobile=KEYS.seal("+923011234567", SealPurpose.CITIZEN_MOBILE, owner=CITIZEN),
        old_mobile=KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=CITIZEN),
        undo=KEYS.seal("7KQM2XWP94RT", SealPurpose.CITIZEN_UNDO, owner=CITIZEN),
        undo_until=START,
    ),
    CitizenMobileRestored(mobile=KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=CITIZEN)),
    *(
        filed(event, kind, state)
        for event in (RequestSubmitted, RequestCorrected)
        for kind in ("application", "complaint")
        for state in ("verifying", "information_needed", "ineligible")
    ),
    routed(),
    routed(question_open=True),
    RequestAccepted.model_validate(OF_DEPARTMENT),
    *with_words("Which lamp is it, the left one or the right one?"),
    RequestResumed.model_validate(OF_DEPARTMENT),
    RequestReopened.model_validate({**OF_DEPARTMENT, "reason": "not_done"}),
    RequestOverdue.model_validate(
        {
            **OF_DEPARTMENT,
            "due_at": START,
            "head": HEAD,
        }
    ),
    RequestConfirmed(citizen_id=CITIZEN),
    RequestWithdrawn(citizen_id=CITIZEN),
    *(
        RequestReminded.model_validate({"citizen_id": CITIZEN, "about": about, "until": START + timedelta(days=14)})
        for about in ("information_needed", "questioned", "resolved", "resolved_by_head")
    ),
    RequestReminded(citizen_id=CITIZEN, about="resolved_by_head", until=START + timedelta(days=14), final=True),
    RequestLapsed(citizen_id=CITIZEN, waited_for="questioned"),
    RequestAppealDecided(citizen_id=CITIZEN, appeal="RB-7F3K-9Q2M-E", reason="not_granted"),
    RequestAppealFiled(
        citizen_id=CITIZEN,
        appeal_of="RB-7F3K-9Q2M-E",
        service="street-light-out",
        service_version=1,
        district="peshawar",
        department="power",
        departments=["power"],
        actors=["officer"],
    ),
    RequestLetStand(citizen_id=CITIZEN),
    RequestFollowed(citizen_id=CITIZEN),
    RequestFollowed(citizen_id=CITIZEN, duplicate=NUMBER),
    RequestUnfollowed(citizen_id=CITIZEN),
    RequestSeparated(citizen_id=CITIZEN, actor="officer"),
    RequestRevived(citizen_id=CITIZEN, ended="RB-7F3K-9Q2M-E"),
]
