<?php

declare(strict_types=1);

namespace Membership;

/** Where to send the reader; keep `state` and `verifier` in her browser's session until she is back. */
final class Start
{
    public function __construct(
        public readonly string $url,
        public readonly string $state,
        public readonly string $verifier,
    ) {
    }
}
