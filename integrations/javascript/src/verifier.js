/** Verify a pass: ES256 and nothing else, every claim required, nothing believed that is not signed. */
import { KeyCache, KeysUnavailable } from "./keys.js";
import { decode, parseObject } from "./strict.js";

const TYPE = "membership-pass+jwt";
const LARGEST_PASS = 4_096;
const LONGEST_LIFE = 3_600;
const MOST_REMEMBERED = 10_000;
const ES256 = { name: "ECDSA", hash: "SHA-256" };

/** A pass that is not to be believed; `reason` is one word for logs: expired, signature, audience, … */
export class BadPass extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Verifies passes of one Membership (`issuer`) for one site (`audience`), offline. */
export class PassVerifier {
  #clock;
  #seen = new Map();

  /** `jwks`: an address, a function or a KeyCache. `leeway` (seconds) covers clocks that differ. */
  constructor(issuer, audience, { jwks = `${issuer}/.well-known/jwks.json`, leeway = 60, clock = () => Date.now() / 1000 } = {}) {
    this.issuer = issuer;
    this.audience = audience;
    this.leeway = leeway;
    this.keys = jwks instanceof KeyCache ? jwks : new KeyCache(jwks);
    this.#clock = clock;
  }

  /** Resolve to what a pass says, or reject with BadPass. */
  async verify(token) {
    if (typeof token !== "string" || token.length > LARGEST_PASS) throw new BadPass("size");
    let found = this.#seen.get(token);
    if (found === undefined) {
      found = await this.#open(token);
      this.#remember(token, found);
    } else {
      await this.#key(found.keyId);
    }
    this.#checkTime(found);
    return found;
  }

  async #open(token) {
    const parts = token.split(".");
    if (parts.length !== 3) throw new BadPass("form");
    const [head, body, signature] = parts;
    const kid = kidOf(read(head));
    const key = await this.#key(kid);
    const signed = new TextEncoder().encode(`${head}.${body}`);
    // WebCrypto answers false for a signature of any other length than 64 bytes.
    if (!(await crypto.subtle.verify(ES256, key, bytes(signature), signed))) throw new BadPass("signature");
    return this.#readClaims(read(body), kid);
  }

  async #key(kid) {
    let key;
    try {
      key = await this.keys.get(kid);
    } catch (error) {
      throw error instanceof KeysUnavailable ? new BadPass("keys unavailable") : error;
    }
    if (key === undefined) throw new BadPass("key");
    return key;
  }

  #readClaims(claims, keyId) {
    if (claims.iss !== this.issuer) throw new BadPass("issuer");
    if (claims.aud !== this.audience) throw new BadPass("audience");
    if (!Array.isArray(claims.flags) || !claims.flags.every((flag) => typeof flag === "string")) throw new BadPass("flags");
    return Object.freeze({
      subject: text(claims, "sub"),
      state: text(claims, "state"),
      flags: new Set(claims.flags),
      tier: claims.tier === null ? null : text(claims, "tier"),
      ask: text(claims, "ask"),
      issuedAt: seconds(claims, "iat"),
      expiresAt: seconds(claims, "exp"),
      keyId,
    });
  }

  #checkTime({ issuedAt, expiresAt }) {
    const now = this.#clock();
    if (expiresAt + this.leeway <= now) throw new BadPass("expired");
    if (issuedAt - this.leeway > now) throw new BadPass("not yet");
    const life = expiresAt - issuedAt;
    if (!(life > 0 && life <= LONGEST_LIFE)) throw new BadPass("life");
  }

  #remember(token, found) {
    this.#seen.set(token, found);
    if (this.#seen.size > MOST_REMEMBERED) this.#seen.delete(this.#seen.keys().next().value);
  }
}

function bytes(part) {
  try {
    return decode(part);
  } catch {
    throw new BadPass("form");
  }
}

function read(part) {
  try {
    return parseObject(decode(part));
  } catch {
    throw new BadPass("form");
  }
}

function kidOf(header) {
  // A closed list: crit, jwk, jku, x5u and whatever comes next are refused by not being on it.
  const names = Object.keys(header).sort().join();
  const isOurs = names === "alg,kid,typ" && header.alg === "ES256" && header.typ === TYPE && typeof header.kid === "string";
  if (!isOurs) throw new BadPass("header");
  return header.kid;
}

function text(claims, name) {
  const found = claims[name];
  if (typeof found !== "string" || found === "") throw new BadPass(name);
  return found;
}

function seconds(claims, name) {
  if (!Number.isSafeInteger(claims[name])) throw new BadPass(name);
  return claims[name];
}
