<?php

declare(strict_types=1);

namespace Membership;

/** A pass, the site's lasting name for its reader, and for how many seconds it is good. */
final class Issued
{
    public function __construct(
        public readonly string $token,
        public readonly string $subject,
        public readonly int $expiresIn,
    ) {
    }
}
