import assert from "node:assert/strict";
import test from "node:test";
import { BadPass, KeyCache, PassVerifier } from "../src/index.js";
import { corpus, good } from "./corpus.js";

const make = ({ now = corpus.now, jwks = () => corpus.jwks } = {}) =>
  new PassVerifier(corpus.issuer, corpus.audience, { jwks, clock: () => now });

for (const [name, token] of Object.entries(corpus.refused)) {
  test(`refuses ${name}`, () => assert.rejects(make().verify(token), BadPass));
}

for (const [name, token] of Object.entries(corpus.believed)) {
  test(`believes ${name}`, async () => assert.ok(await make().verify(token)));
}

test("refuses what is no text", () => assert.rejects(make().verify(["a"]), BadPass));

test("a good pass says what the reader may have", async () => {
  const found = await make().verify(good);
  const { sub, state, tier, ask, iat, exp, flags } = corpus.claims;
  assert.deepEqual(
    [found.subject, found.state, found.tier, found.ask, found.issuedAt, found.expiresAt, [...found.flags]],
    [sub, state, tier, ask, iat, exp, flags],
  );
});

test("a pass works within the leeway and not beyond", async () => {
  assert.ok(await make({ now: corpus.now + 649 }).verify(good));
  await assert.rejects(make({ now: corpus.now + 650 }).verify(good), { reason: "expired" });
  await assert.rejects(make({ now: corpus.now - 71 }).verify(good), { reason: "not yet" });
});

test("a pass seen before is remembered, and still expires", async () => {
  let now = corpus.now;
  const passes = new PassVerifier(corpus.issuer, corpus.audience, { jwks: () => corpus.jwks, clock: () => now });
  assert.equal(await passes.verify(good), await passes.verify(good));
  now += 700;
  await assert.rejects(passes.verify(good), { reason: "expired" });
});

test("a pass seen before dies with its key", async () => {
  let [milliseconds, jwks] = [0, corpus.jwks];
  const keys = new KeyCache(() => jwks, { timer: () => milliseconds });
  const passes = make({ jwks: keys });
  await passes.verify(good);
  [milliseconds, jwks] = [300_001, { keys: [] }];
  await assert.rejects(passes.verify(good), { reason: "key" });
});
