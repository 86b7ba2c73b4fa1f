"""The import contracts are kept, and each of them detects a violation."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from deploy.local.home import ROOT

LINT = Path(sys.executable).parent / "lint-imports"
CONTRACTS: list[str] = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]
VIOLATIONS = {
    "services talk over RabbitMQ, never by import": (
        "services/notifier/writing/sms.py",
        "services.identity.accounts.models.staff",
    ),
    "the gateway and shared know no service": ("gateway/limits.py", "services.routing.models.calendar"),
    "only stores touch the database driver": ("services/routing/directory.py", "motor.motor_asyncio"),
    "the gateway loads no database driver, not even through shared": ("shared/serve.py", "shared.mongo"),
    "only the bus touches the AMQP client": ("services/requests/request/wakeups.py", "aio_pika"),
    "identity: rooms in one direction": ("services/identity/codes/service/codes.py", "services.identity.staff"),
    "requests: rooms in one direction": ("services/requests/filing/service/intake.py", "services.requests.life"),
    "in each room: from the edge to the models": (
        "services/requests/files/store/contents.py",
        "services.requests.files.service.keeping",
    ),
    "routing: from the edge to the models": ("services/routing/store/worklist.py", "services.routing.directory"),
    "routing's feed: from the edge to the models": (
        "services/routing/feed/store.py",
        "services.routing.feed.queues",
    ),
    "routing's figures: from the edge to the models": (
        "services/routing/figures/store.py",
        "services.routing.figures.views",
    ),
    "routing's desk: from the edge to the models": (
        "services/routing/desk/store/desk.py",
        "services.routing.desk.service.bulk",
    ),
    "routing's rules: from the edge to the models": (
        "services/routing/rules/store.py",
        "services.routing.rules.service.publishing",
    ),
    "routing's subscriptions: from the edge to the models": (
        "services/routing/subscriptions/store.py",
        "services.routing.subscriptions.service",
    ),
    "notifier: from the edge to the models": ("services/notifier/models/contact.py", "services.notifier.handlers"),
    "pages: rooms know what they share, and not each other": ("gateway/web/public/start.py", "gateway.web.citizen"),
    "models do no I/O": ("services/routing/models/calendar.py", "aiohttp"),
}


def lint(folder: Path) -> dict[str, str]:
    """The result of each contract in a copy of the repository: KEPT or BROKEN."""
    done = subprocess.run([LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    verdicts = {
        name: found.group(1)
        for name in CONTRACTS
        if (found := re.search(rf"^{re.escape(name)} (KEPT|BROKEN)", done.stdout, re.MULTILINE))
    }
    assert verdicts.keys() == set(CONTRACTS), done.stdout + done.stderr
    assert (done.returncode == 0) == ("BROKEN" not in verdicts.values())
    return verdicts


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the files that import-linter reads."""
    for folder in ("services", "gateway", "shared"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.yaml"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_import_contract_is_kept(copy: Path) -> None:
    assert lint(copy) == dict.fromkeys(CONTRACTS, "KEPT")


def test_every_import_contract_detects_a_violation(copy: Path) -> None:
    assert VIOLATIONS.keys() == set(CONTRACTS)
    for name, module in VIOLATIONS.values():
        file = copy / name
        file.write_text(f"{file.read_text()}\nimport {module}\n")
    assert lint(copy) == dict.fromkeys(CONTRACTS, "BROKEN")


def test_the_name_requests_means_the_http_library() -> None:
    found = importlib.util.find_spec("requests")
    assert found is None or "site-packages" in str(found.origin)
    ours = importlib.util.find_spec("services.requests")
    assert ours is not None
    assert Path(str(ours.origin)) == ROOT / "services" / "requests" / "__init__.py"


def test_no_folder_of_ours_is_on_the_import_path() -> None:
    ours = {ROOT / "services", ROOT / "tests", ROOT / "tools", ROOT / "shared", ROOT / "gateway", ROOT / "deploy"}
    assert not ours & {Path(entry).resolve() for entry in sys.path if entry}


@pytest.mark.parametrize("folder", ["services", "tests", "tools", "shared", "gateway", "deploy"])
def test_every_folder_of_python_files_is_a_package(folder: str) -> None:
    for file in (ROOT / folder).rglob("*.py"):
        assert (file.parent / "__init__.py").exists(), file
