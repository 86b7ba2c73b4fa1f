"""Starts servers and processes, restarts what ends, and stops all in order."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.docker import Container
from deploy.local.process import Process
from deploy.local.server import Server
from deploy.local.servers import Servers
from deploy.local.state import Running, SupervisorState, started_at, write_state
from deploy.local.suite import Suite

Say = Callable[[str], None]
FIRST_DELAY, MAX_DELAY, STEADY = 1.0, 30.0, 60.0
"""Seconds: the first delay of a restart, the longest one, and the run time that resets it."""


@dataclass
class Watch:
    """How often a process ended recently, and when it is restarted."""

    process: Process
    restarts: int = 0
    delay: float = FIRST_DELAY
    began: float = field(default_factory=time.monotonic)
    due: float | None = None


class Supervisor:
    """Runs a suite from start to stop, and writes its state at each step."""

    def __init__(self, home: Path, servers: Servers, suite: Suite, say: Say) -> None:
        self.home = home
        self.servers = servers
        self.suite = suite
        self.say = say
        self.phase = "starting"
        self.hurried = False
        self.members: list[Server] = [*suite.processes, servers.broker, servers.mongo]
        self._watches = [Watch(member) for member in self.members if isinstance(member, Process)]

    def bring_up(self) -> None:
        """Start both servers, then all processes, and wait until all are ready."""
        self.write()
        self.say("starting MongoDB and RabbitMQ")
        self.servers.start()
        self.say(f"starting {', '.join(process.name for process in self.suite.processes)}")
        self.suite.start()
        self.write()

    def watch(self) -> None:
        """Watch the processes until an exception (a signal) ends it."""
        while True:
            self.look_after_all()
            time.sleep(0.5)

    def look_after_all(self) -> None:
        """One round: note ended processes, and restart those that have waited long enough."""
        for watch in self._watches:
            self._look_after(watch)

    def stop(self) -> None:
        """Stop gateway, services, broker, database in this order; kill those that do not end in time."""
        self.enter("stopping")
        for member in self.members:
            was_alive = member.alive
            member.stop()
            if was_alive and isinstance(member, Process) and member.exit_code == -signal.SIGKILL:
                why = "" if self.hurried else f": it did not end within {member.grace:.0f} s"
                self.say(f"{member.name} was killed{why}")
        self.suite.stop()
        self.servers.stop()
        self.enter("stopped")

    def kill(self) -> None:
        """SIGKILL everything; `stop` then has nothing to wait for."""
        self.hurried = True
        for member in self.members:
            if isinstance(member, Process) and member.alive:
                member.kill()

    def enter(self, phase: str) -> None:
        """Set the phase of the suite."""
        self.phase = phase
        self.write()

    def write(self) -> None:
        """Write the state for the other commands."""
        write_state(self.home, self.state())

    def state(self) -> SupervisorState:
        """The present state."""
        restarts = {watch.process.name: watch.restarts for watch in self._watches}
        return SupervisorState(
            phase=self.phase,
            supervisor=_running("supervisor", os.getpid()),
            url=self.suite.url,
            environment=self.suite.environment,
            processes=[_describe(member, restarts.get(member.name, 0)) for member in self.members],
            notes=[*self.servers.ports.moved, *self.suite.ports.moved],
        )

    def _look_after(self, watch: Watch) -> None:
        now = time.monotonic()
        if watch.process.alive:
            if now - watch.began > STEADY:
                watch.delay = FIRST_DELAY
        elif watch.due is None:
            watch.due = now + watch.delay
            self.say(
                f"{watch.process.name} ended with exit code {watch.process.exit_code}: "
                f"starting it again in {watch.delay:.0f} s (log: {watch.process.log})"
            )
        elif now >= watch.due:
            watch.process.start()
            watch.restarts, watch.began, watch.due = watch.restarts + 1, now, None
            watch.delay = min(watch.delay * 2, MAX_DELAY)
            self.write()


def _running(name: str, pid: int) -> Running:
    return Running(name, pid, started_at(pid))


def _describe(member: Server, restarts: int) -> Running:
    described = Running(member.name, None, None, restarts=restarts)
    if isinstance(member, Process | Container):
        described.port = member.port
        if member.alive:
            described.pid = member.pid
            described.started = started_at(member.pid)
    if isinstance(member, Container):
        described.container = member.container
    return described
