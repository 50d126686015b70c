import assert from "node:assert/strict";
import test from "node:test";
import { PassVerifier, guard } from "../src/index.js";
import { corpus, good } from "./corpus.js";

const passes = new PassVerifier(corpus.issuer, corpus.audience, { jwks: () => corpus.jwks, clock: () => corpus.now });

function stand(options = {}) {
  const seen = [];
  const handle = guard({
    passes,
    flagFor: (url) => (url.pathname.startsWith("/members/") ? "vote" : null),
    wall: (url) => new Response(`closed: ${url.pathname}`, { status: 403 }),
    next: (request) => (seen.push(request), new Response("a page", { headers: { "Cache-Control": "public, max-age=60" } })),
    ...options,
  });
  const ask = (path, headers = {}) => handle(new Request(`https://daily.test${path}`, { headers }));
  return { ask, seen };
}

test("an open page is the same for everybody and stays cacheable", async () => {
  const { ask, seen } = stand();
  const answer = await ask("/", { "X-Membership-Flags": "vote", Cookie: `membership_pass=${good}` });
  assert.equal(seen[0].headers.get("Cookie"), null);
  assert.equal(answer.headers.get("Cache-Control"), "public, max-age=60");
  assert.equal(seen[0].headers.get("X-Membership-Flags"), null);
});

test("no spelling of a header passes for ours", async () => {
  const { ask, seen } = stand();
  await ask("/", { X_Membership_Flags: "vote", "X-Membership_State": "active", "X_Membership-Tier": "gold" });
  assert.deepEqual([...seen[0].headers.keys()], []);
});

test("a closed page is for who has the flag, and for no cache", async () => {
  const { ask, seen } = stand();
  const answer = await ask("/members/a", { Cookie: `a=b; membership_pass=${good}`, "X-Membership-Ask": "full" });
  assert.equal(await answer.text(), "a page");
  assert.equal(answer.headers.get("Cache-Control"), "private, no-store");
  assert.equal(seen[0].headers.get("X-Membership-Subject"), corpus.claims.sub);
  assert.equal(seen[0].headers.get("X-Membership-Ask"), "none");
});

test("no spelling of its address opens a closed page", async () => {
  for (const path of ["/%6dembers/a", "//members/a", "/members%2Fa", "/MEMBERS/a", "/open/../members/a", "/members%5Ca", "/%E0/../members/a"]) {
    const { ask, seen } = stand();
    assert.deepEqual([path, (await ask(path)).status, seen.length], [path, 403, 0]);
  }
});

test("nobody, a bad pass and a pass without the flag meet the wall", async () => {
  const plain = corpus.believed["no tier and no flags"];
  for (const cookie of ["", "membership_pass=nonsense", `membership_pass=${plain}`, `other_membership_pass=${good}`]) {
    const { ask, seen } = stand();
    const answer = await ask("/members/a", cookie ? { Cookie: cookie } : {});
    assert.deepEqual([answer.status, await answer.text(), seen.length], [403, "closed: /members/a", 0]);
    assert.equal(answer.headers.get("Cache-Control"), "private, no-store");
  }
});

test("when keys cannot be fetched, closed pages stay closed and open ones open", async () => {
  const dark = new PassVerifier(corpus.issuer, corpus.audience, { jwks: () => Promise.reject(new Error("down")) });
  const { ask } = stand({ passes: dark });
  assert.equal((await ask("/members/a", { Cookie: `membership_pass=${good}` })).status, 403);
  assert.equal((await ask("/")).status, 200);
});

test("words of every alphabet fit into a header", async () => {
  const { ask, seen } = stand({ flagFor: () => "перегляд" });
  await ask("/", { Cookie: `membership_pass=${corpus.believed["with words of every alphabet"]}` });
  assert.equal(decodeURI(seen[0].headers.get("X-Membership-Tier")), "Друг");
});
