// A request is filed, listed and accepted through the types that openapi-typescript wrote from Rabta's description.
// ../README.md says how to make rabta.d.ts, and what this needs from the environment; `npm run check` checks the types.

import createClient from "openapi-fetch";

/** @typedef {import("./rabta.d.ts").paths} Paths */

/** @param {string} name */
function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** @param {string} [token] */
function clientWith(token) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  /** @type {ReturnType<typeof createClient<Paths>>} */
  const client = createClient({ baseUrl: setting("RABTA_URL"), headers });
  return client;
}

// The client of the department's own software. The token endpoint takes a form.
async function signIn() {
  const { data, error } = await clientWith().POST("/api/v1/oauth/token", {
    body: {
      grant_type: "client_credentials",
      client_id: setting("RABTA_CLIENT_ID"),
      client_secret: setting("RABTA_CLIENT_SECRET"),
    },
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  if (!data) throw new Error(JSON.stringify(error));
  return clientWith(data.access_token);
}

async function fileRequest() {
  const { data, error } = await clientWith(setting("RABTA_CITIZEN_TOKEN")).POST("/api/v1/requests", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: JSON.parse(setting("RABTA_FILING")),
  });
  if (!data) throw new Error(JSON.stringify(error));
  return data.number;
}

/**
 * @param {ReturnType<typeof clientWith>} department
 * @param {string} number
 */
async function waitFor(department, number) {
  for (;;) {
    const { data, error } = await department.GET("/api/v1/assignments");
    if (!data) throw new Error(JSON.stringify(error));
    if (data.assignments.some((line) => line.number === number)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/**
 * Accept the revision that we have read.
 * @param {ReturnType<typeof clientWith>} department
 * @param {string} number
 */
async function accept(department, number) {
  const path = { number };
  const { response } = await department.GET("/api/v1/assignments/{number}", { params: { path } });
  const { data, error } = await department.POST("/api/v1/assignments/{number}/accept", {
    params: { path, header: { "If-Match": response.headers.get("ETag") ?? "" } },
    body: {},
  });
  if (!data) throw new Error(JSON.stringify(error));
  return data.state;
}

const department = await signIn();
const number = await fileRequest();
await waitFor(department, number);
console.log(number, await accept(department, number));
