// Receives a department's messages by webhook, verifies and stores them. Node 20, npm install standardwebhooks.
// README.md says what it needs from the environment. Put a proxy with TLS before it, and answer 2xx only for what is
// stored: after anything else the message comes again.
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const { RABTA_WEBHOOK_SECRET, RABTA_WEBHOOK_PORT = "9000", RABTA_INBOX = "inbox.jsonl" } = process.env;
const webhook = new Webhook(RABTA_WEBHOOK_SECRET);
const MAX_BODY = 1_000_000;
const inbox = await open(RABTA_INBOX, "a");

async function store(message) { // a message can come twice: its id is the same
  await inbox.appendFile(JSON.stringify(message) + "\n");
  await inbox.sync();
  console.log(message.number, message.type, message.subject);
}

async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    if ((length += part.length) > MAX_BODY) throw new Error("too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

async function receive(request, response) {
  let message;
  try {
    message = webhook.verify(await bodyOf(request), request.headers);
  } catch { // the portal did not sign it
    return response.writeHead(401).end();
  }
  try {
    await store(message);
    response.writeHead(204).end();
  } catch {
    response.writeHead(503).end();
  }
}

createServer(receive).listen(Number(RABTA_WEBHOOK_PORT), "127.0.0.1", () => console.log("listening on", RABTA_WEBHOOK_PORT));
