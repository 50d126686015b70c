<?php

declare(strict_types=1);

namespace Membership\Tests;

use Membership\KeyCache;
use Membership\PassVerifier;
use Membership\Store;

require __DIR__ . '/../src/autoload.php';

/** The corpus that all libraries share; written by this project's tests, its path in CORPUS. */
final class Corpus
{
    /** @return array<string, mixed> */
    public static function read(): array
    {
        return json_decode(file_get_contents(getenv('CORPUS')), true, 64, JSON_THROW_ON_ERROR);
    }

    public static function good(): string
    {
        return self::read()['believed']['as it is made'];
    }

    public static function verifier(int $skew = 0, ?KeyCache $keys = null): PassVerifier
    {
        $corpus = self::read();
        $keys ??= new KeyCache(static fn () => $corpus['jwks'], new Memory(), time(...));
        return new PassVerifier($corpus['issuer'], $corpus['audience'], $keys, 60, static fn () => $corpus['now'] + $skew);
    }
}

/** Keeps what it is given for the length of a test. */
final class Memory implements Store
{
    /** @var array<string, mixed>|null */
    private ?array $kept = null;

    public function get(): ?array
    {
        return $this->kept;
    }

    public function set(array $kept): void
    {
        $this->kept = $kept;
    }
}
