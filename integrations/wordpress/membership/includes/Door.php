<?php

declare(strict_types=1);

namespace Membership\WordPress;

use Membership\BadPass;
use Membership\Client;
use Membership\Issued;
use Membership\KeyCache;
use Membership\Pass;
use Membership\PassVerifier;
use Membership\Refused;
use Membership\Unreachable;

/** Knows readers by their passes; asks Membership once per reader and pass life, and never for a page view. */
final class Door
{
    private const KEPT_FOR = 30 * DAY_IN_SECONDS;
    private const RENEWED_BEFORE_END = 120;
    private const UNKNOWN = 404;
    /** A younger pass is news enough, whatever may have happened since. */
    private const ASKED_AT_MOST_EVERY = 5;
    private const PATIENCE_AFTER_FAILURE = 30;

    private bool $isDown = false;

    public function __construct(public readonly Client $client, private readonly PassVerifier $passes)
    {
    }

    public static function fromOptions(Options $options): self
    {
        $client = new Client($options->url, $options->site, $options->key, Transport::send(...));
        $keys = new KeyCache($client->fetchKeys(...), new OptionStore(), time(...));
        return new self($client, new PassVerifier($client->url, $options->audience, $keys));
    }

    /**
     * Who is asking, or null for nobody; may set cookies, so only before anything is sent and where no cache keeps it.
     *
     * Of a reader who lacks a flag that is wanted here Membership is asked anew: she may have paid a moment ago.
     */
    public function recognise(string ...$wanted): ?Pass
    {
        return $this->meet(static fn (Pass $known): bool => array_diff($wanted, $known->flags) !== []);
    }

    /** As recognise(), for a reader who was at Membership meanwhile. */
    public function recogniseAnew(): ?Pass
    {
        return $this->meet(static fn (Pass $known): bool => true);
    }

    /** The pass of whoever is asking, for the script of this very site, or null; as recognise() in what it may do. */
    public function pass(): ?string
    {
        $kept = $this->recognise() === null ? null : Cookies::read(Cookies::READER);
        return $kept === null ? null : $kept['token'];
    }

    /** Whether Membership did not answer when it was asked, so that nothing is known of her. */
    public function isDown(): bool
    {
        return $this->isDown;
    }

    /** Take a reader in who came back with a code; false when Membership does not vouch for her. */
    public function welcome(string $code, string $verifier): bool
    {
        try {
            return $this->keep($this->client->collect($code, $verifier)) !== null;
        } catch (Refused | Unreachable) {
            return false;
        }
    }

    /** @param \Closure(Pass): bool $mayHaveChanged */
    private function meet(\Closure $mayHaveChanged): ?Pass
    {
        $kept = Cookies::read(Cookies::READER);
        if ($kept === null) {
            return null;
        }
        $known = $this->verify($kept['token']);
        $isGood = $known !== null && $known->expiresAt - time() > self::RENEWED_BEFORE_END
            && (time() - $known->issuedAt < self::ASKED_AT_MOST_EVERY || !$mayHaveChanged($known));
        return $isGood ? $known : $this->renew($kept['subject'], $known);
    }

    private function renew(string $subject, ?Pass $known): ?Pass
    {
        try {
            return $this->keep($this->client->renew($subject));
        } catch (Refused $refusal) {
            if ($refusal->status !== self::UNKNOWN) {
                return $known;
            }
            Cookies::forget(Cookies::READER, Cookies::HINT);
            return null;
        } catch (Unreachable) {
            $this->isDown = true;
            // Nothing is known of her, so she is not asked for anything.
            $known !== null || Cookies::hint('unknown.none..' . (time() + self::PATIENCE_AFTER_FAILURE), self::KEPT_FOR);
            return $known;
        }
    }

    private function keep(Issued $issued): ?Pass
    {
        $found = $this->verify($issued->token);
        if ($found !== null) {
            Cookies::keep(Cookies::READER, ['token' => $issued->token, 'subject' => $issued->subject], self::KEPT_FOR);
            $hint = [$found->state, $found->ask, implode('+', $found->flags), $found->expiresAt];
            Cookies::hint(implode('.', $hint), self::KEPT_FOR);
        }
        return $found;
    }

    private function verify(string $token): ?Pass
    {
        try {
            return $this->passes->verify($token);
        } catch (BadPass) {
            return null;
        }
    }
}
