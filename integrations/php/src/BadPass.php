<?php

declare(strict_types=1);

namespace Membership;

/** A pass that is not to be believed; its message is one word for logs: expired, signature, audience, … */
final class BadPass extends \RuntimeException
{
}
