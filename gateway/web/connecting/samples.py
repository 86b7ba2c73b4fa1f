"""Sample programs with a subscription's own values, short enough to read. `docs/departments.md` has the longer ones.

They are run by `tests/journeys/test_department_samples.py`.
"""

from collections.abc import Mapping
from string import Template
from typing import Any

PULL_PYTHON = Template('''\
# pip install httpx; export RABTA_CLIENT_SECRET=...
import os
import time

import httpx

PORTAL, CLIENT, SUBSCRIPTION = "$portal", "$client", "$subscription"
messages = f"/api/v1/department/subscriptions/{SUBSCRIPTION}"


def signed_in(http: httpx.Client) -> None:
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": os.environ["RABTA_CLIENT_SECRET"]}
    token = http.post("/api/v1/oauth/token", data=form).raise_for_status().json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"


def store(message: dict) -> None:
    """Store it under its id, in your database. The same id may come again."""
    print(message["number"], message["type"], message["subject"])


with httpx.Client(base_url=PORTAL, timeout=30) as http:
    signed_in(http)
    while True:
        answer = http.post(f"{messages}/lease", json={"limit": 50, "seconds": 60})
        if answer.status_code == 401:  # a token lives ten minutes
            signed_in(http)
            continue
        leased = answer.raise_for_status().json()
        for message in leased["messages"]:
            store(message)
        if leased["messages"]:
            http.post(f"{messages}/ack", json={"lease": leased["lease"]}).raise_for_status()
        else:
            time.sleep(5)
''')
PULL_NODE = Template("""\
// Node 20; export RABTA_CLIENT_SECRET=...
const PORTAL = "$portal", CLIENT = "$client", SUBSCRIPTION = "$subscription";
const messages = `$${PORTAL}/api/v1/department/subscriptions/$${SUBSCRIPTION}`;
let token = "";

async function signIn() {
  const form = { grant_type: "client_credentials", client_id: CLIENT, client_secret: process.env.RABTA_CLIENT_SECRET };
  const answer = await fetch(`$${PORTAL}/api/v1/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
  if (!answer.ok) throw new Error(`sign-in: $${answer.status}`);
  token = (await answer.json()).access_token;
}

async function post(act, body) {
  const headers = { Authorization: `Bearer $${token}`, "Content-Type": "application/json" };
  const answer = await fetch(`$${messages}/$${act}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.status === 401) return signIn().then(() => post(act, body)); // a token lives ten minutes
  if (!answer.ok) throw new Error(`$${act}: $${answer.status}`);
  return answer.json();
}

async function store(message) { // under its id, in your database; the same id may come again
  console.log(message.number, message.type, message.subject);
}

await signIn();
while (true) {
  const leased = await post("lease", { limit: 50, seconds: 60 });
  for (const message of leased.messages) await store(message);
  if (leased.messages.length) await post("ack", { lease: leased.lease });
  else await new Promise((done) => setTimeout(done, 5000));
}
""")
WEBHOOK_PYTHON = Template('''\
# pip install standardwebhooks; export RABTA_WEBHOOK_SECRET=whsec_...
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["RABTA_WEBHOOK_SECRET"])


def store(message: dict) -> None:
    """Store it under its id, in your database. The same id may come again."""
    print(message["number"], message["type"], message["subject"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            store(webhook.verify(body, dict(self.headers.items())))
            self.send_response(204)  # only when it is stored: anything else, and it comes again
        except WebhookVerificationError:
            self.send_response(401)
        self.end_headers()


HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()  # behind your TLS proxy
''')
WEBHOOK_NODE = Template("""\
// Node 20, npm install standardwebhooks; export RABTA_WEBHOOK_SECRET=whsec_...
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.RABTA_WEBHOOK_SECRET);

async function store(message) { // under its id, in your database; the same id may come again
  console.log(message.number, message.type, message.subject);
}

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  try {
    await store(webhook.verify(Buffer.concat(parts).toString(), request.headers));
    response.writeHead(204).end(); // only when it is stored: anything else, and it comes again
  } catch {
    response.writeHead(401).end();
  }
}).listen(process.env.PORT ?? 9000, "127.0.0.1"); // behind your TLS proxy
""")
QUEUE_PYTHON = Template('''\
# pip install aio-pika; export RABTA_AMQP_URL=amqps://$user:PASSWORD@HOST/rabta
import asyncio
import json
import os

import aio_pika


def store(number: int, message: dict) -> None:
    """Store it under its id, in your database. The same id may come again."""
    print(number, message)


async def main() -> None:
    connection = await aio_pika.connect_robust(os.environ["RABTA_AMQP_URL"])
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=50)
        queue = await channel.get_queue("$queue")
        async with queue.iterator() as messages:
            async for message in messages:
                store(message.headers.get("ce-number"), json.loads(message.body))
                await message.ack()  # only when it is stored


asyncio.run(main())
''')
QUEUE_NODE = Template("""\
// Node 20, npm install amqplib; export RABTA_AMQP_URL=amqps://$user:PASSWORD@HOST/rabta
import amqp from "amqplib";

async function store(number, message) { // under its id, in your database; the same id may come again
  console.log(number, message);
}

const connection = await amqp.connect(process.env.RABTA_AMQP_URL);
const channel = await connection.createChannel();
await channel.prefetch(50);
await channel.consume("$queue", async (message) => {
  await store(message.properties.headers["ce-number"], JSON.parse(message.content));
  channel.ack(message); // only when it is stored
});
""")
SAMPLES = {
    "pull": (("Python", PULL_PYTHON), ("Node", PULL_NODE)),
    "webhook": (("Python", WEBHOOK_PYTHON), ("Node", WEBHOOK_NODE)),
    "queue": (("Python", QUEUE_PYTHON), ("Node", QUEUE_NODE)),
}


def samples_of(one: Mapping[str, Any], department: str, portal: str) -> list[tuple[str, str]]:
    """The language and text of each sample for a subscription."""
    values = {"portal": portal, "client": f"department.{department}", "subscription": one["id"]}
    return [(language, text.safe_substitute(values)) for language, text in SAMPLES[one["kind"]]]


def queue_samples(queue: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The language and text of each sample for a queue."""
    values = {"queue": queue["queue"], "user": queue["user"]}
    return [(language, text.safe_substitute(values)) for language, text in SAMPLES["queue"]]
