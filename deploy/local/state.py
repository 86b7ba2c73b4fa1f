"""The running processes of a home folder, in `state.json` (contains passwords, readable by its owner only)."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local.home import write_private

NAME = "state.json"


def started_at(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None if it has ended.

    Together with the pid this identifies a process: a recycled pid has another start.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


@dataclass
class Running:
    """A process by name; `pid` is None for a server given by its address."""

    name: str
    pid: int | None
    started: int | None
    port: int | None = None
    restarts: int = 0
    container: str | None = None

    @property
    def alive(self) -> bool:
        """Whether this process still runs."""
        return self.pid is not None and self.started is not None and started_at(self.pid) == self.started


@dataclass
class SupervisorState:
    """The supervisor, its processes in stopping order, and their environment.

    `phase` is starting, ready, stopping or stopped.
    """

    phase: str
    supervisor: Running
    url: str
    environment: dict[str, str] = field(default_factory=dict)
    processes: list[Running] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        """Whether the supervisor runs."""
        return self.supervisor.alive


def write_state(home: Path, state: SupervisorState) -> None:
    """Replace the state atomically."""
    write_private(home / NAME, json.dumps(asdict(state), indent=2))


def read_state(home: Path) -> SupervisorState | None:
    """The last written state; None if there is none."""
    path = home / NAME
    if not path.exists():
        return None
    content = json.loads(path.read_text())
    return SupervisorState(
        **content
        | {
            "supervisor": Running(**content["supervisor"]),
            "processes": [Running(**process) for process in content["processes"]],
        }
    )
