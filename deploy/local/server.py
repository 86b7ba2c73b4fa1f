"""The servers and processes of a suite: programs, containers, or addresses."""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from deploy.local.errors import LocalError, NotReadyError


class Server(ABC):
    """A server or process. One that is given by an address, or a container, refuses `kill` and `wipe`."""

    name: str

    @property
    def pid(self) -> int:
        """Its process id. Raises LocalError if it is not known."""
        raise self._refusal()

    @property
    @abstractmethod
    def alive(self) -> bool:
        """Whether it runs."""

    @abstractmethod
    def start(self) -> None:
        """Start, also after `kill`, `stop` or `wipe`, on the same ports."""

    @abstractmethod
    def stop(self) -> None:
        """Stop cleanly."""

    @abstractmethod
    def missing(self) -> str | None:
        """What is still missing; None if it is ready. Raises NotReadyError if it has ended."""

    def last_said(self) -> str:
        """The last lines of its log."""
        return ""

    def wait_ready(self, timeout: float = 120.0) -> None:
        """Wait until it is ready. Raises NotReadyError if it ends or the time runs out."""
        wait_all_ready([self], timeout)

    def kill(self) -> None:
        """SIGKILL now."""
        raise self._refusal()

    def wipe(self) -> None:
        """Stop and delete its data; `start` begins with an empty one."""
        raise self._refusal()

    def _refusal(self) -> LocalError:
        return LocalError(f"{self.name} cannot be stopped from here")


class Mongo(Server):
    """The database server."""

    url: str


class Broker(Server):
    """The message broker."""

    amqp_url: str
    admin_url: str


def wait_all_ready(servers: Sequence[Server], timeout: float) -> None:
    """Wait until all are ready. Raises NotReadyError if one ends or the time runs out."""
    end = time.monotonic() + timeout
    waiting = list(servers)
    while waiting:
        missing = {server: server.missing() for server in waiting}
        waiting = [server for server in waiting if missing[server] is not None]
        if waiting and time.monotonic() > end:
            late = waiting[0]
            raise NotReadyError(f"{late.name} is not ready after {timeout:.0f} s: {missing[late]}\n{late.last_said()}")
        if waiting:
            time.sleep(0.1)
