// Fetches a department's messages over HTTPS and stores them. Needs nothing but Node 20.
// README.md says what it needs from the environment. Store first and acknowledge then; work from what is stored.
import { open } from "node:fs/promises";

const { RABTA_URL, RABTA_CLIENT_ID, RABTA_CLIENT_SECRET, RABTA_SUBSCRIPTION, RABTA_INBOX = "inbox.jsonl" } = process.env;
const subscription = `${RABTA_URL}/api/v1/department/subscriptions/${RABTA_SUBSCRIPTION}`;
const FIRST_PAUSE = 5_000, MAX_PAUSE = 300_000;
const inbox = await open(RABTA_INBOX, "a");
let token = "";

async function signIn() { // a token lives ten minutes
  const form = { grant_type: "client_credentials", client_id: RABTA_CLIENT_ID, client_secret: RABTA_CLIENT_SECRET };
  const answer = await fetch(`${RABTA_URL}/api/v1/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
  if (!answer.ok) throw new Error(`sign-in: ${answer.status}`);
  token = (await answer.json()).access_token;
}

async function post(act, body) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const answer = await fetch(`${subscription}/${act}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (answer.status === 401) {
    await signIn();
    return post(act, body);
  }
  if (!answer.ok) throw new Error(`${act}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function store(messages) { // a message can come twice: its id is the same
  await inbox.appendFile(messages.map((message) => JSON.stringify(message) + "\n").join(""));
  await inbox.sync();
  for (const message of messages) console.log(message.number, message.type, message.subject);
}

async function take() {
  const leased = await post("lease", { limit: 50, seconds: 60 });
  if (leased.messages.length === 0) return false;
  await store(leased.messages);
  await post("ack", { lease: leased.lease });
  return true;
}

console.log("listening on", RABTA_SUBSCRIPTION);
for (let pause = FIRST_PAUSE; ;) {
  let waits = true;
  try {
    waits = !(await take());
    pause = FIRST_PAUSE;
  } catch (error) { // the portal is away, or has enough of us: wait, longer each time
    console.log("tried again:", error.message);
    pause = Math.min(pause * 2, MAX_PAUSE);
  }
  if (waits) await new Promise((done) => setTimeout(done, pause));
}
