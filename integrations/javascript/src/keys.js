/** The keys that verify passes, fetched seldom and kept when Membership is down. */
import { decode } from "./strict.js";

const TIMEOUT = 3_000;
const LARGEST_ANSWER = 65_536;
const REFRESHED_EVERY = 300_000;
const ASKED_AT_MOST_EVERY = 60_000;
const KEPT_WITHOUT_NEWS = 24 * 3_600_000;
const ES256 = { name: "ECDSA", namedCurve: "P-256" };

/** No keys could be fetched, and the last known ones are too old to trust. */
export class KeysUnavailable extends Error {}

/**
 * Holds the published keys: fetched again after five minutes, or for an unknown key at most once a minute.
 *
 * When they cannot be fetched, the last known ones are good for 24 hours. `isReachable` tells how the last attempt went.
 */
export class KeyCache {
  #fetch;
  #timer;
  #keys = new Map();
  #fetchedAt = -Infinity;
  #askedAt = -Infinity;
  #asking = null;

  /** `jwks` is the address of the keys, or a function that resolves to them; `timer` counts milliseconds. */
  constructor(jwks, { timer = () => Date.now() } = {}) {
    this.isReachable = false;
    this.#fetch = typeof jwks === "function" ? jwks : () => fetchKeys(jwks);
    this.#timer = timer;
  }

  /** A published key by its id, or undefined; throws KeysUnavailable. */
  async get(kid) {
    if (this.#age(this.#fetchedAt) > REFRESHED_EVERY) await this.#ask();
    if (!this.#keys.has(kid)) await this.#ask();
    if (this.#age(this.#fetchedAt) > KEPT_WITHOUT_NEWS) throw new KeysUnavailable();
    return this.#keys.get(kid);
  }

  async #ask() {
    if (this.#asking === null) {
      if (this.#age(this.#askedAt) <= ASKED_AT_MOST_EVERY) return;
      this.#asking = this.#fetchNow().finally(() => (this.#asking = null));
    }
    await this.#asking;
  }

  async #fetchNow() {
    try {
      this.#keys = await readKeys(await this.#fetch());
      this.#fetchedAt = this.#timer();
      this.isReachable = true;
    } catch {
      this.isReachable = false;
    }
    this.#askedAt = this.#timer();
  }

  #age(since) {
    return this.#timer() - since;
  }
}

async function fetchKeys(url) {
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT) });
  if (!answer.ok) throw new Error(`the keys answered with ${answer.status}`);
  const text = await answer.text();
  if (text.length > LARGEST_ANSWER) throw new Error("the keys are too large");
  return JSON.parse(text);
}

/** Read the ES256 signing keys out of a JWKS; others are left out. */
async function readKeys(jwks) {
  const ours = jwks.keys.filter(isOurs);
  return new Map(await Promise.all(ours.map(async (key) => [key.kid, await readKey(key)])));
}

function isOurs({ kty, crv, alg = "ES256", use = "sig", kid }) {
  return kty === "EC" && crv === "P-256" && alg === "ES256" && use === "sig" && typeof kid === "string";
}

function readKey({ kty, crv, x, y }) {
  decode(x);
  decode(y);
  return crypto.subtle.importKey("jwk", { kty, crv, x, y }, ES256, false, ["verify"]);
}
