"""`rabta up`: start everything, and watch it."""

import fcntl
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from deploy.local.detach import TO_LOG, run_detached
from deploy.local.errors import LocalError
from deploy.local.home import default_home, private_folder
from deploy.local.ready_table import ready_table
from deploy.local.seed import seed
from deploy.local.servers import plan_servers
from deploy.local.state import read_state
from deploy.local.suite import Suite
from deploy.local.supervisor import Supervisor


class StopAskedError(BaseException):
    """Ctrl-C or SIGTERM; not an `Exception`, so that no handler takes it for a failure."""


def parse_scale(values: list[str]) -> dict[str, int]:
    """Parse values such as `routing=3`."""
    scale = {}
    for value in values:
        name, _, count = value.partition("=")
        if not count.isdecimal():
            raise LocalError(f"--scale {value}: write it as --scale routing=3")
        scale[name] = int(count)
    return scale


def up(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when ready; stop with `down`.")] = False,
    scale: Annotated[
        list[str] | None, typer.Option(help="Replicas of one service, e.g. routing=3; repeatable.")
    ] = None,
    docker: Annotated[bool, typer.Option("--docker", help="Run MongoDB and RabbitMQ as containers.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the pages and the API.")] = None,
    no_seed: Annotated[bool, typer.Option("--no-seed", help="Without demo data.")] = False,
    to_log: Annotated[bool, typer.Option(TO_LOG, hidden=True)] = False,
) -> None:
    """Start servers and services, wait until all are ready, add demo data, and watch them."""
    home = private_folder(default_home())
    replicas = parse_scale(scale or [])
    if detach:
        raise typer.Exit(
            run_detached(home, [argument for argument in sys.argv[1:] if argument not in ("--detach", "-d")])
        )
    with _only_one(home) as is_first:
        if not is_first:
            _say_what_runs(home, show=not to_log)
            return
        _run(home, replicas, docker=docker, port=port, with_seed=not no_seed, show=not to_log)


def _run(home: Path, scale: dict[str, int], *, docker: bool, port: int | None, with_seed: bool, show: bool) -> None:
    """Run until a signal. The table contains passwords, so it is not printed into a log."""
    began = time.monotonic()
    _on_signals(_raise_stop)
    supervisor: Supervisor | None = None
    try:
        servers = plan_servers(home, docker=docker, usual_ports=True)
        suite = Suite(home, servers, scale, "demo", usual_ports=True, gateway_port=port)
        supervisor = Supervisor(home, servers, suite, _say)
        supervisor.bring_up()
        if with_seed:
            seed(home, suite, _say)
        if show:
            print(ready_table(home, supervisor.state(), time.monotonic() - began), flush=True)
        supervisor.enter("ready")
        supervisor.watch()
    except StopAskedError:
        pass
    finally:
        if supervisor is not None:
            _on_signals(_kill_all(supervisor))
            _say("stopping")
            supervisor.stop()
            _say("stopped")


def _say(line: str) -> None:
    print(f"rabta: {line}", flush=True)


def _on_signals(handler: "signal._HANDLER") -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _raise_stop(_number: int, _frame: FrameType | None) -> None:
    raise StopAskedError


def _kill_all(supervisor: Supervisor) -> "signal._HANDLER":
    def handler(_number: int, _frame: FrameType | None) -> None:
        _say("second signal: killing what still runs")
        supervisor.kill()

    return handler


@contextmanager
def _only_one(home: Path) -> Iterator[bool]:
    """Whether this is the only supervisor of the home folder; its lock ends with its process."""
    with (home / "up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _say_what_runs(home: Path, *, show: bool) -> None:
    state = read_state(home)
    if state is None or state.phase != "ready":
        raise LocalError(f"another `rabta up` is running in {home}: see ./rabta status")
    _say(f"already running (pid {state.supervisor.pid}); run ./rabta down before changing scale, port or settings")
    if show:
        print(ready_table(home, state), flush=True)
