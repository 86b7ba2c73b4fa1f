"""The hand-written pages: links exist, and the runbook lists every warning, metric and collection."""

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
"""Pages with environment variables of their own."""
WARNING = re.compile(r'log\.(?:warning|error|exception)\(\s*"([a-z_.]+)"')


def text_of(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page, made from its headings."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Every link of a page to a page of ours, with its anchor."""
    for address in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if not address.startswith(("http:", "https:", "mailto:")):
            path, _, anchor = address.partition("#")
            yield (page.parent / path if path else page), anchor


@cases("page", PAGES)
def test_every_link_and_path_exists(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), (target, anchor)
    for path in re.findall(rf"`((?:{FOLDERS})/[\w./-]+)", text_of(page)):
        assert (ROOT / path).exists(), path


def test_every_decision_is_listed_in_order_under_its_number() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    listed = re.findall(r"^\| \[(\d{4})\]\(([\w-]+\.md)\)", text_of(ROOT / "docs" / "adr" / "README.md"), re.MULTILINE)
    assert listed == [(page.name[:4], page.name) for page in decisions]
    for page in decisions:
        assert text_of(page).startswith(f"# {page.name[:4]} "), page.name


@pytest.mark.parametrize("process", PROCESSES)
def test_every_setting_has_a_description(process: str) -> None:
    assert not [name for name, field in PROCESSES[process].model_fields.items() if not _is_described(process, field)]


def _is_described(process: str, field: FieldInfo) -> bool:
    """Whether a field needs no further description; keys of personal data are unused in the gateway."""
    return bool(field.description) or (process == "gateway" and field.default == SecretStr(""))


def test_pages_name_only_existing_settings() -> None:
    there = {f"RABTA_{name.upper()}" for settings in PROCESSES.values() for name in settings.model_fields}
    pages = [page for page in PAGES if page.parent.name == "docs" and page.name not in EXAMPLES]
    told = {name for page in pages for name in re.findall(r"`(RABTA_[A-Z_]+[A-Z])`", text_of(page))}
    assert told - there - NOT_OF_A_PROCESS == set()


def test_the_runbook_explains_every_warning() -> None:
    told = set(re.findall(r"`([a-z]+\.[a-z_]+)`", text_of(ROOT / "docs" / "runbook.md")))
    sources = [file for folder in ("services", "shared", "gateway") for file in (ROOT / folder).rglob("*.py")]
    warnings = {event for file in sources for event in WARNING.findall(text_of(file))}
    assert len(warnings) > 40
    assert {event for event in warnings if not event.endswith(".store_away")} <= told


def test_the_runbook_names_exactly_the_metrics_of_messages() -> None:
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
