"""Fetches a department's messages over HTTPS and stores them. Needs nothing but Python 3.11.

README.md says what it needs from the environment. Store first and acknowledge then; work from what is stored.
"""

import json
import os
import sqlite3
import time
import urllib.error
import urllib.parse
import urllib.request

PORTAL = os.environ["RABTA_URL"].rstrip("/")
USER, SECRET = os.environ["RABTA_CLIENT_ID"], os.environ["RABTA_CLIENT_SECRET"]
SUBSCRIPTION = f"/api/v1/department/subscriptions/{os.environ['RABTA_SUBSCRIPTION']}"
PAUSE = 5.0  # seconds, when no message waits

inbox = sqlite3.connect(os.environ.get("RABTA_INBOX", "inbox.sqlite"), isolation_level=None)
inbox.execute("CREATE TABLE IF NOT EXISTS messages (id PRIMARY KEY, number, type, subject, data, done DEFAULT 0)")
token = ""


def sign_in() -> None:
    """Get a token; it lives ten minutes."""
    global token
    form = {"grant_type": "client_credentials", "client_id": USER, "client_secret": SECRET}
    request = urllib.request.Request(f"{PORTAL}/api/v1/oauth/token", urllib.parse.urlencode(form).encode())
    with urllib.request.urlopen(request, timeout=30) as answer:
        token = json.load(answer)["access_token"]


def post(act: str, body: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    """Call the subscription; signs in again when the token has ended."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{PORTAL}{SUBSCRIPTION}/{act}", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
    sign_in()
    return post(act, body)


def store(message: dict[str, object]) -> None:
    """Store a message under its id; one that is stored already changes nothing."""
    values = [message[name] for name in ("id", "number", "type", "subject")] + [json.dumps(message["data"])]
    inbox.execute("INSERT OR IGNORE INTO messages (id, number, type, subject, data) VALUES (?, ?, ?, ?, ?)", values)
    print(message["number"], message["type"], message["subject"], flush=True)


def fetch() -> bool:
    """Take what waits, store it, acknowledge it; whether there was anything."""
    leased = post("lease", {"limit": 50, "seconds": 60})
    for message in leased["messages"]:
        store(message)
    if leased["messages"]:
        post("ack", {"lease": leased["lease"]})
    return bool(leased["messages"])


pause = PAUSE
print("listening on", SUBSCRIPTION, flush=True)
while True:
    try:
        waited = not fetch()
        pause = PAUSE
    except OSError as error:  # the portal is away, or has enough of us: wait, longer each time
        print("tried again:", error, flush=True)
        waited, pause = True, min(pause * 2, 300.0)
    if waited:
        time.sleep(pause)
