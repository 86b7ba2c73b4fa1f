"""`demo.json`: logins of demo people and credentials of departments, readable by their owner only."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.home import private_folder, write_private

Entry = dict[str, str]


class Book:
    """The file in a home folder. Each change reads and replaces it, so two commands can share it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._path = home / "demo.json"

    def accounts(self) -> list[Entry]:
        """Role, login and password of each person."""
        return self._read()["accounts"]

    def departments(self) -> list[Entry]:
        """Code, queue, user and password of each department."""
        return self._read()["departments"]

    def account(self, login: str) -> Entry | None:
        """A person by login."""
        return next((entry for entry in self.accounts() if entry["login"] == login), None)

    def department(self, code: str) -> Entry | None:
        """A department by code."""
        return next((entry for entry in self.departments() if entry["code"] == code), None)

    def keep_account(self, role: str, login: str, password: str) -> None:
        """Store a person's login, replacing an older one."""
        self._keep("accounts", "login", {"role": role, "login": login, "password": password})

    def keep_department(self, entry: Entry) -> None:
        """Store a department's credentials, replacing older ones."""
        self._keep("departments", "code", entry)

    def device(self, login: str) -> str | None:
        """The token of a citizen's known device."""
        return next((entry["device"] for entry in self._read()["devices"] if entry["login"] == login), None)

    def keep_device(self, login: str, token: str) -> None:
        """Store a citizen's device, replacing an older one."""
        self._keep("devices", "login", {"login": login, "device": token})

    def forget(self) -> None:
        """Empty the file, because the data it describes is gone."""
        with self._alone():
            self._write({"accounts": [], "departments": [], "devices": []})

    def _keep(self, part: str, key: str, entry: Entry) -> None:
        with self._alone():
            content = self._read()
            known = [other[key] for other in content[part]]
            if entry[key] in known:
                content[part][known.index(entry[key])] = entry
            else:
                content[part].append(entry)
            self._write(content)

    def _read(self) -> dict[str, list[Entry]]:
        kept = json.loads(self._path.read_text()) if self._path.exists() else {}
        return {"accounts": [], "departments": [], "devices": [], **kept}

    def _write(self, content: dict[str, list[Entry]]) -> None:
        write_private(self._path, json.dumps(content, indent=2, ensure_ascii=False))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (private_folder(self._home) / "demo.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
