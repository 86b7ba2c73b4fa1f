"""The processes of a suite: environment, replicas, and stopping order."""

from pathlib import Path

import pytest

from deploy.local.errors import LocalError
from deploy.local.given import GivenBroker, GivenMongo
from deploy.local.servers import Servers
from deploy.local.suite import MODULES, Suite


@pytest.fixture
def servers() -> Servers:
    return Servers(
        GivenMongo("mongodb://db/?replicaSet=rabta"), GivenBroker("amqp://u:p@mq/rabta", "http://u:p@mq:15672/")
    )


def test_the_environment_names_every_replica(tmp_path: Path, servers: Servers) -> None:
    suite = Suite(tmp_path, servers, scale={"routing": 3})
    assert suite.environment["RABTA_ROUTING_URL"] == ",".join(
        f"http://127.0.0.1:{suite.process(name).port}" for name in ("routing", "routing-2", "routing-3")
    )
    assert suite.environment["RABTA_PUBLIC_URL"] == suite.url
    assert suite.environment["RABTA_MONGO_URL"] == "mongodb://db/?replicaSet=rabta"
    suite.stop()


def test_only_the_gateway_has_a_separate_port_for_operators(tmp_path: Path, servers: Servers) -> None:
    suite = Suite(tmp_path, servers)
    assert suite.told_by("gateway") == f"http://127.0.0.1:{suite.environment['RABTA_OPERATOR_PORT']}"
    assert suite.told_by("gateway") != suite.url
    assert suite.told_by("routing") == suite.environment["RABTA_ROUTING_URL"]
    suite.stop()


def test_the_gateway_stops_first(tmp_path: Path, servers: Servers) -> None:
    suite = Suite(tmp_path, servers)
    assert [process.name for process in suite.processes] == list(MODULES)
    assert len({process.port for process in suite.processes}) == len(MODULES)
    suite.stop()


def test_extra_environment_overrides(tmp_path: Path, servers: Servers) -> None:
    suite = Suite(tmp_path, servers, extra_env={"RABTA_MONGO_PREFIX": "t1"})
    assert suite.process("routing").environment["RABTA_MONGO_PREFIX"] == "t1"
    suite.stop()


@pytest.mark.parametrize("scale", [{"gateway": 2}, {"postman": 1}, {"routing": 0}])
def test_an_impossible_scale_is_refused(tmp_path: Path, servers: Servers, scale: dict[str, int]) -> None:
    with pytest.raises(LocalError, match="cannot scale"):
        Suite(tmp_path, servers, scale=scale)


def test_a_server_given_by_address_is_never_stopped(servers: Servers) -> None:
    servers.stop()
    with pytest.raises(LocalError, match="cannot be stopped"):
        servers.broker.wipe()
    with pytest.raises(LocalError, match="cannot be stopped"):
        servers.mongo.kill()
