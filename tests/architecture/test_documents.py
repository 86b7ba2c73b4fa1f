"""The pages that people write: their links lead somewhere, and what the runbook should list is in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from deploy.docs.settings_page import PROCESSES
from deploy.local.home import ROOT
from tests.cases import cases

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
FOLDERS = "services|gateway|shared|deploy|tools|tests|docs|examples"
NOT_OF_A_PROCESS = {"RABTA_HOME", "RABTA_VENV", "RABTA_TEST_SERVERS"}
EXAMPLES = ("by-example.md", "clients.md")
"""Pages with variables of their own."""
WARNING = re.compile(r'log\.(?:warning|error|exception)\(\s*"([a-z_.]+)"')


def text_of(page: Path) -> str:
    """The words of a page."""
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """What a link can name of a page: its headings, as they are written in addresses."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Every link of a page to another page of ours, with what it names there."""
    for address in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if not address.startswith(("http:", "https:", "mailto:")):
            path, _, anchor = address.partition("#")
            yield (page.parent / path if path else page), anchor


@cases("page", PAGES)
def test_every_link_and_every_path_leads_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), (target, anchor)
    for path in re.findall(rf"`((?:{FOLDERS})/[\w./-]+)", text_of(page)):
        assert (ROOT / path).exists(), path


def test_every_decision_is_in_the_list_in_order_and_says_its_number() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    listed = re.findall(r"^\| \[(\d{4})\]\(([\w-]+\.md)\)", text_of(ROOT / "docs" / "adr" / "README.md"), re.MULTILINE)
    assert listed == [(page.name[:4], page.name) for page in decisions]
    for page in decisions:
        assert text_of(page).startswith(f"# {page.name[:4]} "), page.name


@pytest.mark.parametrize("process", PROCESSES)
def test_every_setting_says_what_it_means(process: str) -> None:
    assert not [name for name, field in PROCESSES[process].model_fields.items() if not _is_described(process, field)]


def _is_described(process: str, field: FieldInfo) -> bool:
    """The gateway holds no keys of personal data: there they are fields without a meaning."""
    return bool(field.description) or (process == "gateway" and field.default == SecretStr(""))


def test_pages_name_no_setting_that_is_not_there() -> None:
    there = {f"RABTA_{name.upper()}" for settings in PROCESSES.values() for name in settings.model_fields}
    pages = [page for page in PAGES if page.parent.name == "docs" and page.name not in EXAMPLES]
    told = {name for page in pages for name in re.findall(r"`(RABTA_[A-Z_]+[A-Z])`", text_of(page))}
    assert told - there - NOT_OF_A_PROCESS == set()


def test_the_runbook_explains_every_warning() -> None:
    told = set(re.findall(r"`([a-z]+\.[a-z_]+)`", text_of(ROOT / "docs" / "runbook.md")))
    sources = [file for folder in ("services", "shared", "gateway") for file in (ROOT / folder).rglob("*.py")]
    said = {event for file in sources for event in WARNING.findall(text_of(file))}
    assert len(said) > 40
    assert {event for event in said if not event.endswith(".store_away")} <= told


def test_the_runbook_names_every_metric_of_messages_and_no_other() -> None:
    sources = (text_of(file) for file in (ROOT / "services" / "notifier").rglob("*.py"))
    there = {name for text in sources for name in re.findall(r'"(rabta_(?:message|bad_address)[a-z_]+)"', text)}
    told = set(re.findall(r"rabta_(?:message|bad_address)[a-z_]+", text_of(ROOT / "docs" / "runbook.md")))
    assert len(there) > 5
    assert there == told


@pytest.mark.parametrize("service", ["identity", "requests", "routing", "notifier"])
def test_the_runbook_names_every_collection(service: str) -> None:
    sources = [text_of(file) for file in (ROOT / "services" / service).rglob("*.py")]
    there = {name for text in sources for name in re.findall(r'database\["([a-z_]+)', text)}
    [row] = re.findall(rf"`rabta_{service}`: (.*?) \|", text_of(ROOT / "docs" / "runbook.md"))
    assert there
    assert there <= set(re.findall(r"[a-z_]+", row))
