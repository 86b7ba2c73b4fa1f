// A department's own software: takes requests from its queue, looks each one up, accepts it and resolves it.
// README.md says what it needs from the environment. Copy it, and put your own work into dealWith.

import amqp from "amqplib";

const { RABTA_URL, RABTA_BROKER_URL, RABTA_CLIENT_ID: USER, RABTA_CLIENT_SECRET: SECRET } = process.env;
const API = `${RABTA_URL.replace(/\/$/, "")}/api/v1`;
const OURS = ["request.routed.v1", "request.reopened.v1", "request.resumed.v1"];

const seen = new Set();
let token = "";
let tokenEnds = 0;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function signIn() {
  const form = { grant_type: "client_credentials", client_id: USER, client_secret: SECRET };
  const answer = await fetch(`${API}/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  const granted = await answer.json();
  token = granted.access_token;
  tokenEnds = Date.now() + (granted.expires_in - 60) * 1000;
}

// A GET with our token, patient while the portal is busy; null for what is not with our department.
async function get(path) {
  for (;;) {
    if (Date.now() > tokenEnds) await signIn();
    const answer = await fetch(API + path, { headers: { authorization: `Bearer ${token}` } });
    if (answer.status === 404) return null;
    if (answer.ok) return answer.json();
    if (answer.status !== 429 && answer.status !== 503) throw new Error(`${path}: ${answer.status}`);
    await pause(1000);
  }
}

// Publish an action and wait for the broker's confirm; the id makes doing it again harmless.
async function act(channel, event, number, action, more = {}) {
  const body = Buffer.from(JSON.stringify({ request: number, action, ...more }));
  const properties = { persistent: true, userId: USER, messageId: `${event}/${action}`, contentType: "application/json" };
  channel.publish("rabta.actions", USER, body, properties);
  await channel.waitForConfirms();
}

// Your work: here everything is accepted and done. What we published takes effect a moment later.
async function dealWith(channel, event, number) {
  let shown = false;
  for (;;) {
    const assignment = await get(`/assignments/${number}`);
    if (assignment === null) return;
    const request = await get(`/requests/${number}`);
    if (request && !shown) {
      console.log(number, request.service, request.place, request.answers);
      shown = true;
    }
    if (shown && assignment.actions.includes("resolve")) {
      const reply = `Our crew has dealt with ${number}.`;
      return act(channel, event, number, "resolve", { outcome: "granted", reply });
    }
    if (shown && !assignment.actions.includes("accept")) return;
    await act(channel, event, number, "accept");
    await pause(200);
  }
}

// One delivery: acknowledged when it was dealt with; the same event may come more than once.
async function receive(channel, message) {
  const { "ce-id": event, "ce-type": kind, "ce-subject": number } = message.properties.headers;
  try {
    if (OURS.includes(kind) && !seen.has(event)) await dealWith(channel, event, number);
    else if (!OURS.includes(kind)) console.log(kind, number, message.content.toString());
    seen.add(event);
    channel.ack(message);
  } catch (error) {
    console.error(number, error.message);
    await pause(1000);
    channel.nack(message); // back to the queue
  }
}

// Consume until the connection ends. Whatever was not acknowledged then comes again.
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
  const channel = await connection.createConfirmChannel();
  channel.on("error", (error) => console.error("channel:", error.message));
  channel.on("close", () => connection.close().catch(() => {}));
  await channel.prefetch(10);
  await channel.consume(USER, (message) => (message ? receive(channel, message) : connection.close()));
  console.log("listening on", USER);
  await ended;
}

for (;;) {
  await consume().catch((error) => console.error("broker:", error.message));
  await pause(1000);
}
