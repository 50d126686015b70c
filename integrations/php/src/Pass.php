<?php

declare(strict_types=1);

namespace Membership;

/** What a reader may have, as long as `expiresAt` (seconds since 1970) has not come. */
final class Pass
{
    /** @param list<string> $flags */
    public function __construct(
        public readonly string $subject,
        public readonly string $state,
        public readonly array $flags,
        public readonly ?string $tier,
        public readonly string $ask,
        public readonly int $issuedAt,
        public readonly int $expiresAt,
    ) {
    }

    public function has(string $flag): bool
    {
        return in_array($flag, $this->flags, true);
    }
}
