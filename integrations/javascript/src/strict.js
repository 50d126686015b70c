/** Reading what strangers send: base64url and JSON without their usual leniency. */

// One spelling for each pass: the bits that a last letter does not need are none.
const BASE64URL = /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;
const STRINGS_AND_MARKS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;
const TEXT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decode base64url without padding into bytes; throws for anything else. */
export function decode(text) {
  if (!BASE64URL.test(text)) throw new SyntaxError("not base64url");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Encode bytes as base64url without padding. */
export function encode(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Parse a JSON object in which no name stands twice; throws for anything else. */
export function parseObject(bytes) {
  const text = TEXT.decode(bytes);
  const found = JSON.parse(text);
  if (found === null || typeof found !== "object" || Array.isArray(found)) throw new SyntaxError("not an object");
  if (countNames(text) !== Object.keys(found).length) throw new SyntaxError("a name stands twice");
  return found;
}

/** How many names the outermost object of a well-formed text has, each counted as often as it stands there. */
function countNames(text) {
  let depth = 0;
  let names = 0;
  for (const [token] of text.matchAll(STRINGS_AND_MARKS)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (token === ":" && depth === 1) names += 1;
  }
  return names;
}
