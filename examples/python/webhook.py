"""Receives a department's messages by webhook, verifies and stores them. Needs `pip install standardwebhooks`.

README.md says what it needs from the environment. Put a proxy with TLS before it, and answer 2xx only for what is
stored: after anything else the message comes again.
"""

import json
import os
import sqlite3
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = Webhook(os.environ["RABTA_WEBHOOK_SECRET"])
PORT = int(os.environ.get("RABTA_WEBHOOK_PORT", "9000"))
MAX_BODY = 1_000_000

inbox = sqlite3.connect(os.environ.get("RABTA_INBOX", "inbox.sqlite"), isolation_level=None)
inbox.execute("CREATE TABLE IF NOT EXISTS messages (id PRIMARY KEY, number, type, subject, data, done DEFAULT 0)")


def store(message: dict[str, Any]) -> None:
    """Store a message under its id; one that is stored already changes nothing."""
    values = [message[name] for name in ("id", "number", "type", "subject")] + [json.dumps(message["data"])]
    inbox.execute("INSERT OR IGNORE INTO messages (id, number, type, subject, data) VALUES (?, ?, ?, ?, ?)", values)
    print(message["number"], message["type"], message["subject"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 for a stored message, 401 for one that the portal did not sign."""

    def do_POST(self) -> None:
        """Take one message."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), MAX_BODY))
        try:
            store(SECRET.verify(body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(204)
        except WebhookVerificationError:
            self.send_response(401)
        except sqlite3.Error:
            self.send_response(503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing but messages."""


print("listening on", PORT, flush=True)
HTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
