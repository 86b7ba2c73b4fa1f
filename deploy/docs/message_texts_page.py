"""`docs/message-texts.md`: every message with its length as SMS, and what a citizen's journey costs in SMS."""

from collections.abc import Iterator

from deploy.docs.rights_page import table
from services.notifier.models.message import SMS
from services.notifier.writing import templates
from services.notifier.writing.checking import parts_of, usual_words
from services.notifier.writing.library import LANGUAGES, Template
from services.notifier.writing.samples import NUMBER
from services.notifier.writing.sms import parts

INTRODUCTION = """# What messages say

Written by `python -m deploy.docs` from `services/notifier/writing/texts/`; `python -m deploy.docs --check` tells when
it is stale. An administrator reads the words of each message, in both languages, at `/admin/messages`;
[messages](messages.md) tells how they are sent and how an operator changes them.

An SMS holds 160 characters of GSM's alphabet or 70 of any other, such as Urdu's; each part of a longer one 153 or 67.
No message takes more than three parts. What a department wrote is shortened until the message fits; the whole of it is
in the email and on the portal. Where two numbers stand, the first is with usual values, the second with the longest.
"""
JOURNEYS: dict[str, tuple[str, ...]] = {
    "register": ("citizen.code_issued",),
    "log in": ("citizen.code_issued",),
    "file, and have it routed": ("request.routed.filed",),
    "file, correct, and have it routed": ("request.submitted.information_needed", "request.routed.corrected"),
    "begin work": ("request.accepted",),
    "be asked, and answer": ("request.questioned", "request.resumed"),
    "be asked, be reminded twice, and lapse": (
        "request.questioned",
        "request.reminded.questioned",
        "request.reminded.questioned",
        "request.lapsed",
    ),
    "outcome, confirmed": ("request.resolved.department", "request.confirmed"),
    "outcome, left to stand": ("request.resolved.department", "request.reminded.resolved", "request.let_stand"),
    "dispute": ("request.reopened", "request.resolved.head", "request.confirmed"),
    "appeal, not granted": ("request.routed.appeal", "request.resolved.appeal", "request.appeal_decided"),
    "appeal, granted": (
        "request.routed.appeal",
        "request.resolved.appeal",
        "request.reopened",
        "request.resolved.final",
        "request.confirmed",
    ),
    "follow, from filing to outcome": ("request.followed", "followed.step", "followed.step", "followed.step"),
    "change the mobile": ("citizen.code_issued", "citizen.mobile_changed"),
}
"""What is sent by SMS, one after the other; `request.routed.filed` says the receipt too, which waits for it."""


def message_texts_page() -> str:
    """The page."""
    parts_of_it = [
        INTRODUCTION,
        "## Journeys",
        table(["journey", "messages", "SMS", "parts, English", "parts, Urdu"], map(_journey, JOURNEYS)),
        "## Messages",
        table(["message", "for", "group", "SMS, English", "SMS, Urdu", "subject of the email"], _messages()),
    ]
    return "\n\n".join(part.strip() for part in parts_of_it) + "\n"


def _journey(name: str) -> list[str]:
    known = templates.texts().templates
    sent = [known[template] for template in JOURNEYS[name]]
    total = [sum(_usual(template, language) for template in sent) for language in LANGUAGES]
    return [name, ", ".join(f"`{template.name}`" for template in sent), str(len(sent)), *map(str, total)]


def _messages() -> Iterator[list[str]]:
    for _, template in sorted(templates.texts().templates.items()):
        lengths = [_length(template, language) for language in LANGUAGES]
        subject = templates.heading(template.name, NUMBER, "en") if template.subject else ""
        yield [f"`{template.name}`", template.audience, template.group, *lengths, subject]


def _length(template: Template, language: str) -> str:
    if template.sms is None:
        return ""
    usual, most = _usual(template, language), parts_of(template, language)
    return str(usual) if usual == most else f"{usual} to {most}"


def _usual(template: Template, language: str) -> int:
    return parts(usual_words(template, language, SMS))
