"""Finds the suite that a command works on: in the environment, otherwise in the home folder."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from deploy.cli.book import Book
from deploy.local.errors import LocalError
from deploy.local.home import ROOT, default_home
from deploy.local.state import read_state

LETS_DEMO = ("demo", "test")


@dataclass(frozen=True)
class RunningSuite:
    """A suite's environment (RABTA_...) and its home folder."""

    environment: dict[str, str]
    home: Path

    @property
    def url(self) -> str:
        """Base address of the gateway."""
        return self._need("RABTA_PUBLIC_URL")

    @property
    def amqp_url(self) -> str:
        """The broker's address, with the administrator's credentials."""
        return self._need("RABTA_AMQP_URL")

    @property
    def amqp_admin_url(self) -> str:
        """The address of the broker's management API."""
        return self._need("RABTA_AMQP_ADMIN_URL")

    @property
    def book(self) -> Book:
        """The demo's accounts."""
        return Book(self.home)

    @property
    def admin(self) -> tuple[str, str]:
        """Login and password of the administrator."""
        login = self.environment.get("RABTA_ADMIN_LOGIN")
        password = self.environment.get("RABTA_ADMIN_PASSWORD")
        if login and password:
            return login, password
        for account in self.book.accounts():
            if account["role"] == "admin":
                return account["login"], account["password"]
        raise LocalError("no administrator is known: set RABTA_ADMIN_LOGIN and RABTA_ADMIN_PASSWORD")

    def broker_url(self, user: str, password: str) -> str:
        """The broker's address with other credentials."""
        return url_for(self.amqp_url, user, password)

    def refuse_production(self) -> None:
        """Raise LocalError unless this suite is a demo or a test."""
        if "RABTA_ENV" not in self.environment:
            raise LocalError("nothing is running here (RABTA_ENV is not set): start it with ./rabta up")
        if self.environment["RABTA_ENV"] not in LETS_DEMO:
            raise LocalError("demo data is for demo and test only: RABTA_ENV is neither")

    def run(self, module: str, *arguments: str) -> int:
        """Run a service's command with this suite's environment; returns its exit code."""
        if "--help" not in arguments:
            self._need("RABTA_MONGO_URL")
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, "-m", module, *arguments], env=environment, cwd=ROOT, check=False
        ).returncode

    def _need(self, name: str) -> str:
        value = self.environment.get(name)
        if not value:
            raise LocalError(f"nothing is running in {self.home}: start it with ./rabta up, or set {name}")
        return value


def url_for(url: str, user: str, password: str) -> str:
    """An address with other credentials."""
    parts = urlsplit(url)
    netloc = f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc.rpartition('@')[2]}"
    return parts._replace(netloc=netloc).geturl()


def find_place() -> RunningSuite:
    """The suite to work on; the environment takes precedence over the home folder."""
    home = default_home()
    state = read_state(home)
    running = state.environment if state is not None and state.alive else {}
    named = {name: value for name, value in os.environ.items() if name.startswith("RABTA_")}
    return RunningSuite({**running, **named}, home)
