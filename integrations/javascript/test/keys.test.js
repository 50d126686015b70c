import assert from "node:assert/strict";
import test from "node:test";
import { KeyCache, KeysUnavailable } from "../src/index.js";
import { corpus } from "./corpus.js";

const KID = corpus.jwks.keys[0].kid;
const DAY = 24 * 3_600_000;

function source() {
  const self = { asked: 0, now: 0, isDown: false, jwks: corpus.jwks };
  const fetch = async () => {
    self.asked += 1;
    if (self.isDown) throw new Error("down");
    return self.jwks;
  };
  self.keys = new KeyCache(fetch, { timer: () => self.now });
  return self;
}

test("keys are fetched once for many passes, however many ask at once", async () => {
  const self = source();
  await Promise.all(Array.from({ length: 100 }, () => self.keys.get(KID)));
  assert.ok(await self.keys.get(KID));
  assert.equal(self.asked, 1);
});

test("unknown keys ask at most once a minute", async () => {
  const self = source();
  for (self.now = 0; self.now < 100_000; self.now += 1_000) await self.keys.get(`guess-${self.now}`);
  assert.equal(self.asked, 2);
});

test("a removed key dies in five minutes", async () => {
  const self = source();
  assert.ok(await self.keys.get(KID));
  [self.jwks, self.now] = [{ keys: [] }, 300_001];
  assert.equal(await self.keys.get(KID), undefined);
});

test("the last known keys are good for a day without news, and not longer", async () => {
  const self = source();
  await self.keys.get(KID);
  [self.isDown, self.now] = [true, DAY];
  assert.ok(await self.keys.get(KID));
  assert.equal(self.keys.isReachable, false);
  self.now = DAY + 1;
  await assert.rejects(self.keys.get(KID), KeysUnavailable);
});

test("what is no key of ours is left out", async () => {
  const self = source();
  const [ours] = corpus.jwks.keys;
  self.jwks = { keys: [{ kty: "RSA", kid: "rsa" }, { ...ours, kid: "other", alg: "ES384" }, { ...ours, kid: 7 }, ours] };
  assert.ok(await self.keys.get(KID));
  for (const kid of ["rsa", "other", "7"]) assert.equal(await self.keys.get(kid), undefined);
});

test("nonsense instead of keys changes nothing", async () => {
  const self = source();
  await self.keys.get(KID);
  [self.jwks, self.now] = ["<html>", 300_001];
  assert.ok(await self.keys.get(KID));
});
