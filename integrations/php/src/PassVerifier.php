<?php

declare(strict_types=1);

namespace Membership;

/** Verifies passes of one Membership (`issuer`) for one site (`audience`), offline: ES256 and nothing else. */
final class PassVerifier
{
    private const TYPE = 'membership-pass+jwt';
    private const LARGEST_PASS = 4096;
    private const LONGEST_LIFE = 3600;

    private readonly \Closure $clock;

    /**
     * @param int $leeway covers clocks that differ, in seconds
     * @param (\Closure(): int)|null $clock
     */
    public function __construct(
        private readonly string $issuer,
        private readonly string $audience,
        private readonly KeyCache $keys,
        private readonly int $leeway = 60,
        ?\Closure $clock = null,
    ) {
        $this->clock = $clock ?? time(...);
    }

    /** Return what a pass says, or throw BadPass. */
    public function verify(string $token): Pass
    {
        if (strlen($token) > self::LARGEST_PASS) {
            throw new BadPass('size');
        }
        $parts = explode('.', $token);
        if (count($parts) !== 3) {
            throw new BadPass('form');
        }
        try {
            [$head, $body, $signature] = array_map(Strict::decode(...), $parts);
            $this->checkSignature(self::readKid(Strict::parseObject($head)), "$parts[0].$parts[1]", $signature);
            $found = $this->readClaims(Strict::parseObject($body));
        } catch (\UnexpectedValueException | \JsonException $error) {
            throw new BadPass('form', 0, $error);
        }
        $this->checkTime($found);
        return $found;
    }

    private function checkSignature(string $kid, string $signed, string $signature): void
    {
        try {
            $key = $this->keys->get($kid) ?? throw new BadPass('key');
        } catch (KeysUnavailable $error) {
            throw new BadPass('keys unavailable', 0, $error);
        }
        if (strlen($signature) !== 64 || openssl_verify($signed, self::toDer($signature), $key, OPENSSL_ALGO_SHA256) !== 1) {
            throw new BadPass('signature');
        }
    }

    /** @param array<string, mixed> $header */
    private static function readKid(array $header): string
    {
        ksort($header);
        // A closed list: crit, jwk, jku, x5u and whatever comes next are refused by not being on it.
        $isOurs = array_keys($header) === ['alg', 'kid', 'typ']
            && $header['alg'] === 'ES256' && $header['typ'] === self::TYPE && is_string($header['kid']);
        return $isOurs ? $header['kid'] : throw new BadPass('header');
    }

    /** Two numbers side by side, as ES256 has them, in the form that OpenSSL reads. */
    private static function toDer(string $signature): string
    {
        $numbers = '';
        foreach (str_split($signature, 32) as $half) {
            $number = ltrim($half, "\0");
            $number = $number === '' || ord($number[0]) > 0x7f ? "\0$number" : $number;
            $numbers .= "\x02" . chr(strlen($number)) . $number;
        }
        return "\x30" . chr(strlen($numbers)) . $numbers;
    }

    /** @param array<string, mixed> $claims */
    private function readClaims(array $claims): Pass
    {
        if (($claims['iss'] ?? null) !== $this->issuer) {
            throw new BadPass('issuer');
        }
        if (($claims['aud'] ?? null) !== $this->audience) {
            throw new BadPass('audience');
        }
        if (!array_key_exists('tier', $claims)) {
            throw new BadPass('tier');
        }
        return new Pass(
            subject: self::text($claims, 'sub'),
            state: self::text($claims, 'state'),
            flags: self::texts($claims, 'flags'),
            tier: $claims['tier'] === null ? null : self::text($claims, 'tier'),
            ask: self::text($claims, 'ask'),
            issuedAt: self::seconds($claims, 'iat'),
            expiresAt: self::seconds($claims, 'exp'),
        );
    }

    private function checkTime(Pass $found): void
    {
        $now = ($this->clock)();
        if ($found->expiresAt + $this->leeway <= $now) {
            throw new BadPass('expired');
        }
        if ($found->issuedAt - $this->leeway > $now) {
            throw new BadPass('not yet');
        }
        $life = $found->expiresAt - $found->issuedAt;
        if ($life <= 0 || $life > self::LONGEST_LIFE) {
            throw new BadPass('life');
        }
    }

    /** @param array<string, mixed> $claims */
    private static function text(array $claims, string $name): string
    {
        $found = $claims[$name] ?? null;
        return is_string($found) && $found !== '' ? $found : throw new BadPass($name);
    }

    /**
     * @param array<string, mixed> $claims
     * @return list<string>
     */
    private static function texts(array $claims, string $name): array
    {
        $found = $claims[$name] ?? null;
        $areTexts = is_array($found) && array_is_list($found) && array_filter($found, is_string(...)) === $found;
        return $areTexts ? $found : throw new BadPass($name);
    }

    /** @param array<string, mixed> $claims */
    private static function seconds(array $claims, string $name): int
    {
        $found = $claims[$name] ?? null;
        return is_int($found) ? $found : throw new BadPass($name);
    }
}
