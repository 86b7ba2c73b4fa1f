"""Loads and checks all texts of messages: ours in `texts/`, and those of an operator's folder.

A file contains `templates` by name. Each has its `group` (of the preferences), its `audience`, the `values` of its
event, the `page` of the portal about it, the texts for each channel, and `shown` if its text is for the phone only.
`names.yaml` contains the texts of values.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from jinja2 import StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, ValidationError

from services.notifier.models.message import EMAIL
from shared.yaml_file import read_yaml

OURS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "ur")
CODES, ACCOUNT = "codes", "account"
Group = Literal["codes", "account", "progress", "decisions", "following", "work"]
Audience = Literal["citizen", "follower", "officer", "head", "clerk", "admin"]
ABOUT_REQUESTS = ("request.", "followed.")
REQUEST_PAGE = "/my/requests/{{ number }}"
"""The default page of a message about a request."""
BOUND = "bound"
"""The value in a code that holds the portal's host name, if a last line binds the code to it."""
ABOUT = frozenset({"number"})
"""The only values allowed in a subject or a page's address, which anybody can read."""
ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


class TextsBrokenError(ValueError):
    """Texts with mistakes: one line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Text:
    """A compiled text. `needs` are its required values."""

    __slots__ = ("_fill", "needs")

    def __init__(self, source: str) -> None:
        """Raises jinja2.TemplateSyntaxError."""
        tree = ENVIRONMENT.parse(source)
        self.needs = frozenset(meta.find_undeclared_variables(tree))
        plain = _plain(tree)
        self._fill: Callable[[Mapping[str, str]], str] = (
            ENVIRONMENT.from_string(source).render if plain is None else plain.format_map
        )

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with these values. Raises KeyError or jinja2.UndefinedError for a missing one."""
        return self._fill(values)


def _plain(tree: nodes.Template) -> str | None:
    """The text as a format string, if it only has placeholders: that is five times as fast, and needs no compiling."""
    pieces = []
    for output in tree.body:
        for node in output.nodes if isinstance(output, nodes.Output) else [output]:
            match node:
                case nodes.TemplateData():
                    pieces.append(node.data.replace("{", "{{").replace("}", "}}"))
                case nodes.Name():
                    pieces.append(f"{{{node.name}}}")
                case _:
                    return None
    return "".join(pieces)


class Shape(BaseModel):
    """A part of a file, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LanguageTexts(Shape):
    """One text in each language."""

    en: str
    ur: str


class Mail(Shape):
    """An email's subject and, if it differs from the SMS, its body."""

    subject: LanguageTexts
    body: LanguageTexts | None = None


class Described(Shape):
    """A template in its file."""

    group: Group
    audience: Audience = "citizen"
    values: tuple[str, ...] = ()
    page: str | None = None
    sms: LanguageTexts | None = None
    email: Mail | None = None
    shown: LanguageTexts | None = None


class SomeWords(Shape):
    """An operator's text, in some languages."""

    en: str | None = None
    ur: str | None = None


class SomeMail(Shape):
    """An operator's changes of an email."""

    subject: SomeWords | None = None
    body: SomeWords | None = None


class Changed(Shape):
    """The parts of a template that an operator can change."""

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
    """A compiled message."""

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
        """The text for a channel; an email without its own uses that of the SMS, and vice versa."""
        texts = (self.body or self.sms) if channel == EMAIL else (self.sms or self.body)
        assert texts is not None  # checked by `load`
        return texts[language]

    def all(self) -> Iterator[tuple[str, Text]]:
        """Each text with its path in the file."""
        for place, texts in (("sms", self.sms), ("email.subject", self.subject), ("email.body", self.body)):
            for language, text in (texts or {}).items():
                yield f"{place}.{language}", text
        if self.page:
            yield "page", self.page


@dataclass(slots=True)
class Library:
    """All texts. `sources`: the file of each template."""

    templates: dict[str, Template] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    months: dict[str, list[str]] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    headings: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)

    def is_changed(self, name: str) -> bool:
        """Whether an operator's text replaces ours."""
        return self.sources[name].parent != OURS


def load(folder: Path | None = None) -> Library:
    """Our texts, replaced by those of an operator's folder.

    Raises TextsBrokenError, with a line for each mistake.
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
    """Each file of a folder with its content."""
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
    """Whether the content has the right shape; adds its mistakes to `faults`."""
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
    """Our content, replaced by theirs wherever they have some."""
    merged = dict(ours)
    for name, value in (theirs or {}).items():
        merged[name] = _merged(merged.get(name, {}), value) if isinstance(value, dict) else value
    return merged


def _template(name: str, raw: dict[str, Any], file: Path, faults: list[str]) -> Template | None:
    """A compiled template; None, with its mistakes in `faults`, if it is broken."""
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
