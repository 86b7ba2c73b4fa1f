// A department's own software: stores what comes on its queue, acknowledges it, and then works on what it has stored.
// README.md says what it needs from the environment. Copy it, and put your own work into dealWith.

import { randomUUID } from "node:crypto";
import { existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import amqp from "amqplib";

const { RABTA_URL, RABTA_BROKER_URL, RABTA_CLIENT_ID: USER, RABTA_CLIENT_SECRET: SECRET } = process.env;
const API = `${RABTA_URL.replace(/\/$/, "")}/api/v1`;
// Of the users department.water and department.water.2 alike.
const QUEUE = process.env.RABTA_QUEUE ?? USER.split(".").slice(0, 2).join(".");
const OURS = ["request.routed.v1", "request.reopened.v1", "request.resumed.v1"];
const MIN_PAUSE = 500, MAX_PAUSE = 60_000; // milliseconds between two tries

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// The events that came, and our acts with their ids, each a line of JSON. Each method returns only when its change is on
// the disk. Your own database does the same; a file needs nothing installed.
class Inbox {
  events = new Map();
  acts = new Map();

  constructor(path) {
    for (const line of existsSync(path) ? readFileSync(path, "utf8").split("\n") : []) {
      try {
        this.#take(JSON.parse(line));
      } catch {
        // an empty line, or one that a crash cut off: its event was not acknowledged, and comes again
      }
    }
    this.file = openSync(path, "a");
  }

  #take({ kept, done, act }) {
    if (kept) this.events.set(kept.event, { ...kept, done: false });
    if (done) this.events.get(done).done = true;
    if (act) this.acts.set(`${act.event} ${act.step}`, act);
  }

  #write(entry) {
    writeSync(this.file, `\n${JSON.stringify(entry)}`);
    fsyncSync(this.file);
    this.#take(entry);
  }

  // Store an event; one that is stored already changes nothing.
  keep(kept) {
    if (!this.events.has(kept.event)) this.#write({ kept });
  }

  // The events that are not dealt with, oldest first.
  waiting() {
    return [...this.events.values()].filter((event) => !event.done);
  }

  done(event) {
    this.#write({ done: event });
  }

  // An act with its id: made once, so that it is the same act when it is sent again after a crash.
  act(event, step, body) {
    const key = `${event} ${step}`;
    if (!this.acts.has(key)) this.#write({ act: { event, step, id: randomUUID(), body } });
    return this.acts.get(key);
  }
}

const inbox = new Inbox(process.env.RABTA_INBOX || "inbox.jsonl");
let channel = null;
let wake = () => {};
let token = "";
let tokenEnds = 0;

async function signIn() {
  const form = { grant_type: "client_credentials", client_id: USER, client_secret: SECRET };
  const answer = await fetch(`${API}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams(form),
    signal: AbortSignal.timeout(30_000),
  });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  const granted = await answer.json();
  token = granted.access_token;
  tokenEnds = Date.now() + (granted.expires_in - 60) * 1000;
}

// A GET with our token; null for what is not with our department.
async function get(path) {
  if (Date.now() > tokenEnds) await signIn();
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(API + path, { headers, signal: AbortSignal.timeout(30_000) });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// Publish an action and wait for the broker's confirm. `step` tells apart acts that follow from one event.
async function act(event, number, action, more = {}, step = action) {
  const { id, body } = inbox.act(event, step, { request: number, action, ...more });
  if (channel === null) throw new Error("the broker is away");
  const properties = { persistent: true, userId: USER, messageId: id, contentType: "application/json" };
  channel.publish("rabta.actions", QUEUE, Buffer.from(JSON.stringify(body)), properties);
  await channel.waitForConfirms();
}

// Your work, and whether it is done; until then it is called again, after a crash too. Here everything is accepted and
// resolved, except what a citizen has disputed: that is for the head to decide.
async function dealWith(event, number) {
  const assignment = await get(`/assignments/${number}`);
  if (assignment === null) {
    console.log(number, "is not with us any more");
    return true;
  }
  if (assignment.for_head) {
    console.log(number, "waits for the head of department, in the portal");
    return true;
  }
  if (assignment.actions.includes("accept")) {
    await act(event, number, "accept");
    return false; // it takes effect a moment later
  }
  if (assignment.actions.includes("resolve")) {
    const request = await get(`/requests/${number}`);
    if (request === null) return false;
    console.log(number, request.service, request.place, request.answers);
    await act(event, number, "resolve", { outcome: "granted", reply: `Our crew has dealt with ${number}.` });
  }
  return true;
}

// One delivery: stored, then acknowledged. The work may take as long as it likes; the broker does not wait for it.
async function receive(from, message) {
  const { "ce-id": event, "ce-type": kind, "ce-subject": number } = message.properties.headers;
  for (let wait = MIN_PAUSE; ; wait = Math.min(wait * 2, MAX_PAUSE)) {
    try {
      inbox.keep({ event: event || message.properties.messageId, kind, number, body: message.content.toString() });
      break;
    } catch (error) {
      console.error("cannot store:", error.message); // the disk is full, perhaps: do not return it to the queue at once
      await pause(wait);
    }
  }
  from.ack(message);
  wake();
}

// Work on what is stored, for ever. What fails is tried again, with growing pauses.
async function work() {
  for (let wait = MIN_PAUSE; ; ) {
    const arrived = new Promise((resolve) => { wake = resolve; });
    let failed = false;
    for (const { event, kind, number, body } of inbox.waiting()) {
      try {
        if (!OURS.includes(kind)) console.log(kind, number, body); // action.rejected.v1: what we asked cannot be done
        else if (!(await dealWith(event, number))) continue;
        inbox.done(event);
      } catch (error) {
        console.error(number, "is tried again:", error.message);
        failed = true;
      }
    }
    wait = failed ? Math.min(wait * 2, MAX_PAUSE) : MIN_PAUSE;
    await (inbox.waiting().length > 0 ? Promise.race([arrived, pause(wait)]) : arrived);
  }
}

// Consume until the connection ends. What was not acknowledged then comes again.
async function consume() {
  const broker = new URL(RABTA_BROKER_URL);
  const connection = await amqp.connect({
    protocol: broker.protocol.replace(":", ""),
    hostname: broker.hostname,
    port: Number(broker.port || 5672),
    vhost: decodeURIComponent(broker.pathname.slice(1)) || "/",
    username: USER,
    password: SECRET,
    heartbeat: 10,
  });
  const ended = new Promise((resolve) => connection.on("close", resolve));
  connection.on("error", (error) => console.error("connection:", error.message));
  const opened = await connection.createConfirmChannel();
  opened.on("error", (error) => console.error("channel:", error.message));
  opened.on("close", () => connection.close().catch(() => {}));
  await opened.prefetch(100);
  await opened.consume(QUEUE, (message) => {
    if (message === null) connection.close().catch(() => {}); // the queue is gone
    else receive(opened, message).catch((error) => console.error("not acknowledged:", error.message));
  });
  channel = opened;
  console.log("listening on", QUEUE);
  await ended;
  channel = null;
}

work();
for (;;) {
  await consume().catch((error) => console.error("broker:", error.message));
  await pause(1000);
}
