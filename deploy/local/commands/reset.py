"""`rabta reset`: stop everything and delete all data."""

import shutil

from deploy.local.commands.down import stop_all
from deploy.local.docker import docker
from deploy.local.home import default_home
from deploy.local.state import read_state

DATA = ("mongo", "rabbitmq", "log", "subscribe", "demo.json", "secrets.json", "state.json")


def reset() -> None:
    """Stop everything and delete data, keys and logs; the virtual environment is kept."""
    home = default_home()
    stop_all(home)
    state = read_state(home)
    for process in state.processes if state else []:
        if process.container:
            docker("volume", "rm", "--force", process.container)
    for name in DATA:
        path = home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    print(f"rabta: {home} is empty now")
