<?php

declare(strict_types=1);

namespace Membership;

/** No keys could be fetched, and the last known ones are too old to trust. */
final class KeysUnavailable extends \RuntimeException
{
}
