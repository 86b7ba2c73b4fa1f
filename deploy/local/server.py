"""What a server can do, wherever it comes from: a program, a container, or only an address."""

from typing import Protocol


class Server(Protocol):
    """What can be done with a server; one that was given by address refuses `kill` and is left running."""

    name: str

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    @property
    def alive(self) -> bool:
        """True while it runs."""
        ...

    def start(self) -> None:
        """Start, also again after `kill`, `stop` or `wipe`, on the same ports."""
        ...

    def wait_ready(self, timeout: float = 120.0) -> None:
        """Return when it can be used; `NotReadyError` after the seconds."""
        ...

    def kill(self) -> None:
        """SIGKILL now."""
        ...

    def stop(self) -> None:
        """End in order."""
        ...


class Mongo(Server, Protocol):
    """The database server."""

    url: str


class Broker(Server, Protocol):
    """The message broker."""

    amqp_url: str
    admin_url: str

    def wipe(self) -> None:
        """Stop and delete its data; after `start` the user and the virtual host are there anew."""
        ...
