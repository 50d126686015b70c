<?php

declare(strict_types=1);

namespace Membership;

/** Where the keys are kept from one request to the next; PHP itself forgets them. */
interface Store
{
    /** @return array<string, mixed>|null what was kept last, or null */
    public function get(): ?array;

    /** @param array<string, mixed> $kept */
    public function set(array $kept): void;
}
