"""Containers: the calls of the docker command, recorded by a stand-in."""

from pathlib import Path

import pytest

from deploy.local.docker import BrokerContainer, MongoContainer, need_engine, remove_leftovers
from deploy.local.errors import PrerequisiteError

RECORDER = '#!/bin/sh\necho "$@" >> "{log}"\n[ "$1" != ps ] || echo 0d0c\n[ "$1" != inspect ]\n'


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with all docker calls; `inspect` finds no container, `ps` lists a leftover one."""
    log = tmp_path / "asked"
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(RECORDER.format(log=log))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return log


def test_mongo_is_a_replica_set_on_the_same_port_inside(asked: Path, tmp_path: Path) -> None:
    MongoContainer(tmp_path, 27018).start()
    run = asked.read_text().splitlines()[-1]
    assert "--publish=127.0.0.1:27018:27018" in run
    assert run.endswith("mongo:8 mongod --replSet rabta --port 27018 --bind_ip_all")


def test_rabbitmq_is_published_on_loopback_only(asked: Path, tmp_path: Path) -> None:
    BrokerContainer(tmp_path, 5673, 15673, "pw").start()
    run = asked.read_text().splitlines()[-1]
    assert "--publish=127.0.0.1:5673:5672 --publish=127.0.0.1:15673:15672" in run
    assert run.endswith("rabbitmq:4-management")


def test_only_containers_left_by_a_killed_supervisor_are_removed(asked: Path, tmp_path: Path) -> None:
    prefix = MongoContainer(tmp_path, 27018).container.removesuffix("mongod")
    remove_leftovers(tmp_path)
    listed, removed = asked.read_text().splitlines()
    assert listed == f"ps --all --quiet --filter name=^/?{prefix}"
    assert removed == "rm --force 0d0c"


def test_a_missing_docker_command_is_reported_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PrerequisiteError, match="no docker command"):
        need_engine()
