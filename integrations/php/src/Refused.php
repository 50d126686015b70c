<?php

declare(strict_types=1);

namespace Membership;

/** Membership said no; the status is 400 for the code, 401 for the key, 404 for the reader. */
final class Refused extends \RuntimeException
{
    public function __construct(public readonly int $status)
    {
        parent::__construct("Membership refused with $status");
    }
}
