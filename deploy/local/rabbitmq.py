"""RabbitMQ from the distribution's package, as a private node beside other RabbitMQ nodes of the machine."""

import shutil
from pathlib import Path

from deploy.local.apt import EVERYTHING
from deploy.local.errors import PrerequisiteError
from deploy.local.probes import amqp_probe, http_probe
from deploy.local.process import Process
from deploy.local.rabbitmq_files import USER, VHOST, BrokerPorts, node_environment, write_files
from deploy.local.server import Broker

# The wrapper in /usr/sbin switches to a user that cannot write our folders; this is the program behind it.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def missing_packages() -> list[str]:
    """Missing Debian packages of the broker."""
    return [] if PROGRAM.exists() and shutil.which("epmd") else ["rabbitmq-server"]


class RabbitMQ(Process, Broker):
    """The broker, with the port mapper that Erlang needs.

    `start`, `wait_ready`, `kill` and `stop` keep ports and data; `wipe` deletes the data.
    """

    grace = 15.0  # it takes 6 s on an idle machine

    def __init__(self, home: Path, ports: BrokerPorts, password: str) -> None:
        self.home = home / "rabbitmq"
        self.ports = ports
        self.password = password
        self.amqp_url = f"amqp://{USER}:{password}@127.0.0.1:{ports.amqp}/{VHOST}"
        self.admin_url = f"http://{USER}:{password}@127.0.0.1:{ports.management}"
        environment = node_environment(self.home, ports)
        log = home / "log" / "rabbitmq.log"
        super().__init__(
            "rabbitmq",
            [str(PROGRAM)],
            environment=environment,
            folder=self.home,
            log=log,
            probe=self._missing,
            port=ports.amqp,
        )
        self._mapper = Process(
            "epmd",
            [shutil.which("epmd") or "epmd", "-port", str(ports.epmd), "-address", "127.0.0.1"],
            environment=environment,
            folder=self.home,
            log=log,
            probe=lambda: None,
            port=ports.epmd,
        )

    def start(self) -> None:
        """Start the broker; a new data folder gets the user and the virtual host."""
        if not PROGRAM.exists():
            raise PrerequisiteError(f"missing here: RabbitMQ. Run: sudo apt-get install -y {EVERYTHING}")
        write_files(self.home, self.ports, self.password)
        # Started here in the foreground: the broker would start it as a daemon that outlives the suite.
        self._mapper.start()
        super().start()

    def stop(self) -> None:
        """Stop the broker cleanly, then its port mapper."""
        super().stop()
        if self._mapper.alive:
            self._mapper.kill()

    def wipe(self) -> None:
        """Stop the broker and delete all queues, messages and users; `start` begins with an empty one."""
        self.stop()
        shutil.rmtree(self.home / "data", ignore_errors=True)

    def _missing(self) -> str | None:
        return amqp_probe(self.amqp_url) or http_probe(f"{self.admin_url}/api/vhosts/{VHOST}")
