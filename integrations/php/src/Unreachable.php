<?php

declare(strict_types=1);

namespace Membership;

/** Membership does not answer now; go on with the pass you have until it expires. */
final class Unreachable extends \RuntimeException
{
}
