"""The database and the broker of a suite, from any source.

Usage:

    servers = start_servers(Path("/tmp/x"))     # both are ready when this returns
    servers.mongo_url, servers.amqp_url, servers.amqp_admin_url
    servers.broker.kill(); servers.broker.start(); servers.broker.wait_ready()
    servers.broker.wipe(); servers.broker.start(); servers.broker.wait_ready()
    servers.stop()
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import apt, mongod, rabbitmq
from deploy.local.docker import BrokerContainer, MongoContainer, need_engine, remove_leftovers
from deploy.local.given import GivenServer, given_broker, given_mongo
from deploy.local.home import private_folder
from deploy.local.keys import load_keys
from deploy.local.ports import Ports
from deploy.local.rabbitmq_files import BrokerPorts
from deploy.local.server import Broker, Mongo

MONGO_PORT, AMQP_PORT, MANAGEMENT_PORT, DISTRIBUTION_PORT, EPMD_PORT = 27018, 5673, 15673, 25673, 4370


@dataclass
class Servers:
    """Both servers of a suite, and their addresses."""

    mongo: Mongo
    broker: Broker
    ports: Ports = field(default_factory=Ports)

    @property
    def mongo_url(self) -> str:
        """MongoDB's address, without a database."""
        return self.mongo.url

    @property
    def amqp_url(self) -> str:
        """The broker's address with user, password and virtual host."""
        return self.broker.amqp_url

    @property
    def amqp_admin_url(self) -> str:
        """The address of the management API with user and password."""
        return self.broker.admin_url

    def start(self) -> None:
        """Start both and wait until they are ready; after a failure none is left running."""
        try:
            self.broker.start()
            self.mongo.start()
            self.mongo.wait_ready()
            self.broker.wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the broker, then the database, and release their ports."""
        try:
            self.broker.stop()
        finally:
            self.mongo.stop()
            self.ports.release()

    def discard(self) -> None:
        """Kill both, where nobody needs their data; those given by an address are left running."""
        for server in (self.broker, self.mongo):
            if server.alive and not isinstance(server, GivenServer):
                server.kill()
        self.stop()


def start_servers(home: Path) -> Servers:
    """Start what is needed, on any free ports, and wait until both are ready; see `plan_servers`."""
    servers = plan_servers(home)
    servers.start()
    return servers


def plan_servers(home: Path, *, docker: bool = False, usual_ports: bool = False) -> Servers:
    """Find both servers, install missing packages and choose ports; starts nothing.

    They are addresses in the environment, otherwise containers (`docker`) or programs of this machine, for which
    missing packages are installed as root. Ports are any free ones, or the usual ones if they are free.
    Raises PrerequisiteError, which says what the machine lacks.
    """
    home = private_folder(home.absolute())
    mongo: Mongo | None = given_mongo()
    broker: Broker | None = given_broker()
    if docker and not (mongo and broker):
        need_engine()
        remove_leftovers(home)
    if not docker:
        _install_missing(home, mongo is None, broker is None)
    ports = Ports()

    def take(usual: int) -> int:
        return ports.take(usual if usual_ports else None)

    if mongo is None:
        mongo_port = take(MONGO_PORT)
        mongo = MongoContainer(home, mongo_port) if docker else mongod.Mongod(home, mongo_port)
    return Servers(mongo, broker or _own_broker(home, docker, take), ports)


def _install_missing(home: Path, mongo_needed: bool, broker_needed: bool) -> None:
    packages = [
        *(mongod.missing_packages() if mongo_needed else []),
        *(rabbitmq.missing_packages() if broker_needed else []),
    ]
    apt.install(packages, home / "log" / "apt.log")


def _own_broker(home: Path, docker: bool, take: Callable[[int], int]) -> Broker:
    password = load_keys(home).broker_password
    amqp, management = take(AMQP_PORT), take(MANAGEMENT_PORT)
    if docker:
        return BrokerContainer(home, amqp, management, password)
    ports = BrokerPorts(amqp, management, distribution=take(DISTRIBUTION_PORT), epmd=take(EPMD_PORT))
    return rabbitmq.RabbitMQ(home, ports, password)
