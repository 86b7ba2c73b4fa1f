"""Prepares the virtual environment, then runs `python -m deploy.local` in it.

It runs before anything is installed, so it imports only the standard library.
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from deploy.local.errors import LocalError, PrerequisiteError
from deploy.local.home import ROOT, default_home, private_folder
from deploy.local.venv import VirtualEnvironment

RUN, DEVELOP, SERVERS = "requirements.txt", "requirements-dev.txt", "requirements-local.txt"
NEEDS: dict[str, tuple[str, ...]] = {
    "up": (RUN, SERVERS),
    **dict.fromkeys(("test", "chaos", "bench", "fuzz", "timing", "screenshots"), (DEVELOP, SERVERS)),
    "check": (DEVELOP,),
    **dict.fromkeys(("down", "status", "logs", "reset"), ()),
}
"""The lock files of a command; any other command needs those for running."""


def requirement_files(command: str) -> tuple[str, ...]:
    """The lock files that a command needs; that of MongoDB only if no address is given."""
    files = NEEDS.get(command, (RUN,))
    return tuple(name for name in files if name != SERVERS or not os.environ.get("RABTA_MONGO_URL"))


def launch(arguments: Sequence[str]) -> NoReturn:
    """Prepare the environment and become the command; exits with 3 if the machine lacks something."""
    try:
        python = _prepare(arguments[0] if arguments else "help")
    except LocalError as error:
        print(f"rabta: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    os.chdir(ROOT)
    os.execv(python, [python, "-m", "deploy.local", *arguments])


def _prepare(command: str) -> str:
    home = default_home()
    os.environ["RABTA_HOME"] = str(home)
    named = os.environ.get("RABTA_VENV")
    environment = VirtualEnvironment((os.path.abspath(named) if named else home / "venv"), home)
    files = requirement_files(command)
    if not files and not environment.exists:
        print(f"nothing has been started in {home} yet")
        sys.exit(0)
    try:
        private_folder(home)
        environment.ensure([ROOT / name for name in files])
    except PermissionError as error:
        raise PrerequisiteError(
            f"{error.filename} belongs to another user: set RABTA_HOME to a folder of your own"
        ) from None
    return str(environment.python)
