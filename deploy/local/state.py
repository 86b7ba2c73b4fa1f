"""What runs in a home folder, kept in `state.json` for the other commands (it holds passwords: owner only)."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.local.home import write_private


def started_at(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when it has ended.

    With the pid it names one process for ever: a recycled pid has another start.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


@dataclass
class Running:
    """One process by name; `pid` is None for a server that was given by its address."""

    name: str
    pid: int | None
    started: int | None
    port: int | None = None
    restarts: int = 0
    container: str | None = None

    @property
    def alive(self) -> bool:
        """True when this very process still runs."""
        return self.pid is not None and self.started is not None and started_at(self.pid) == self.started


@dataclass
class SupervisorState:
    """The supervisor, its processes in the order in which they are stopped, and their environment.

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
        """True while the supervisor runs."""
        return self.supervisor.alive


def state_path(home: Path) -> Path:
    """Where the state of a home folder is kept."""
    return home / "state.json"


def write_state(home: Path, state: SupervisorState) -> None:
    """Replace the state in one step."""
    write_private(state_path(home), json.dumps(asdict(state), indent=2))


def read_state(home: Path) -> SupervisorState | None:
    """The last state that a supervisor wrote; None when none ever did."""
    path = state_path(home)
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
