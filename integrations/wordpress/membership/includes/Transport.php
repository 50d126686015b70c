<?php

declare(strict_types=1);

namespace Membership\WordPress;

use Membership\Unreachable;

/** Asks by WordPress's own means, so that proxies and certificates set there count here. */
final class Transport
{
    private const DOWN = 'membership_down';
    private const PATIENCE_AFTER_FAILURE = 30;

    /**
     * @param array<string, string> $headers
     * @return array{int, string}
     */
    public static function send(string $method, string $url, array $headers, string $body): array
    {
        if (get_transient(self::DOWN)) {
            throw new Unreachable('Membership did not answer a moment ago');
        }
        $bounds = ['timeout' => 3, 'redirection' => 0, 'limit_response_size' => 65_536];
        $answer = wp_remote_request($url, ['method' => $method, 'headers' => $headers, 'body' => $body] + $bounds);
        if (is_wp_error($answer)) {
            set_transient(self::DOWN, 1, self::PATIENCE_AFTER_FAILURE);
            throw new Unreachable($answer->get_error_message());
        }
        return [(int) wp_remote_retrieve_response_code($answer), wp_remote_retrieve_body($answer)];
    }
}
