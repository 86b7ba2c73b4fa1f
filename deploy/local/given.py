"""Servers run by others, given by an address in the environment: used, but never started or stopped."""

import os
from urllib.parse import quote, urlsplit

from deploy.local.errors import PrerequisiteError
from deploy.local.probes import amqp_probe, http_probe
from deploy.local.server import Broker, Mongo, Server


class GivenServer(Server):
    """A server at an address, which can only be waited for."""

    alive = True

    def start(self) -> None:
        """Does nothing: it is already running."""

    def stop(self) -> None:
        """Does nothing: it is left running."""

    def wait_ready(self, timeout: float = 15.0) -> None:
        """Wait until it answers. Raises NotReadyError when the time runs out."""
        super().wait_ready(timeout)


class GivenMongo(GivenServer, Mongo):
    """MongoDB at `RABTA_MONGO_URL`; must be a replica set."""

    def __init__(self, url: str) -> None:
        self.name, self.url = "mongod", url

    def missing(self) -> str | None:
        """Check that a replica set has a primary."""
        from pymongo import MongoClient  # every command of `rabta` imports this module
        from pymongo.errors import PyMongoError

        client: MongoClient[dict[str, object]] = MongoClient(self.url, serverSelectionTimeoutMS=3000)
        with client:
            try:
                hello = client.admin.command("hello")
            except PyMongoError as error:
                return str(error).partition(" (configured")[0]
        if "setName" not in hello:
            raise PrerequisiteError("RABTA_MONGO_URL is not a replica set: start that mongod with --replSet")
        return None


class GivenBroker(GivenServer, Broker):
    """RabbitMQ at `RABTA_AMQP_URL`, its management API at `RABTA_AMQP_ADMIN_URL`."""

    def __init__(self, amqp_url: str, admin_url: str) -> None:
        self.name, self.amqp_url, self.admin_url = "rabbitmq", amqp_url, admin_url.rstrip("/")

    def missing(self) -> str | None:
        """Check the AMQP port and the management API."""
        vhost = urlsplit(self.amqp_url).path.removeprefix("/") or quote("/", safe="")
        return amqp_probe(self.amqp_url) or http_probe(f"{self.admin_url}/api/vhosts/{vhost}")


def given_mongo() -> GivenMongo | None:
    """The database in the environment, if any."""
    url = os.environ.get("RABTA_MONGO_URL")
    return GivenMongo(url) if url else None


def given_broker() -> GivenBroker | None:
    """The broker in the environment, if any; both addresses are required."""
    amqp, admin = os.environ.get("RABTA_AMQP_URL"), os.environ.get("RABTA_AMQP_ADMIN_URL")
    if bool(amqp) != bool(admin):
        raise PrerequisiteError("RABTA_AMQP_URL and RABTA_AMQP_ADMIN_URL go together: set both, or neither")
    return GivenBroker(amqp, admin) if amqp and admin else None
