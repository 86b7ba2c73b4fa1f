"""What operators rely on in docker-compose.yml: one public port, no secrets, every process can be scaled."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.home import ROOT
from deploy.local.suite import MODULES, OPERATOR_PORT, USUAL_PORTS
from gateway.pages import FOR_DEPARTMENTS
from services.notifier.settings import ProviderSettings
from shared.settings import Settings

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRETS = ("RABTA_DATA_KEY", "RABTA_INDEX_KEY", "RABTA_WEB_KEY", "RABTA_BROKER_PASSWORD", "RABTA_ADMIN_PASSWORD")
ALL_TOGETHER = {*MODULES, "mongo", "mongo-setup", "rabbitmq"}


def test_compose_contains_every_process() -> None:
    assert set(SERVICES) == ALL_TOGETHER


@pytest.mark.parametrize("name", MODULES)
def test_a_process_runs_its_own_module_on_its_usual_port(name: str) -> None:
    assert SERVICES[name]["build"]["args"] == {"SERVICE": MODULES[name]}
    assert SERVICES[name]["environment"]["RABTA_PORT"] == USUAL_PORTS[name]


def test_only_the_gateway_is_published_and_by_default_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"gateway": ["${RABTA_PUBLISH:-127.0.0.1:8080}:8080"]}


def test_the_operators_port_of_the_gateway_is_not_published() -> None:
    told = SERVICES["gateway"]["environment"]
    assert told["RABTA_OPERATOR_PORT"] == OPERATOR_PORT
    assert not [port for port in SERVICES["gateway"]["ports"] if port.endswith(f":{OPERATOR_PORT}")]


def test_servers_are_on_internal_networks_only() -> None:
    closed = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    for name in ("mongo", "mongo-setup", "rabbitmq", "identity", "requests", "routing"):
        assert set(SERVICES[name]["networks"]) <= closed, name


def test_any_process_can_be_scaled() -> None:
    assert not [name for name, service in SERVICES.items() if "container_name" in service]


@pytest.mark.parametrize("name", MODULES)
def test_a_process_has_no_privileges_and_a_read_only_file_system(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_missing_secret_is_reported_before_anything_starts(secret: str) -> None:
    assert f"${{{secret}:?" in TEXT
    assert f"${{{secret}:-" not in TEXT


def test_the_gateway_holds_no_key_of_data_and_no_database() -> None:
    held = set(SERVICES["gateway"]["environment"])
    assert not held & {"RABTA_DATA_KEY", "RABTA_INDEX_KEY", "RABTA_MONGO_URL", "RABTA_AMQP_ADMIN_URL"}


def test_the_example_environment_has_every_variable_of_compose() -> None:
    example = (ROOT / "deploy/docker/env.example").read_text()
    asked = set(re.findall(r"\$\{(RABTA_\w+)", TEXT)) - {"RABTA_TAG"}
    assert asked == set(re.findall(r"^#? ?(RABTA_\w+)=", example, re.MULTILINE))


def test_every_setting_of_a_provider_reaches_the_notifier() -> None:
    settings = ProviderSettings.model_fields.keys() - Settings.model_fields.keys() - {"bounce_every"}
    assert {f"RABTA_{name.upper()}" for name in settings} <= SERVICES["notifier"]["environment"].keys()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with `make-env` and the example environment."""
    folder = tmp_path / "deploy" / "docker"
    folder.mkdir(parents=True)
    for name in ("env.example", "make-env"):
        (folder / name).write_bytes((ROOT / "deploy/docker" / name).read_bytes())
    return tmp_path


def make_env(copy: Path) -> subprocess.CompletedProcess[str]:
    """Run `make-env`."""
    return subprocess.run(
        ["sh", str(copy / "deploy/docker/make-env")], capture_output=True, text=True, check=False, cwd="/"
    )


def test_make_env_creates_different_secrets_readable_by_the_owner_only(copy: Path) -> None:
    assert make_env(copy).returncode == 0
    made = dict(re.findall(r"^(\w+)=(.*)$", (copy / ".env").read_text(), re.MULTILINE))
    secrets = [made[name] for name in SECRETS]
    assert len(set(secrets)) == len(SECRETS)
    assert min(map(len, secrets)) >= 24
    assert os.stat(copy / ".env").st_mode & 0o777 == 0o600


def test_make_env_does_not_overwrite_existing_keys(copy: Path) -> None:
    make_env(copy)
    kept = (copy / ".env").read_text()
    again = make_env(copy)
    assert again.returncode == 1
    assert "left alone" in again.stderr
    assert (copy / ".env").read_text() == kept


def test_an_image_contains_only_listed_folders() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    folders = {"requirements.txt", "shared", "services", "gateway", "docs/*.md", "docs/asyncapi.yaml"}
    folders |= {"examples/python/*.py", "examples/node/*.mjs"}
    assert {rule[1:] for rule in rules if rule.startswith("!")} == folders


def test_the_image_of_the_gateway_has_the_documents_that_it_serves() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert set(re.findall(r"docs/([a-z]+\.[a-z]+)", dockerfile)) == FOR_DEPARTMENTS
    assert "cp -r --parents examples /app" in dockerfile
    linked = re.findall(r"\]\(([a-z]+\.[a-z]+)", (ROOT / "docs" / "departments.md").read_text())
    assert {"departments.md", *linked} == FOR_DEPARTMENTS
