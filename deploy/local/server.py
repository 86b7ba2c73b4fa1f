"""The interface of a server: a program, a container, or an address."""

from typing import Protocol


class Server(Protocol):
    """A server. One that is given by an address refuses `kill` and is left running."""

    name: str

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        ...

    def start(self) -> None:
        """Start, also after `kill`, `stop` or `wipe`, on the same ports."""
        ...

    def wait_ready(self, timeout: float = 120.0) -> None:
        """Wait until it is ready. Raises NotReadyError when the time runs out."""
        ...

    def kill(self) -> None:
        """SIGKILL now."""
        ...

    def stop(self) -> None:
        """Stop cleanly."""
        ...


class Mongo(Server, Protocol):
    """The database server."""

    url: str


class Broker(Server, Protocol):
    """The message broker."""

    amqp_url: str
    admin_url: str

    def wipe(self) -> None:
        """Stop and delete its data; `start` creates the user and the virtual host again."""
        ...
