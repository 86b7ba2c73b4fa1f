"""For administrators: the text of each message, its length, and test messages."""

import secrets
from collections.abc import Mapping, Sequence

import structlog

from services.notifier import schemas
from services.notifier.channels.provider import OutboundMessage, Provider
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.notification import DeliveryState
from services.notifier.writing import templates
from services.notifier.writing.checking import longest_words, parts_of, usual_words
from services.notifier.writing.library import LANGUAGES, Template
from services.notifier.writing.samples import NUMBER
from services.notifier.writing.sms import alphabet, parts
from shared.auth import Principal
from shared.errors import ConflictError, NotFoundError

TAKEN = (DeliveryState.SENDING, DeliveryState.DELIVERED)

log = structlog.get_logger(__name__)


class Trials:
    """The use cases."""

    def __init__(self, providers: Mapping[str, Sequence[Provider]]) -> None:
        self._providers = providers

    def all(self) -> schemas.MessageTexts:
        """Every message, by name."""
        return {"messages": [_samples(template) for _, template in sorted(templates.texts().templates.items())]}

    def preview(self, name: str, language: str, channel: str, sample: str) -> schemas.MessagePreview:
        """The text of a message with usual or with the longest values. Raises NotFoundError."""
        template = _known(name)
        words = (longest_words if sample == "longest" else usual_words)(template, language, channel)
        is_sms = channel == SMS
        return {
            "template": name,
            "language": language,
            "channel": channel,
            "subject": None if is_sms else templates.heading(name, NUMBER, language),
            "words": words,
            "parts": parts(words) if is_sms else None,
            "alphabet": alphabet(words) if is_sms else None,
            "page": templates.page(name, NUMBER),
        }

    async def send(self, name: str, language: str, channel: str, to: str, by: Principal) -> schemas.MessageTried:
        """Send a message with usual values, by the first provider that accepts it.

        Raises NotFoundError, and ConflictError if the channel has no provider.
        """
        preview = self.preview(name, language, channel, "usual")
        message = OutboundMessage(
            secrets.token_hex(16), to, preview["subject"] or "", preview["words"], language, preview["page"]
        )
        if not (providers := self._providers.get(channel)):
            raise ConflictError("nobody-carries")
        tried: list[schemas.ProviderTried] = []
        for provider in providers:
            result = await provider.deliver(message)
            tried.append({"provider": provider.name, "state": result.state})
            if result.state in TAKEN:
                break
        log.info("message.tried", template=name, channel=channel, state=tried[-1]["state"], by=by.id)
        return {"channel": channel, "state": tried[-1]["state"], "tried": tried}


def _known(name: str) -> Template:
    template = templates.texts().templates.get(name)
    if template is None:
        raise NotFoundError
    return template


def _samples(template: Template) -> schemas.MessageText:
    has_sms = template.sms is not None
    return {
        "template": template.name,
        "subject": _subjects(template),
        "group": template.group,
        "audience": template.audience,
        "values": list(template.values),
        "channels": [SMS, EMAIL] if has_sms else [EMAIL],
        "languages": list(LANGUAGES),
        "parts": {"en": parts_of(template, "en"), "ur": parts_of(template, "ur")} if has_sms else None,
        "changed": templates.texts().is_changed(template.name),
    }


def _subjects(template: Template) -> schemas.Subjects | None:
    if template.subject is None:
        return None
    return {
        "en": templates.heading(template.name, NUMBER, "en"),
        "ur": templates.heading(template.name, NUMBER, "ur"),
    }
