/** The back channel: what a site's server asks Membership, with its key. Never in a browser. */
import { encode } from "./strict.js";

const TIMEOUT = 3_000;
// Whatever else there is between the two sites may say 403 or 429, too; that is no word about a reader.
const REFUSALS = new Set([400, 401, 404]);

/** Membership does not answer now; go on with the pass you have until it expires. */
export class Unreachable extends Error {}

/** Membership said no; `status` is its HTTP status: 400 the code, 401 the key, 404 the reader. */
export class Refused extends Error {
  constructor(status) {
    super(`Membership refused with ${status}`);
    this.status = status;
  }
}

/** One site's way to ask: `url` is Membership's public address, `site` the site's slug, `key` its secret. */
export class Membership {
  #key;

  constructor(url, site, key) {
    this.url = url.replace(/\/+$/, "");
    this.site = site;
    this.#key = key;
  }

  /**
   * Begin a hand-over: redirect the reader to `url`, keep `state` and `verifier` in her session until she is back.
   * Silent asks nothing of a reader who is not signed in.
   */
  async start(returnUrl, { silent = false } = {}) {
    const [state, verifier] = [random(24), random(48)];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const challenge = encode(new Uint8Array(digest));
    const wish = new URLSearchParams({ site: this.site, return: returnUrl, challenge, state });
    if (silent) wish.set("prompt", "none");
    return { url: `${this.url}/access/handover?${wish}`, state, verifier };
  }

  /** Exchange the code that the reader brought for her pass. Rejects with Refused or Unreachable. */
  async collect(code, verifier) {
    return issued(await this.#post("/access/token", { code, verifier }));
  }

  /** Get a fresh pass for a known reader, without her. Rejects with Refused or Unreachable. */
  async renew(subject) {
    return issued(await this.#post("/access/pass", { subject }));
  }

  /** Ask what a known reader may have now. Rejects with Refused or Unreachable. */
  decide(subject) {
    return this.#send(`/api/v1/access/${encodeURIComponent(subject)}`, {});
  }

  #post(path, body) {
    const headers = { "Content-Type": "application/json" };
    return this.#send(path, { method: "POST", body: JSON.stringify(body), headers });
  }

  async #send(path, { headers, ...options }) {
    const authorised = { ...headers, Authorization: `Bearer ${this.#key}` };
    let answer;
    try {
      // A redirect would carry the key to wherever it points.
      const bounded = { redirect: "error", signal: AbortSignal.timeout(TIMEOUT) };
      answer = await fetch(this.url + path, { ...options, ...bounded, headers: authorised });
      if (answer.ok) return await answer.json();
    } catch (error) {
      throw new Unreachable("Membership does not answer", { cause: error });
    }
    throw REFUSALS.has(answer.status) ? new Refused(answer.status) : new Unreachable(`Membership answers ${answer.status}`);
  }
}

function issued({ pass, subject, expires_in: expiresIn }) {
  if (typeof pass !== "string" || typeof subject !== "string" || !Number.isInteger(expiresIn)) {
    throw new Unreachable("Membership gave no pass");
  }
  return { token: pass, subject, expiresIn };
}

function random(length) {
  return encode(crypto.getRandomValues(new Uint8Array(length)));
}
