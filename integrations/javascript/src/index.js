/** Know a reader's membership from a signed pass. Web standards only: edge workers, Node 20, Deno, Bun. */
export { Membership, Refused, Unreachable } from "./client.js";
export { guard } from "./edge.js";
export { KeyCache, KeysUnavailable } from "./keys.js";
export { BadPass, PassVerifier } from "./verifier.js";
