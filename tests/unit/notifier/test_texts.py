"""Every text of every message, in each channel and language: complete, short, and safe."""

import json
import re

import pytest

from services.notifier.models.message import EMAIL, SMS, DaysAfter, MessageSpec
from services.notifier.models.preferences import Group
from services.notifier.settings import NotifierSettings
from services.notifier.writing import templates
from services.notifier.writing.checking import host_of, longest_words, parts_of, too_long, usual_words
from services.notifier.writing.library import CODES, LANGUAGES, OURS, Template
from services.notifier.writing.samples import FREE, NUMBER, samples_of
from services.notifier.writing.sms import MAX_PARTS, parts
from services.notifier.writing.templates import Figures, in_words, page, written
from services.requests.settings import RequestsSettings
from shared.yaml_file import read_yaml
from tests.builders import CITIZEN, KEYS
from tests.cases import cases
from tests.fakes import START
from tests.unit.notifier.samples import EVENTS, code
from tests.unit.notifier.test_templates import starts_in_urdu, wanted

TEMPLATES = list(templates.texts().templates.values())
TEXTS = [
    (template, channel, language)
    for template in TEMPLATES
    for channel in ((SMS, EMAIL) if template.sms else (EMAIL,))
    for language in LANGUAGES
]
HOSTILE = (
    "{{ 7*7 }}", "{{number}}", "{% if 1 %}x{% endif %}", "{# x #}", "$number", "{0.__class__}", "%s", "</p><script>",
    "a\u202eb\u2066c\u200fd", "one\r\nBcc: x@example.org", "one\u2028two", "one\x00two", "@evil.example #123456",
    "بتی light بتی 12", "😀" * 200, "Zaheer-ud-Din Muhammad " * 20, "ضلع ڈیرہ اسماعیل خان " * 20,
)  # fmt: skip
NOT_TYPED = re.compile(r"{[{%].*?[%}]}|RB-[0-9A-Z-]+")
"""Values, and the example number."""
OTP = re.compile(r"(?:^|\s)@([a-zA-Z0-9.-]+) #([^#\s]+)(?: @([a-zA-Z0-9.-]+))?")
"""How Chromium finds a code bound to a site (content/browser/sms/sms_parser.cc)."""


@pytest.fixture
def bound() -> object:
    """Bind codes to a portal."""
    library = templates.texts()
    templates.use(library, Figures(host="rabta.kp.gov.pk"))
    yield
    templates.use(library, Figures())


@cases("template, channel, language", TEXTS)
def test_a_text_is_complete(template: Template, channel: str, language: str) -> None:
    for text in (usual_words(template, language, channel), longest_words(template, language, channel)):
        assert not re.search(r"[{}$]|None|undefined|\s$|  ", text)
        if channel == SMS:
            assert parts(text) <= (1 if template.group == CODES else MAX_PARTS)
        if language == "ur":
            assert starts_in_urdu(text.replace(NUMBER, ""))


@pytest.mark.parametrize(("template", "channel", "language"), TEXTS)
def test_quoted_text_stays_on_one_line(template: Template, channel: str, language: str) -> None:
    names = [name for name in template.values if name not in {"code", "time", "undo", "failed"}]
    usual = {name: in_words(samples_of(name, language)[0], language) for name in template.values}
    lines = written(template, language, channel, usual, ()).count("\n")
    for hostile in HOSTILE:
        value = in_words(hostile, language)
        text = written(template, language, channel, {**usual, **dict.fromkeys(names, value)}, FREE & set(names))
        assert text.count("\n") == lines
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200f\u2028\x00\r]", text)
        if names and len(hostile) < 30:
            assert value in text


def test_no_text_contains_a_typed_number() -> None:
    typed = []
    for file in sorted(OURS.glob("*.yaml")):
        for name, template in read_yaml(file).get("templates", {}).items():
            words = json.dumps([template.get(key) for key in ("sms", "email", "shown")], ensure_ascii=False)
            typed += [f"{name}: {found[0]}" for found in re.finditer(r"[0-9۰-۹]+", NOT_TYPED.sub("", words))]
    assert typed == []


def test_every_message_fits_and_the_length_of_every_value_is_known() -> None:
    assert list(too_long(templates.texts())) == []


def test_a_handler_provides_the_values_of_its_template() -> None:
    for event in EVENTS:
        message = wanted(event)
        assert set(message.values) == set(templates.texts().templates[message.template].values), message.template


ABOUT_ITS_EVENT = ("citizen.", "request.", "followed.step", "work.digest")
SMS_ONLY = ("citizen.mobile_unproven", "citizen.mobile_unproven.held")
"""Messages to the mobile in the event."""


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_email_subject_says_what_happened(template: Template) -> None:
    for language in LANGUAGES:
        subject = templates.heading(template.name, NUMBER, language)
        assert 10 <= len(subject) <= 78
        assert "\n" not in subject
        if template.name.startswith(ABOUT_ITS_EVENT) and template.name not in SMS_ONLY:
            assert template.subject is not None
            assert "number" not in template.values or NUMBER in subject
        if language == "ur":
            assert starts_in_urdu(subject)


def test_every_group_of_a_template_exists_in_preferences() -> None:
    assert {template.group for template in TEMPLATES} <= {group.value for group in Group}


@pytest.mark.usefixtures("bound")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", ["register", "login", "reset", "contact"])
def test_a_code_is_bound_to_the_portal_in_one_sms(language: str, purpose: str) -> None:
    text = templates.render(wanted(code(purpose)), language, KEYS)
    assert parts(text) == 1
    assert text.startswith("482913 ")
    assert text.rpartition("\n")[2] == "@rabta.kp.gov.pk #482913"
    found = OTP.search(text)
    assert found
    assert found.groups() == ("rabta.kp.gov.pk", "482913", None)


def test_a_long_host_name_leaves_out_the_last_line() -> None:
    library = templates.texts()
    templates.use(library, Figures(host="a-very-long-name-of-a-portal.khyber-pakhtunkhwa.gov.pk"))
    text = templates.render(wanted(code()), "ur", KEYS)
    templates.use(library, Figures())
    assert parts(text) == 1
    assert "رابطہ" in text
    assert "@" not in text


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://portal.example", "portal.example"),
        ("https://portal.example:8443", None),
        ("http://portal.example", None),
        ("https://127.0.0.1", None),
        ("https://localhost", None),
        ("", None),
    ],
)
def test_codes_are_bound_to_a_public_https_name(origin: str, host: str | None) -> None:
    assert host_of(origin) == host


def test_all_days_come_from_the_settings() -> None:
    for name in ("dispute_days", "appeal_days"):
        default = RequestsSettings.model_fields[name].default
        assert NotifierSettings.model_fields[name].default == getattr(Figures(), name) == default


def test_a_date_is_computed_from_the_days() -> None:
    library = templates.texts()
    templates.use(library, Figures(dispute_days=3))
    told = in_words(DaysAfter(START, "dispute_days"), "en")
    templates.use(library, Figures())
    assert (told, in_words(DaysAfter(START, "dispute_days"), "en")) == ("5 March 2026", "16 March 2026")


def test_the_page_of_a_message_is_on_the_portal() -> None:
    library = templates.texts()
    assert page("request.accepted", "RB-1") is None
    templates.use(library, Figures(origin="https://portal.example"))
    pages = page("request.accepted", "RB-1"), page("citizen.code_issued", CITIZEN), page("request.merged", "RB-1")
    templates.use(library, Figures())
    assert pages == ("https://portal.example/my/requests/RB-1", None, None)


def test_an_email_contains_the_whole_text_of_a_department() -> None:
    long = "The lamp at the corner was replaced. " * 40
    spec = MessageSpec(CITIZEN, "request.progressed", {"number": "RB-1", "note": long})
    assert long.strip() in templates.render(spec, "en", KEYS, EMAIL)


def test_the_number_of_parts_of_each_template_is_known() -> None:
    assert parts_of(templates.texts().templates["citizen.code_issued"], "ur") == 1
    assert parts_of(templates.texts().templates["request.progressed"], "en") == MAX_PARTS


def test_typographic_characters_do_not_double_the_number_of_sms() -> None:
    note = "It’s done – the “lamp” works…\u00a0" + "Thank you for telling us. " * 3
    spec = MessageSpec(CITIZEN, "request.progressed", {"number": "RB-1", "note": note})
    text = templates.render(spec, "en", KEYS)
    assert 'It\'s done - the "lamp" works...' in text
    assert parts(text) == 1
