"""Servers from testcontainers, with the same handles as servers of this machine (RABTA_TEST_SERVERS=docker)."""

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from testcontainers.core.container import DockerContainer

from deploy.local.docker import MONGO_IMAGE, RABBITMQ_IMAGE
from deploy.local.errors import NotReadyError
from deploy.local.home import private_folder
from deploy.local.keys import load_keys
from deploy.local.ports import Ports
from deploy.local.probes import amqp_probe, http_probe
from deploy.local.process import Probe
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.rabbitmq_files import USER, VHOST, BrokerPorts
from deploy.local.replica_set import REPLICA_SET, mongo_url, replica_set_probe
from deploy.local.server import Broker, Mongo, Server
from deploy.local.servers import Servers, start_servers


class ContainerServers(Servers):
    """Both servers; stopping removes their containers and all data."""

    def stop(self) -> None:
        """Remove both containers and give the ports back."""
        for server in (self.broker, self.mongo):
            assert isinstance(server, ContainedServer)
            server.remove()
        self.ports.release()


class ContainedServer(Server):
    """A server in a container. It keeps its ports and, until it is removed or wiped, its data."""

    def __init__(self, name: str, build: Callable[[], DockerContainer], probe: Probe) -> None:
        self.name = name
        self._build = build
        self._probe = probe
        self._made: DockerContainer | None = None

    @property
    def pid(self) -> int:
        """The process id of the server, as the machine sees it."""
        return int(self._look("Pid"))

    @property
    def alive(self) -> bool:
        """True while the container runs."""
        return self._made is not None and bool(self._look("Running"))

    def start(self) -> None:
        """Start the container; create it the first time."""
        if self._made is None:
            self._made = self._build()
            self._made.start()
        else:
            self._made.get_wrapped_container().start()

    def missing(self) -> str | None:
        """What is still missing; None if it is ready. Raises NotReadyError if it has ended."""
        missing = self._probe()
        if missing is not None and not self.alive:
            raise NotReadyError(f"{self.name}: {missing}\n{self.last_said()}")
        return missing

    def kill(self) -> None:
        """SIGKILL now."""
        self._container().kill()

    def stop(self) -> None:
        """Stop it properly; the data stays."""
        if self.alive:
            self._container().stop(timeout=10)

    def wipe(self) -> None:
        """Stop it and delete its data; `start` creates a new one."""
        self.remove()

    def remove(self) -> None:
        """Remove the container with its data."""
        if self._made is not None:
            self._made.stop(force=True, delete_volume=True)
            self._made = None

    def _container(self) -> Any:  # the Docker client has no types
        assert self._made is not None, f"{self.name} has not been started"
        return self._made.get_wrapped_container()

    def _look(self, field: str) -> int:
        container = self._container()
        container.reload()
        return int(container.attrs["State"][field])

    def last_said(self) -> str:
        """The last lines of its log."""
        return str(self._container().logs(tail=20).decode(errors="replace"))


class ContainedMongo(ContainedServer, Mongo):
    """MongoDB as a replica set of one; its port is the same inside and outside, as part of the member's name."""

    def __init__(self, port: int) -> None:
        def build() -> DockerContainer:
            command = f"mongod --replSet {REPLICA_SET} --port {port} --bind_ip_all"
            return DockerContainer(MONGO_IMAGE, command=command).with_bind_ports(port, port)

        super().__init__("mongod", build, lambda: replica_set_probe(port))
        self.url = mongo_url(port)


class ContainedBroker(ContainedServer, Broker):
    """RabbitMQ with its management API; the host name is fixed, because it is part of the data's path."""

    def __init__(self, amqp_port: int, management_port: int, password: str, **envs: str) -> None:
        self.amqp_url = f"amqp://{USER}:{password}@127.0.0.1:{amqp_port}/{VHOST}"
        self.admin_url = f"http://{USER}:{password}@127.0.0.1:{management_port}"

        def build() -> DockerContainer:
            return (
                DockerContainer(RABBITMQ_IMAGE, hostname="rabta")
                .with_envs(RABBITMQ_DEFAULT_USER=USER, RABBITMQ_DEFAULT_PASS=password, RABBITMQ_DEFAULT_VHOST=VHOST)
                .with_envs(**envs)
                .with_bind_ports(5672, amqp_port)
                .with_bind_ports(15672, management_port)
            )

        def missing() -> str | None:
            return amqp_probe(self.amqp_url) or http_probe(f"{self.admin_url}/api/vhosts/{VHOST}")

        super().__init__("rabbitmq", build, missing)

    def files(self) -> dict[str, bytes]:
        """Its files and logs, by names that begin with `rabbitmq/`."""
        container = self._container()
        chunks, _ = container.get_archive("/var/lib/rabbitmq")
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            files = [(member.name, archive.extractfile(member)) for member in archive.getmembers() if member.isfile()]
            kept = {name: file.read() for name, file in files if file is not None}
        return kept | {"rabbitmq/log": container.logs()}


def start_containers(home: Path) -> Servers:
    """A MongoDB and a RabbitMQ in containers, ready."""
    ports = Ports()
    mongo = ContainedMongo(ports.take())
    broker = ContainedBroker(ports.take(), ports.take(), load_keys(home).broker_password)
    servers = ContainerServers(mongo, broker, ports)
    servers.start()
    return servers


def servers_for_tests(home: Path) -> Servers:
    """Ready servers: containers or programs of this machine, as RABTA_TEST_SERVERS says."""
    return start_containers(home) if os.environ.get("RABTA_TEST_SERVERS") == "docker" else start_servers(home)


HASTE = {"consumer_timeout": 2_000, "channel_tick_interval": 500}
"""Milliseconds that a broker waits for an acknowledgement, and between two checks."""
Hasty = RabbitMQ | ContainedBroker


def hasty_broker(home: Path) -> Hasty:
    """A separate broker that soon closes channels that do not acknowledge."""
    ports, password = Ports(), load_keys(home).broker_password
    broker: Hasty
    if os.environ.get("RABTA_TEST_SERVERS") == "docker":
        arguments = " ".join(f"-rabbit {name} {value}" for name, value in HASTE.items())
        broker = ContainedBroker(ports.take(), ports.take(), password, RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=arguments)
    else:
        broker = RabbitMQ(home, BrokerPorts(*(ports.take() for _ in range(4))), password)
        entries = ", ".join(f"{{{name}, {value}}}" for name, value in HASTE.items())
        (private_folder(broker.home) / "advanced.config").write_text(f"[{{rabbit, [{entries}]}}].\n")
    broker.start()
    broker.wait_ready()
    return broker
