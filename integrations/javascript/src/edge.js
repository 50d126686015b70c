/** Stand in front of a publication, at the edge: closed pages only for readers whose pass says so. */
import { BadPass } from "./verifier.js";

const OURS = "x-membership-";

/**
 * Make a handler for an edge worker or any server that speaks Request and Response.
 *
 * `flagFor(url)` names the flag that a page asks for, or null for an open one; `wall(url)` answers whoever lacks it.
 * `next(request)` fetches the page, from a cache shared by all readers if there is one: nothing in an open page's
 * request differs between them, and a closed page is fetched only after the pass was believed.
 */
export function guard({ passes, flagFor, wall, next, cookie = "membership_pass" }) {
  return async (request) => {
    const url = new URL(request.url);
    const flag = flagFor(url);
    if (flag === null) return next(withHeaders(request, {}));
    const reader = await recognise(passes, readCookie(request, cookie));
    if (reader === null || !reader.flags.has(flag)) return kept(await wall(url));
    return kept(await next(withHeaders(request, told(reader))));
  };
}

/** Who is reading: what her pass says, or null for nobody. */
async function recognise(passes, token) {
  if (token === null) return null;
  try {
    return await passes.verify(token);
  } catch (error) {
    if (error instanceof BadPass) return null;
    throw error;
  }
}

function readCookie(request, name) {
  const pairs = (request.headers.get("Cookie") ?? "").split(";").map((pair) => pair.trim());
  const found = pairs.find((pair) => pair.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

function told({ subject, state, tier, flags, ask }) {
  return { Subject: subject, State: state, Tier: tier ?? "", Flags: [...flags].join(" "), Ask: ask };
}

/** What a browser says about itself in our headers is never believed. */
function withHeaders(request, said) {
  const headers = new Headers(request.headers);
  for (const name of request.headers.keys()) if (name.startsWith(OURS)) headers.delete(name);
  for (const [name, value] of Object.entries(said)) headers.set(OURS + name, encodeURI(value));
  return new Request(request, { headers });
}

/** An answer made for one reader; no cache on the way may give it to the next. */
function kept(answer) {
  const headers = new Headers(answer.headers);
  headers.set("Cache-Control", "private, no-store");
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
