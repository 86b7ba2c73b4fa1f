"""The five processes of Rabta, on top of two servers.

Usage:

    suite = Suite(home, servers, scale={"routing": 2})
    suite.start()                                # all are ready when this returns
    suite.url, suite.environment
    suite.process("routing").kill(); suite.process("routing").start(); suite.process("routing").wait_ready()
    suite.stop()
"""

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from deploy.local.errors import LocalError
from deploy.local.home import ROOT, private_folder
from deploy.local.keys import load_keys
from deploy.local.ports import Ports
from deploy.local.probes import http_probe
from deploy.local.process import Process
from deploy.local.server import wait_all_ready
from deploy.local.servers import Servers

HOST = "127.0.0.1"
ADMIN_LOGIN = "admin"
MODULES = {
    "gateway": "gateway",
    "identity": "services.identity",
    "requests": "services.requests",
    "routing": "services.routing",
    "notifier": "services.notifier",
}
"""Every process and its module, in stopping order."""
USUAL_PORTS = {"gateway": 8080, "identity": 8081, "requests": 8082, "routing": 8083, "notifier": 8084}
FIRST_REPLICA_PORT = 8085
PROVIDERS = ("RABTA_SMS_", "RABTA_EMAIL_")
"""Prefixes of provider settings, stored with the suite so that `rabta message test` uses the same."""
OPERATOR_PORT = 8079
"""The gateway's port for health and metrics; other processes use their only port."""


class Suite:
    """The processes of a suite; further replicas are called `routing-2`, `routing-3` and so on."""

    def __init__(
        self,
        home: Path,
        servers: Servers,
        scale: Mapping[str, int] | None = None,
        env: str = "test",
        extra_env: Mapping[str, str] | None = None,
        *,
        usual_ports: bool = False,
        gateway_port: int | None = None,
    ) -> None:
        """Choose ports and build the environment; starts nothing.

        `env` is RABTA_ENV. `extra_env` goes to every process and overrides. `gateway_port` must be free.
        """
        self.home = private_folder(home.absolute())
        self.ports = Ports()
        names = _process_names(scale or {})
        self._port_of = self._choose_ports(names, usual_ports, gateway_port)
        self._operator_port = self.ports.take(OPERATOR_PORT if usual_ports else None)
        self.url = f"http://{HOST}:{self._port_of['gateway']}"
        self.environment = self._build_environment(servers, env) | dict(extra_env or {})
        self.processes = [self._build(name, module) for name, module in names.items()]

    def start(self, timeout: float = 120.0) -> None:
        """Start every process and wait until all are ready; after a failure none is left running."""
        try:
            for process in self.processes:
                process.start()
            wait_all_ready(self.processes, timeout)
        except BaseException:
            self.stop()
            raise

    def process(self, name: str) -> Process:
        """A process by name."""
        for process in self.processes:
            if process.name == name:
                return process
        raise LocalError(f"no process is called {name}: {', '.join(p.name for p in self.processes)}")

    def told_by(self, name: str) -> str:
        """The base URL of a process's health and metrics."""
        return f"http://{HOST}:{self._operator_port if name == 'gateway' else self._port_of[name]}"

    def stop(self) -> None:
        """Stop all, the gateway first, and release the ports."""
        for process in self.processes:
            process.stop()
        self.ports.release()

    def discard(self) -> None:
        """Kill all and release the ports, where nobody needs what they have not finished."""
        for process in self.processes:
            if process.alive:
                process.kill()
        self.ports.release()

    def _choose_ports(self, names: Mapping[str, str], usual_ports: bool, gateway_port: int | None) -> dict[str, int]:
        chosen: dict[str, int] = {}
        replica_port = FIRST_REPLICA_PORT
        for name in names:
            if name == "gateway" and gateway_port is not None:
                chosen[name] = self.ports.claim(gateway_port)
                continue
            usual = USUAL_PORTS.get(name, replica_port)
            replica_port += name not in USUAL_PORTS
            chosen[name] = self.ports.take(usual if usual_ports else None)
        return chosen

    def _urls(self, service: str) -> str:
        return ",".join(
            f"http://{HOST}:{port}"
            for name, port in self._port_of.items()
            if name == service or name.startswith(f"{service}-")
        )

    def _build_environment(self, servers: Servers, env: str) -> dict[str, str]:
        keys = load_keys(self.home)
        return {
            "RABTA_ENV": env,
            "RABTA_HOST": HOST,
            "RABTA_MONGO_URL": servers.mongo_url,
            "RABTA_MONGO_PREFIX": "rabta",
            "RABTA_AMQP_URL": servers.amqp_url,
            "RABTA_AMQP_ADMIN_URL": servers.amqp_admin_url,
            "RABTA_DATA_KEY": keys.data_key,
            "RABTA_INDEX_KEY": keys.index_key,
            "RABTA_OLD_DATA_KEYS": keys.old_data_keys,
            "RABTA_WEB_KEY": keys.web_key,
            "RABTA_HELPLINE": "0800 00000",
            "RABTA_HELPLINE_HOURS": "Free, every day from 8 am to 10 pm",
            "RABTA_HELPLINE_HOURS_UR": "مفت، روزانہ صبح 8 سے رات 10 بجے تک",
            "RABTA_JWKS_URL": f"http://{HOST}:{self._port_of['identity']}/.well-known/jwks.json",
            "RABTA_PUBLIC_URL": self.url,
            "RABTA_OPERATOR_PORT": str(self._operator_port),
            "RABTA_ADMIN_LOGIN": ADMIN_LOGIN,
            "RABTA_ADMIN_PASSWORD": keys.admin_password,
            **{name: value for name, value in os.environ.items() if name.startswith(PROVIDERS)},
            **{f"RABTA_{name.upper()}_URL": self._urls(name) for name in MODULES if name != "gateway"},
        }

    def _build(self, name: str, module: str) -> Process:
        port = self._port_of[name]
        return Process(
            name,
            [sys.executable, "-m", module],
            environment={**os.environ, **self.environment, "RABTA_PORT": str(port)},
            folder=ROOT,
            log=self.home / "log" / f"{name}.log",
            probe=partial(http_probe, f"{self.told_by(name)}/health/ready"),
            port=port,
        )


def _process_names(scale: Mapping[str, int]) -> dict[str, str]:
    """Every process to run and its module, in stopping order."""
    for name, count in scale.items():
        if name not in MODULES:
            raise LocalError(f"cannot scale {name}: choose from {', '.join(list(MODULES)[1:])}")
        if name == "gateway" and count != 1:
            raise LocalError("cannot scale the gateway here: it has the only address")
        if count < 1:
            raise LocalError(f"cannot scale {name} to {count}: at least 1")
    return {
        replica: module
        for name, module in MODULES.items()
        for replica in [name, *(f"{name}-{number}" for number in range(2, scale.get(name, 1) + 1))]
    }
