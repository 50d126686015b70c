<?php

declare(strict_types=1);

namespace Membership\WordPress;

use Membership\Store;

/** Keeps the public keys among WordPress's options, not loaded on pages that need none. */
final class OptionStore implements Store
{
    private const NAME = 'membership_keys';

    public function get(): ?array
    {
        $kept = get_option(self::NAME);
        return is_array($kept) ? $kept : null;
    }

    public function set(array $kept): void
    {
        update_option(self::NAME, $kept, false);
    }
}
