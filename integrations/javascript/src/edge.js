/** Stand in front of a publication, at the edge: closed pages only for readers whose pass says so. */
import { BadPass } from "./verifier.js";

const OURS = "x-membership-";

/**
 * Make a handler for an edge worker or any server that speaks Request and Response.
 *
 * `flagFor(url)` names the flag that a page asks for, or null for an open one; `wall(url)` answers whoever lacks it.
 * `next(request)` fetches the page, from a cache shared by all readers if there is one: nothing of ours in an open page's
 * request differs between them (her pass stays here), and a closed page is fetched only after the pass was believed.
 */
export function guard({ passes, flagFor, wall, next, cookie = "membership_pass" }) {
  return async (request) => {
    const url = new URL(request.url);
    const flag = strictest(flagFor, url);
    if (flag === null) return next(withHeaders(request, {}, cookie));
    const reader = await recognise(passes, readCookie(request, cookie));
    if (reader === null || !reader.flags.has(flag)) return kept(await wall(url));
    return kept(await next(withHeaders(request, told(reader))));
  };
}

/** The flag of a page by whichever spelling of its path an origin may take for it; closed if one of them is. */
function strictest(flagFor, url) {
  const plain = new URL(url);
  plain.pathname = decoded(url.pathname).replaceAll(/[/\\]+/g, "/");
  const small = new URL(plain);
  small.pathname = plain.pathname.toLowerCase();
  return [url, plain, small].map(flagFor).find((flag) => flag !== null) ?? null;
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
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
function withHeaders(request, said, without = "") {
  const headers = new Headers(request.headers);
  const cookies = (headers.get("Cookie") ?? "").split("; ").filter((pair) => !without || !pair.startsWith(`${without}=`));
  if (headers.has("Cookie")) headers.set("Cookie", cookies.join("; "));
  if (headers.get("Cookie") === "") headers.delete("Cookie");
  // To PHP and CGI an underscore is the same as a hyphen.
  for (const name of request.headers.keys()) if (name.replaceAll("_", "-").startsWith(OURS)) headers.delete(name);
  for (const [name, value] of Object.entries(said)) headers.set(OURS + name, encodeURI(value));
  return new Request(request, { headers });
}

/** An answer made for one reader; no cache on the way may give it to the next. */
function kept(answer) {
  const headers = new Headers(answer.headers);
  headers.set("Cache-Control", "private, no-store");
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
