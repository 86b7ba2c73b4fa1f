"""The pages that people write: their links lead somewhere, and what the runbook should list is in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.home import ROOT
from gateway.settings import GatewaySettings
from services.identity.settings import IdentitySettings
from services.notifier.settings import NotifierSettings
from services.requests.settings import RequestsSettings
from services.routing.settings import RoutingSettings

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
FOLDERS = "services|gateway|shared|deploy|tools|tests|docs|examples"
SETTINGS = (GatewaySettings, IdentitySettings, NotifierSettings, RequestsSettings, RoutingSettings)
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
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


def test_the_runbook_lists_every_setting_and_no_other() -> None:
    runbook = text_of(ROOT / "docs" / "runbook.md")
    there = {f"RABTA_{name.upper()}" for settings in SETTINGS for name in settings.model_fields}
    told = set(re.findall(r"`(RABTA_[A-Z_]+)", runbook))
    assert told - there == {"RABTA_HOME", "RABTA_VENV", "RABTA_TEST_SERVERS"}
    assert there <= told


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
