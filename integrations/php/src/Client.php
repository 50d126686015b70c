<?php

declare(strict_types=1);

namespace Membership;

/** The back channel: what a site's server asks Membership, with its key. */
final class Client
{
    private const TIMEOUT = 3.0;
    private const LARGEST_ANSWER = 65_536;
    // Whatever else there is between the two sites may say 403 or 429, too; that is no word about a reader.
    private const REFUSALS = [400, 401, 404];

    public readonly string $url;
    private readonly \Closure $send;

    /**
     * `$send` (method, url, headers, body) gives [status, body] and follows no redirect; streams by default.
     *
     * @param (\Closure(string, string, array<string, string>, string): array{int, string})|null $send
     */
    public function __construct(
        string $url,
        private readonly string $site,
        private readonly string $key,
        ?\Closure $send = null,
    ) {
        $this->url = rtrim($url, '/');
        $this->send = $send ?? self::sendByStream(...);
    }

    /** Begin a hand-over; silent asks nothing of a reader who is not signed in. */
    public function start(string $returnUrl, bool $silent = false): Start
    {
        [$state, $verifier] = [Strict::encode(random_bytes(24)), Strict::encode(random_bytes(48))];
        $challenge = Strict::encode(hash('sha256', $verifier, true));
        $wish = ['site' => $this->site, 'return' => $returnUrl, 'challenge' => $challenge, 'state' => $state];
        $query = http_build_query($wish + ($silent ? ['prompt' => 'none'] : []), '', '&', PHP_QUERY_RFC3986);
        return new Start("$this->url/access/handover?$query", $state, $verifier);
    }

    /** Exchange the code that the reader brought for her pass; throws Refused or Unreachable. */
    public function collect(string $code, string $verifier): Issued
    {
        return $this->issue('/access/token', ['code' => $code, 'verifier' => $verifier]);
    }

    /** Get a fresh pass for a known reader, without her; throws Refused or Unreachable. */
    public function renew(string $subject): Issued
    {
        return $this->issue('/access/pass', ['subject' => $subject]);
    }

    /**
     * Ask what a known reader may have now; throws Refused or Unreachable.
     *
     * @return array<string, mixed>
     */
    public function decide(string $subject): array
    {
        return $this->ask('GET', '/api/v1/access/' . rawurlencode($subject), $this->authorised());
    }

    /**
     * Fetch the public keys that verify passes; throws Refused or Unreachable.
     *
     * @return array<string, mixed>
     */
    public function fetchKeys(): array
    {
        return $this->ask('GET', '/.well-known/jwks.json', []);
    }

    /** @param array<string, string> $wish */
    private function issue(string $path, array $wish): Issued
    {
        $headers = $this->authorised() + ['Content-Type' => 'application/json'];
        $answer = $this->ask('POST', $path, $headers, json_encode($wish, JSON_THROW_ON_ERROR));
        ['pass' => $pass, 'subject' => $subject, 'expires_in' => $seconds]
            = $answer + ['pass' => null, 'subject' => null, 'expires_in' => null];
        if (!is_string($pass) || !is_string($subject) || !is_int($seconds)) {
            throw new Unreachable('Membership gave no pass');
        }
        return new Issued($pass, $subject, $seconds);
    }

    /**
     * @param array<string, string> $headers
     * @return array<string, mixed>
     */
    private function ask(string $method, string $path, array $headers, string $body = ''): array
    {
        [$status, $answer] = ($this->send)($method, $this->url . $path, $headers, $body);
        if (in_array($status, self::REFUSALS, true)) {
            throw new Refused($status);
        }
        $found = $status === 200 ? json_decode($answer, true) : null;
        return is_array($found) ? $found : throw new Unreachable("Membership answers $status");
    }

    /** @return array<string, string> */
    private function authorised(): array
    {
        return ['Authorization' => "Bearer $this->key"];
    }

    /**
     * @param array<string, string> $headers
     * @return array{int, string}
     */
    private static function sendByStream(string $method, string $url, array $headers, string $body): array
    {
        $lines = array_map(static fn ($name, $value) => "$name: $value", array_keys($headers), $headers);
        // A redirect would carry the key to wherever it points.
        $rules = ['follow_location' => 0, 'ignore_errors' => true, 'timeout' => self::TIMEOUT];
        $http = ['method' => $method, 'header' => $lines, 'content' => $body] + $rules;
        $answer = @file_get_contents($url, false, stream_context_create(['http' => $http]), 0, self::LARGEST_ANSWER);
        if ($answer === false) {
            throw new Unreachable('Membership does not answer');
        }
        return [(int) explode(' ', $http_response_header[0])[1], $answer];
    }
}
