"""An operator's texts replace ours, and each mistake in them is found at start."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notifier.app import use_texts
from services.notifier.models.message import EMAIL, MessageSpec
from services.notifier.settings import NotifierSettings
from services.notifier.writing import checking, templates
from services.notifier.writing.library import TextsBrokenError
from tests.builders import CITIZEN, KEYS

ACCEPTED = MessageSpec(CITIZEN, "request.accepted", {"number": "RB-1"})


@pytest.fixture(autouse=True)
def ours_again() -> Iterator[None]:
    """Restore our own texts afterwards."""
    ours = templates.texts()
    yield
    templates.use(ours, templates.Figures())


def use(folder: Path, *files: str) -> None:
    """Use the texts of a folder with these files."""
    for place, text in enumerate(files):
        (folder / f"{place}.yaml").write_text(text, encoding="utf-8")
    checking.use_texts("", 14, 30, folder)


def test_an_operator_can_replace_one_language_of_one_channel(tmp_path: Path) -> None:
    use(tmp_path, 'templates: {request.accepted: {sms: {en: "{{ number }} is in work."}}}')
    assert templates.render(ACCEPTED, "en", KEYS) == "RB-1 is in work."
    assert "محکمے" in templates.render(ACCEPTED, "ur", KEYS)
    assert "The department has begun" in templates.render(ACCEPTED, "en", KEYS, EMAIL)
    assert templates.texts().is_changed("request.accepted")
    assert not templates.texts().is_changed("request.routed")


def test_an_operator_can_replace_names_and_subjects(tmp_path: Path) -> None:
    use(
        tmp_path,
        "names: {kind.complaint: {en: grievance}}",
        'templates: {request.accepted: {email: {subject: {en: "{{ number }} is in work"}}}}',
    )
    assert templates.heading("request.accepted", "RB-1", "en") == "RB-1 is in work"
    assert templates.texts().names["kind.complaint"] == {"en": "grievance", "ur": "شکایت"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("templates: {request.acepted: {sms: {en: x}}}", "request.acepted: there is no such entry among templates"),
        ("names: {kind.x: {en: x}}", "kind.x: there is no such entry among names"),
        ("templates: {request.accepted: {sms: {fr: x}}}", "templates.request.accepted.sms.fr: extra inputs"),
        ("templates: {request.accepted: {group: codes}}", "templates.request.accepted.group: extra inputs"),
        ("templates: {request.accepted: {sms: 4}}", "templates.request.accepted.sms: input should be"),
        ("templates: {citizen.mobile_proven: {sms: {en: x}}}", "citizen.mobile_proven: sms.ur: field required"),
        ('templates: {request.accepted: {sms: {en: "{{ numbr }}"}}}', "sms.en: there is no value numbr"),
        (
            'templates: {request.accepted: {sms: {en: "{{ number + 1 }}"}}}',
            "sms.en: it cannot be filled in (TypeError)",
        ),
        ('templates: {request.accepted: {email: {body: {ur: "{{ number + 1 }}"}}}}', "email.body.ur: it cannot be"),
        ('templates: {request.accepted: {sms: {en: "{{ number.__class__ }}"}}}', "sms.en: it cannot be filled in (Sec"),
        ('templates: {request.accepted: {sms: {en: "{{ range(10**9) }}"}}}', "sms.en: it cannot be filled in (Overf"),
        (
            'templates: {request.questioned: {email: {subject: {en: "{{ question }}"}}}}',
            "request.questioned: email.subject.en: there is no value question",
        ),
        ('templates: {request.accepted: {sms: {en: "{{ number"}}}', "request.accepted: sms.en: unexpected end"),
        ('templates: {request.accepted: {sms: {en: "{{ number|shout }}"}}}', "No filter named 'shout'"),
        (
            f"templates: {{request.accepted: {{sms: {{en: {'x' * 460}}}}}}}",
            "request.accepted: sms.en: it takes 4 SMS and may take 3",
        ),
        (
            f'templates: {{citizen.code_issued: {{sms: {{ur: "{{{{ code }}}} {"ا" * 70}"}}}}}}',
            "citizen.code_issued: sms.ur: it takes 2 SMS and may take 1",
        ),
        ("templates: [", "this is no YAML"),
        ("- x", "0.yaml: : input should be"),
    ],
)
def test_each_mistake_is_one_line_with_its_file(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(TextsBrokenError) as broken:
        use(tmp_path, text)
    assert len(broken.value.faults) == 1
    assert broken.value.faults[0].startswith(f"{tmp_path}/0.yaml: ")
    assert fault in broken.value.faults[0]


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(TextsBrokenError) as broken:
        use(tmp_path, 'templates: {request.accepted: {sms: {en: "{{ x }}"}}}', "names: {x: {en: x}}")
    assert len(broken.value.faults) == 2


def test_broken_texts_prevent_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = {
        "data_key": "ZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGQ=",
        "index_key": "aWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWk=",
    }
    settings = NotifierSettings.model_validate({**keys, "texts": tmp_path / "away"})
    with pytest.raises(SystemExit):
        use_texts(settings)
    assert "this is no folder" in capsys.readouterr().out
