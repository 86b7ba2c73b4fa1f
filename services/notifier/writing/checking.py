"""Checks all texts at start, so that an operator sees every mistake at once."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from services.notifier.models.message import SMS
from services.notifier.writing import templates
from services.notifier.writing.library import BOUND, CODES, LANGUAGES, Library, Template, TextsBrokenError, load
from services.notifier.writing.samples import FREE, samples_of
from services.notifier.writing.sms import MAX_PARTS, parts
from services.notifier.writing.templates import Figures, in_words, written


def use_texts(origin: str, dispute_days: float, appeal_days: float, folder: Path | None) -> None:
    """Use our texts and those of the operator's folder. Raises TextsBrokenError."""
    templates.use(load(folder), Figures(dispute_days, appeal_days, origin, host_of(origin)))
    if faults := list(unfillable(templates.texts())) or list(too_long(templates.texts())):
        raise TextsBrokenError(faults)


def host_of(origin: str) -> str | None:
    """The portal's host name, if codes can be bound to it: with HTTPS at the default port."""
    address = urlsplit(origin)
    name = address.hostname or ""
    has_name = "." in name and not name.rpartition(".")[2].isdecimal()
    return name if address.scheme == "https" and address.port is None and has_name else None


def unfillable(library: Library) -> Iterator[str]:
    """A mistake for each text that fails with some value."""
    for template in library.templates.values():
        for place, text in template.all():
            language = place.rpartition(".")[2]
            try:
                for values in _values(template, language if language in LANGUAGES else LANGUAGES[0]):
                    text.filled(values)
            except Exception as error:  # a template can raise anything
                kind = type(error).__name__
                yield f"{library.sources[template.name]}: {template.name}: {place}: it cannot be filled in ({kind})"


def _values(template: Template, language: str) -> Iterator[dict[str, str]]:
    """Usual values, and variants with each other value."""
    samples = {name: _samples(name, language) for name in template.values}
    usual = {BOUND: ""} | {name: values[0] for name, values in samples.items() if values}
    yield from (usual | {name: value} for name, values in samples.items() for value in values)
    yield usual


def too_long(library: Library) -> Iterator[str]:
    """A mistake for each message that takes too many SMS, or has a value of unknown length."""
    for template in library.templates.values():
        place = f"{library.sources[template.name]}: {template.name}"
        unknown = [name for name in template.values if not samples_of(name, "en")]
        yield from (f"{place}: there is no sample of {name}" for name in unknown)
        if unknown or template.sms is None:
            continue
        limit = 1 if template.group == CODES else MAX_PARTS
        for language in LANGUAGES:
            if (count := parts_of(template, language)) > limit:
                yield f"{place}: sms.{language}: it takes {count} SMS and may take {limit}"


def parts_of(template: Template, language: str) -> int:
    """The number of SMS of a message with the longest values."""
    return parts(longest_words(template, language, SMS))


def longest_words(template: Template, language: str, channel: str) -> str:
    """The message with the longest values."""
    values = {name: max(_samples(name, language), key=len) for name in template.values}
    return written(template, language, channel, values, FREE & values.keys())


def usual_words(template: Template, language: str, channel: str) -> str:
    """The message with usual values."""
    values = {name: _samples(name, language)[0] for name in template.values}
    return written(template, language, channel, values, FREE & values.keys())


def _samples(name: str, language: str) -> list[str]:
    return [in_words(value, language) for value in samples_of(name, language)]
