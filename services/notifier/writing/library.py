"""All texts of messages: ours in `texts/`, and those of an operator's folder. Every fault in them is found here.

A file holds `templates`, by name. Each says its `group` (what people choose by in their preferences), its `audience`,
the `values` that its event gives, the `page` of the portal that is about it, the texts for each channel, and `shown`
where its words are for the handset only. `names.yaml` holds the words for values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from jinja2 import TemplateSyntaxError
from pydantic import BaseModel, ConfigDict, ValidationError

from services.notifier.models.message import EMAIL
from services.notifier.writing.text import Text
from shared.yaml_file import read_yaml

OURS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "ur")
CODES, ACCOUNT = "codes", "account"
Group = Literal["codes", "account", "progress", "decisions", "following", "work"]
Audience = Literal["citizen", "follower", "officer", "head", "clerk"]
ABOUT_REQUESTS = ("request.", "followed.")
REQUEST_PAGE = "/my/requests/{{ number }}"
"""The page of a message about a request, where its file names no other."""
BOUND = "bound"
"""In a code: the portal's name, where a last line with it follows."""
ABOUT = frozenset({"number"})
"""All that a subject and a page's address may hold: they stand where everybody can read them."""


class TextsBrokenError(ValueError):
    """Texts that cannot be used: one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Shape(BaseModel):
    """A part of a file: nothing that is not known may stand in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LanguageTexts(Shape):
    """One text in each language."""

    en: str
    ur: str


class Mail(Shape):
    """An email's subject and, where it has more than the SMS, its body."""

    subject: LanguageTexts
    body: LanguageTexts | None = None


class Described(Shape):
    """A template as its file has it."""

    group: Group
    audience: Audience = "citizen"
    values: tuple[str, ...] = ()
    page: str | None = None
    sms: LanguageTexts | None = None
    email: Mail | None = None
    shown: LanguageTexts | None = None


class SomeWords(Shape):
    """A text in the languages in which the operator has another one."""

    en: str | None = None
    ur: str | None = None


class SomeMail(Shape):
    """What the operator changes of an email."""

    subject: SomeWords | None = None
    body: SomeWords | None = None


class Changed(Shape):
    """What an operator may change of a template."""

    sms: SomeWords | None = None
    email: SomeMail | None = None
    shown: SomeWords | None = None


class OperatorsFile(Shape):
    """A file of the operator's folder."""

    templates: dict[str, Changed] = {}
    names: dict[str, SomeWords] = {}


Texts = Mapping[str, Text]
"""One text by language."""


@dataclass(frozen=True, slots=True)
class Template:
    """A message, ready to be filled in."""

    name: str
    group: Group
    audience: Audience
    values: tuple[str, ...]
    page: Text | None
    sms: Texts | None
    subject: Texts | None
    body: Texts | None
    shown: LanguageTexts | None

    def text(self, channel: str, language: str) -> Text:
        """The text for a channel: where an email has none of its own, that of the SMS, and the other way round."""
        texts = (self.body or self.sms) if channel == EMAIL else (self.sms or self.body)
        assert texts is not None  # `load` has seen to it
        return texts[language]

    def all(self) -> Iterator[tuple[str, Text]]:
        """Each text with its place in the file."""
        for place, texts in (("sms", self.sms), ("email.subject", self.subject), ("email.body", self.body)):
            for language, text in (texts or {}).items():
                yield f"{place}.{language}", text
        if self.page:
            yield "page", self.page


@dataclass(slots=True)
class Library:
    """All texts. `sources` has the file of each template."""

    templates: dict[str, Template] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    months: dict[str, list[str]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    headings: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)

    def is_changed(self, name: str) -> bool:
        """Whether an operator's text stands in place of ours."""
        return self.sources[name].parent != OURS


def load(folder: Path | None = None) -> Library:
    """Our texts, and those of an operator's folder in place of them.

    Raises TextsBrokenError, with a line for each fault.
    """
    faults: list[str] = []
    sections: dict[str, dict[str, Any]] = {}
    sources: dict[str, Path] = {}
    for file, raw in _read(OURS, faults):
        for section, content in raw.items():
            sections.setdefault(section, {}).update(content)
            sources |= dict.fromkeys(content, file)
    for file, raw in _read(folder, faults):
        if not _fits(OperatorsFile, file, raw, faults):
            continue
        for section, content in raw.items():
            for name, changed in (content or {}).items():
                if name in sections[section]:
                    sections[section][name] = _merged(sections[section][name], changed)
                    sources[name] = file
                else:
                    faults.append(f"{file}: {name}: there is no such entry among {section}")
    templates = sections.pop("templates")
    library = Library(sources=sources, **sections)
    for name, raw in templates.items():
        if template := _template(name, raw, sources[name], faults):
            library.templates[name] = template
    if faults:
        raise TextsBrokenError(faults)
    return library


def _read(folder: Path | None, faults: list[str]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each file of a folder with what it holds."""
    if folder is None:
        return
    if not folder.is_dir():
        faults.append(f"{folder}: this is no folder")
        return
    for file in sorted(folder.glob("*.yaml")):
        try:
            yield file, read_yaml(file) or {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.append(f"{file}: this is no YAML ({' '.join(str(error).split())})")


def _fits(shape: type[Shape], file: Path, raw: object, faults: list[str], *below: str) -> bool:
    """Whether it has the right form; what is wrong with it is noted."""
    try:
        shape.model_validate(raw)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            place = [str(part) for part in (*below, *fault["loc"])]
            named = f"{place[0]}: {'.'.join(place[1:])}" if below else ".".join(place)
            faults.append(f"{file}: {named}: {fault['msg'].lower()}")
        return False
    return True


def _merged(ours: dict[str, Any], theirs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Ours, with theirs in place of it where they have something."""
    merged = dict(ours)
    for name, value in (theirs or {}).items():
        merged[name] = _merged(merged.get(name, {}), value) if isinstance(value, dict) else value
    return merged


def _template(name: str, raw: dict[str, Any], file: Path, faults: list[str]) -> Template | None:
    """A template, compiled; None if it is broken, and what is wrong is noted."""
    if not _fits(Described, file, raw, faults, name):
        return None
    found = len(faults)
    described = Described.model_validate(raw)

    def compiled(place: str, source: str) -> Text | None:
        try:
            return Text(source.strip())
        except TemplateSyntaxError as error:
            faults.append(f"{file}: {name}: {place}: {error}")
            return None

    def each(place: str, words: LanguageTexts | None) -> Texts | None:
        if words is None:
            return None
        made = {language: compiled(f"{place}.{language}", getattr(words, language)) for language in LANGUAGES}
        return {language: text for language, text in made.items() if text}

    email = described.email
    page = described.page or (
        REQUEST_PAGE if "number" in described.values and name.startswith(ABOUT_REQUESTS) else None
    )
    template = Template(
        name=name,
        group=described.group,
        audience=described.audience,
        values=described.values,
        page=compiled("page", page) if page else None,
        sms=each("sms", described.sms),
        subject=each("email.subject", email.subject if email else None),
        body=each("email.body", email.body if email else None),
        shown=described.shown,
    )
    if template.sms is None and template.body is None:
        faults.append(f"{file}: {name}: it has neither an SMS nor the body of an email")
    for place, text in template.all():
        allowed = frozenset(template.values)
        if template.group == CODES:
            allowed |= {BOUND}
        if place.startswith(("email.subject", "page")):
            allowed &= ABOUT
        for unknown in sorted(text.needs - allowed):
            faults.append(f"{file}: {name}: {place}: there is no value {unknown}")
    return template if len(faults) == found else None
