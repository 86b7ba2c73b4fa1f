"""Servers from testcontainers, with the same handles as servers of this machine (RABTA_TEST_SERVERS=docker)."""

from pathlib import Path

from deploy.local.servers import Servers, start_servers


def start_containers(home: Path) -> Servers:
    """A MongoDB and a RabbitMQ in containers."""
    return start_servers(home, source="docker")
