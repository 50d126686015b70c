import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { Membership, Refused, Unreachable } from "../src/index.js";

const KEY = "sk_site";
let [server, url, answer, asked] = [];

before(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked = { path: request.url, method: request.method, key: request.headers.authorization, body };
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => (server.closeAllConnections(), server.close()));

const says = (status, body, headers = {}) => (answer = { status, headers, body: JSON.stringify(body) });
const membership = () => new Membership(`${url}/`, "daily", KEY);

test("a hand-over keeps its secret and shows only its hash", async () => {
  const { url: to, state, verifier } = await membership().start("https://daily.test/welcome", { silent: true });
  const wish = new URL(to).searchParams;
  assert.equal(wish.get("challenge"), createHash("sha256").update(verifier).digest("base64url"));
  assert.deepEqual([wish.get("state"), wish.get("site"), wish.get("prompt")], [state, "daily", "none"]);
  assert.ok(!to.includes(verifier));
});

test("a code becomes a pass, asked with the site's key", async () => {
  says(200, { pass: "a.b.c", subject: "s", expires_in: 600 });
  assert.deepEqual(await membership().collect("code", "verifier"), { token: "a.b.c", subject: "s", expiresIn: 600 });
  assert.deepEqual(asked, {
    path: "/access/token",
    method: "POST",
    key: `Bearer ${KEY}`,
    body: '{"code":"code","verifier":"verifier"}',
  });
});

test("a subject cannot reach another path", async () => {
  says(200, { state: "active" });
  assert.equal((await membership().decide("../keys?a")).state, "active");
  assert.equal(asked.path, "/api/v1/access/..%2Fkeys%3Fa");
});

for (const status of [400, 401, 404]) {
  test(`${status} is a refusal`, async () => {
    says(status, {});
    await assert.rejects(membership().renew("s"), (error) => error instanceof Refused && error.status === status);
  });
}

for (const status of [403, 429, 500, 503]) {
  test(`${status} is no word about a reader`, async () => {
    says(status, {});
    await assert.rejects(membership().renew("s"), Unreachable);
  });
}

test("the key is never carried along a redirect", async () => {
  says(302, {}, { Location: `${url}/elsewhere` });
  await assert.rejects(membership().renew("s"), Unreachable);
  assert.equal(asked.path, "/access/pass");
});

test("an answer without a pass is none", async () => {
  says(200, { hello: 1 });
  await assert.rejects(membership().renew("s"), Unreachable);
});

test("nobody there is unreachable", () =>
  assert.rejects(new Membership("http://127.0.0.1:9", "daily", KEY).renew("s"), Unreachable));
