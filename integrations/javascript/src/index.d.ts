export interface Pass {
  readonly subject: string;
  readonly state: string;
  readonly flags: ReadonlySet<string>;
  readonly tier: string | null;
  readonly ask: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly keyId: string;
}

export type Jwks = { keys: object[] };

export class BadPass extends Error {
  readonly reason: string;
}

export class KeysUnavailable extends Error {}

export class KeyCache {
  constructor(jwks: string | (() => Jwks | Promise<Jwks>), options?: { timer?: () => number });
  readonly isReachable: boolean;
  get(kid: string): Promise<CryptoKey | undefined>;
}

export class PassVerifier {
  constructor(
    issuer: string,
    audience: string,
    options?: { jwks?: string | (() => Jwks | Promise<Jwks>) | KeyCache; leeway?: number; clock?: () => number },
  );
  readonly keys: KeyCache;
  verify(token: string): Promise<Pass>;
}

export class Unreachable extends Error {}

export class Refused extends Error {
  readonly status: number;
}

export interface Issued {
  readonly token: string;
  readonly subject: string;
  readonly expiresIn: number;
}

export class Membership {
  constructor(url: string, site: string, key: string);
  start(returnUrl: string, options?: { silent?: boolean }): Promise<{ url: string; state: string; verifier: string }>;
  collect(code: string, verifier: string): Promise<Issued>;
  renew(subject: string): Promise<Issued>;
  decide(subject: string): Promise<Record<string, unknown>>;
}

export function guard(options: {
  passes: PassVerifier;
  flagFor(url: URL): string | null;
  wall(url: URL): Response | Promise<Response>;
  next(request: Request): Response | Promise<Response>;
  cookie?: string;
}): (request: Request) => Promise<Response>;
