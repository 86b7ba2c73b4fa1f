"""Unhandled events of a department's queue, in a file that outlives the command."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.cli.queue import Received
from deploy.local.home import private_folder


@dataclass(frozen=True)
class StoredEvent:
    """A stored event."""

    id: str
    type: str
    subject: str
    text: str

    @property
    def body(self) -> dict[str, Any]:
        """The event's data. Raises ValueError if it is not a JSON object."""
        data = json.loads(self.text)
        if not isinstance(data, dict):
            raise ValueError("not an object")
        return data


class DepartmentInbox:
    """The inbox of a department in the home folder. When `keep` returns, the event is on disk."""

    def __init__(self, home: Path, department: str) -> None:
        self._file = sqlite3.connect(private_folder(home / "subscribe") / f"{department}.sqlite", isolation_level=None)
        self._file.execute("CREATE TABLE IF NOT EXISTS events (id PRIMARY KEY, type, subject, text, done DEFAULT 0)")

    def keep(self, received: Received) -> None:
        """Store an event; a duplicate changes nothing."""
        event = received.id or received.delivery.message_id
        values = (event, received.type, received.subject, received.delivery.body.decode(errors="replace"))
        self._file.execute("INSERT OR IGNORE INTO events (id, type, subject, text) VALUES (?, ?, ?, ?)", values)

    def waiting(self) -> list[StoredEvent]:
        """The unhandled events, oldest first."""
        rows = self._file.execute("SELECT id, type, subject, text FROM events WHERE NOT done ORDER BY rowid")
        return [StoredEvent(*row) for row in rows]

    def done(self, event: str) -> None:
        """Mark an event as handled."""
        self._file.execute("UPDATE events SET done = 1 WHERE id = ?", (event,))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
