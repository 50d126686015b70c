<?php

declare(strict_types=1);

namespace Membership;

/**
 * Holds the published keys: fetched again after five minutes, or for an unknown key at most once a minute.
 *
 * When they cannot be fetched, the last known ones are good for 24 hours.
 */
final class KeyCache
{
    private const REFRESHED_EVERY = 300;
    private const ASKED_AT_MOST_EVERY = 60;
    private const KEPT_WITHOUT_NEWS = 24 * 3600;
    private const NEVER = ['fetched_at' => 0, 'asked_at' => 0, 'keys' => []];
    /** The beginning of every P-256 key's SubjectPublicKeyInfo, up to the uncompressed point. */
    private const P256 = '3059301306072a8648ce3d020106082a8648ce3d030107034200' . '04';

    /** @var array{fetched_at: int, asked_at: int, keys: array<string, string>} */
    private array $kept;

    /**
     * @param \Closure(): array<string, mixed> $fetch gives the JWKS, or throws
     * @param \Closure(): int $clock
     */
    public function __construct(
        private readonly \Closure $fetch,
        private readonly Store $store,
        private readonly \Closure $clock,
    ) {
        $this->kept = ($store->get() ?? []) + self::NEVER;
    }

    /** A published key by its id as PEM, or null; throws KeysUnavailable. */
    public function get(string $kid): ?string
    {
        if ($this->age('fetched_at') > self::REFRESHED_EVERY || !isset($this->kept['keys'][$kid])) {
            $this->ask();
        }
        if ($this->age('fetched_at') > self::KEPT_WITHOUT_NEWS) {
            throw new KeysUnavailable('no keys');
        }
        return $this->kept['keys'][$kid] ?? null;
    }

    private function ask(): void
    {
        if ($this->age('asked_at') <= self::ASKED_AT_MOST_EVERY) {
            return;
        }
        $now = ($this->clock)();
        // Said before it is done: the requests beside this one go on with what is known.
        $this->keep(['asked_at' => $now]);
        try {
            $this->keep(['fetched_at' => $now, 'keys' => self::read(($this->fetch)())]);
        } catch (\Exception | \TypeError) {
            return;
        }
    }

    /** @param array<string, mixed> $news */
    private function keep(array $news): void
    {
        $this->kept = $news + $this->kept;
        $this->store->set($this->kept);
    }

    private function age(string $since): int
    {
        return ($this->clock)() - $this->kept[$since];
    }

    /**
     * Read the ES256 signing keys out of a JWKS; others are left out.
     *
     * @param array<string, mixed> $jwks
     * @return array<string, string>
     */
    private static function read(array $jwks): array
    {
        $keys = [];
        foreach ($jwks['keys'] ?? throw new \UnexpectedValueException('no keys') as $key) {
            if (is_array($key) && self::isOurs($key)) {
                $keys[$key['kid']] = self::toPem($key['x'], $key['y']);
            }
        }
        return $keys;
    }

    /** @param array<string, mixed> $key */
    private static function isOurs(array $key): bool
    {
        return ($key['kty'] ?? null) === 'EC' && ($key['crv'] ?? null) === 'P-256'
            && ($key['alg'] ?? 'ES256') === 'ES256' && ($key['use'] ?? 'sig') === 'sig' && is_string($key['kid'] ?? null);
    }

    private static function toPem(string $x, string $y): string
    {
        [$x, $y] = [Strict::decode($x), Strict::decode($y)];
        if (strlen($x) !== 32 || strlen($y) !== 32) {
            throw new \UnexpectedValueException('not a point of P-256');
        }
        $der = base64_encode(hex2bin(self::P256) . $x . $y);
        return "-----BEGIN PUBLIC KEY-----\n" . chunk_split($der, 64, "\n") . "-----END PUBLIC KEY-----\n";
    }
}
