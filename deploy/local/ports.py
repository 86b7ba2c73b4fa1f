"""TCP ports on loopback, always below 32768: the kernel uses higher ones for outgoing connections."""

import itertools
import random
import socket
from collections.abc import Iterable

import psutil

from deploy.local.errors import LocalError

LOWEST, HIGHEST = 20000, 32767


def is_taken(port: int) -> bool:
    """Whether something already listens on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def holder(port: int) -> str:
    """The process that listens on a port, as text for people."""
    for connection in psutil.net_connections(kind="tcp"):
        if connection.status != psutil.CONN_LISTEN or tuple(connection.laddr)[1:] != (port,):
            continue
        if connection.pid is None:
            return "a program of another user"
        try:
            return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
        except psutil.NoSuchProcess:
            return "a program that has just ended"
    return "a suite that is just starting"


class Ports:
    """Ports reserved while this object lives, so that two suites started at once do not collide.

    A reservation is a name in the kernel's abstract socket namespace: it needs no file and ends with its process.
    """

    def __init__(self) -> None:
        self._reservations: list[socket.socket] = []
        self.moved: list[str] = []

    def take(self, usual: int | None = None) -> int:
        """Reserve the usual port, or the next free one in steps of ten; any free one without a usual port."""
        if usual is None:
            return self._first(random.sample(range(LOWEST, HIGHEST + 1), 500))
        port = self._first(itertools.chain([usual], range(usual + 10, HIGHEST, 10)))
        if port != usual:
            self.moved.append(f"port {usual} is taken by {holder(usual)}: using {port}")
        return port

    def claim(self, port: int) -> int:
        """Reserve exactly this port. Raises LocalError, which names its holder."""
        if not self._reserve(port):
            raise LocalError(f"port {port} is taken by {holder(port)}: free it, or name another port")
        return port

    def release(self) -> None:
        """Release all reservations."""
        while self._reservations:
            self._reservations.pop().close()

    def _first(self, candidates: Iterable[int]) -> int:
        for port in candidates:
            if self._reserve(port):
                return port
        raise LocalError("no free port was found below 32768")

    def _reserve(self, port: int) -> bool:
        reservation = socket.socket(socket.AF_UNIX)
        try:
            reservation.bind(f"\0rabta/port/{port}")
        except OSError:
            reservation.close()
            return False
        if is_taken(port):
            reservation.close()
            return False
        self._reservations.append(reservation)
        return True
