"""The supervisor restarts ended processes, and stops everything in order."""

import os
import sys
import time
from pathlib import Path

import pytest

from deploy.local.given import GivenBroker, GivenMongo
from deploy.local.process import Process
from deploy.local.servers import Servers
from deploy.local.state import read_state
from deploy.local.suite import Suite
from deploy.local.supervisor import Supervisor

SLEEPER = "import signal; signal.pause()"


@pytest.fixture
def supervisor(tmp_path: Path) -> Supervisor:
    servers = Servers(GivenMongo("mongodb://db/"), GivenBroker("amqp://mq/", "http://mq/"))
    suite = Suite(tmp_path, servers)
    suite.processes = [
        Process(
            name,
            [sys.executable, "-c", SLEEPER],
            environment=os.environ,
            folder=tmp_path,
            log=tmp_path / name,
            probe=lambda: None,
            port=1,
        )
        for name in ("first", "second")
    ]
    return Supervisor(tmp_path, servers, suite, lambda line: None)


def test_an_ended_process_is_restarted(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.suite.start()
    first, second = supervisor.suite.processes
    first.kill()
    end = time.monotonic() + 20
    while not first.alive and time.monotonic() < end:
        supervisor.look_after_all()
    assert first.alive
    state = read_state(tmp_path)
    assert state is not None
    assert {process.name: process.restarts for process in state.processes} == {
        "first": 1,
        "second": 0,
        "rabbitmq": 0,
        "mongod": 0,
    }
    supervisor.stop()
    assert not first.alive
    assert not second.alive


def test_the_final_phase_is_stopped(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.suite.start()
    supervisor.enter("ready")
    running = read_state(tmp_path)
    assert running is not None
    assert [process.alive for process in running.processes] == [True, True, False, False]
    supervisor.stop()
    stopped = read_state(tmp_path)
    assert stopped is not None
    assert stopped.phase == "stopped"
    assert not any(process.alive for process in stopped.processes)
