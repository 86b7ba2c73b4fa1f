"""The two servers as containers, with the docker command; their ports are on loopback only."""

import shutil
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from deploy.local.errors import LocalError, NotReadyError, PrerequisiteError
from deploy.local.probes import amqp_probe, http_probe
from deploy.local.process import Probe
from deploy.local.rabbitmq_files import USER, VHOST
from deploy.local.replica_set import REPLICA_SET, mongo_url, replica_set_probe
from deploy.local.server import Broker, Mongo, Server

MONGO_IMAGE = "mongo:8"
RABBITMQ_IMAGE = "rabbitmq:4-management"


def docker(*arguments: str) -> str:
    """Run a docker command and return its output. Raises LocalError with its error text."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalError(f"docker {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def need_engine() -> None:
    """Raise PrerequisiteError if no Docker engine answers."""
    if shutil.which("docker") is None:
        raise PrerequisiteError("--docker was asked, but there is no docker command: start without --docker")
    try:
        docker("version", "--format", "{{.Server.Version}}")
    except LocalError:
        raise PrerequisiteError(
            "--docker was asked, but no Docker engine answers: start it, or leave out --docker"
        ) from None


def remove_leftovers(home: Path) -> None:
    """Remove containers of this folder that a killed supervisor left running; volumes stay."""
    left = docker("ps", "--all", "--quiet", "--filter", f"name=^/?{_prefix(home)}").split()
    if left:
        docker("rm", "--force", *left)


def _prefix(home: Path) -> str:
    return f"rabta-{sha256(str(home).encode()).hexdigest()[:8]}-"


class Container(Server):
    """A container of this suite; its data is in a volume of the same name, which outlives it."""

    def __init__(
        self, name: str, home: Path, port: int, options: Sequence[str], image: Sequence[str], folder: str, probe: Probe
    ) -> None:
        self.name = name
        self.port = port
        self.container = f"{_prefix(home)}{name}"
        self.options = [*options, f"--volume={self.container}:{folder}"]
        self.image = image
        self.probe = probe

    @property
    def pid(self) -> int:
        """The process id of the server on this machine."""
        return int(docker("inspect", "--type=container", "--format", "{{.State.Pid}}", self.container))

    @property
    def alive(self) -> bool:
        """True while the container runs."""
        return self._state() == "true"

    def start(self) -> None:
        """Start the container, or create it the first time."""
        if self._state():
            docker("start", self.container)
        else:
            docker("run", "--detach", "--restart=on-failure", "--name", self.container, *self.options, *self.image)

    def missing(self) -> str | None:
        """What is still missing; None if it is ready. Raises NotReadyError if it has ended."""
        missing = self.probe()
        if missing is not None and not self.alive:
            raise NotReadyError(f"{self.name}: {missing}\n{self.last_said()}")
        return missing

    def last_said(self) -> str:
        """The last lines of its log."""
        return docker("logs", "--tail", "20", self.container)

    def stop(self) -> None:
        """Stop cleanly and remove the container; its volume stays."""
        if self._state():
            docker("stop", "--time", "10", self.container)
            docker("rm", "--force", self.container)

    def _state(self) -> str:
        try:
            return docker("inspect", "--type=container", "--format", "{{.State.Running}}", self.container)
        except LocalError:
            return ""


class MongoContainer(Container, Mongo):
    """MongoDB; it uses the same port inside, because a replica set names its members by port."""

    def __init__(self, home: Path, port: int) -> None:
        super().__init__(
            "mongod",
            home,
            port,
            [f"--publish=127.0.0.1:{port}:{port}"],
            [MONGO_IMAGE, "mongod", "--replSet", REPLICA_SET, "--port", str(port), "--bind_ip_all"],
            "/data/db",
            lambda: replica_set_probe(port),
        )
        self.url = mongo_url(port)


class BrokerContainer(Container, Broker):
    """RabbitMQ with its management API; the host name is fixed, because the data is stored under it."""

    def __init__(self, home: Path, amqp_port: int, management_port: int, password: str) -> None:
        self.amqp_url = f"amqp://{USER}:{password}@127.0.0.1:{amqp_port}/{VHOST}"
        self.admin_url = f"http://{USER}:{password}@127.0.0.1:{management_port}"
        settings = {
            "RABBITMQ_DEFAULT_USER": USER,
            "RABBITMQ_DEFAULT_PASS": password,
            "RABBITMQ_DEFAULT_VHOST": VHOST,
        }
        super().__init__(
            "rabbitmq",
            home,
            amqp_port,
            [
                *(f"--env={name}={value}" for name, value in settings.items()),
                "--hostname=rabta",
                f"--publish=127.0.0.1:{amqp_port}:5672",
                f"--publish=127.0.0.1:{management_port}:15672",
            ],
            [RABBITMQ_IMAGE],
            "/var/lib/rabbitmq",
            lambda: amqp_probe(self.amqp_url) or http_probe(f"{self.admin_url}/api/vhosts/{VHOST}"),
        )
