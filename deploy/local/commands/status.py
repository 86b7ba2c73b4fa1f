"""`rabta status`: the processes, and whether they are ready."""

import shlex
from typing import Annotated

import typer

from deploy.local.given import GivenBroker, GivenMongo
from deploy.local.home import default_home
from deploy.local.probes import http_probe
from deploy.local.ready_table import ready_table
from deploy.local.state import Running, SupervisorState, read_state


def status(
    env: Annotated[bool, typer.Option("--env", help="Print the environment, to be read by a shell.")] = False,
) -> None:
    """Show every process and the READY table; exit code 1 unless all are ready."""
    home = default_home()
    state = read_state(home)
    if state is None or not state.alive:
        print(f"rabta: nothing is running here ({home})")
        raise typer.Exit(1)
    if env:
        for name, value in state.environment.items():
            print(f"export {name}={shlex.quote(value)}")
        return
    rows = [_row(state, process) for process in state.processes]
    for row in [("process", "pid", "port", "restarts", "state"), *rows]:
        print("{:<12} {:>8} {:>6} {:>9}  {}".format(*row))
    all_ready = state.phase == "ready" and all(row[4] == "ready" for row in rows)
    print(f"\n{ready_table(home, state)}" if all_ready else f"\nrabta: {state.phase}, not everything is ready")
    raise typer.Exit(0 if all_ready else 1)


def _row(state: SupervisorState, process: Running) -> tuple[str, str, str, str, str]:
    given = process.pid is None and process.container is None and process.port is None
    alive = given or process.alive
    return (
        process.name,
        "-" if process.pid is None else str(process.pid),
        "-" if process.port is None else str(process.port),
        str(process.restarts),
        (_missing(state, process) or "ready") if alive else "not running",
    )


def _missing(state: SupervisorState, process: Running) -> str | None:
    environment = state.environment
    if process.name == "mongod":
        return GivenMongo(environment["RABTA_MONGO_URL"]).missing()
    if process.name == "rabbitmq":
        return GivenBroker(environment["RABTA_AMQP_URL"], environment["RABTA_AMQP_ADMIN_URL"]).missing()
    port = environment["RABTA_OPERATOR_PORT"] if process.name == "gateway" else process.port
    return http_probe(f"http://127.0.0.1:{port}/health/ready")
