<?php

declare(strict_types=1);

namespace Membership\WordPress;

/** What a reader's browser keeps: signed by this site where we must believe it, plain where it is only a hint. */
final class Cookies
{
    /** Her pass and the name under which it is renewed. */
    public const READER = 'membership_reader';
    /** State, appeal, flags and until when they are believed, for the page's own script; opens nothing. */
    public const HINT = 'membership_hint';
    /** A hand-over under way. */
    public const START = 'membership_start';

    /** @param array<string, mixed> $kept */
    public static function keep(string $name, array $kept, int $seconds): void
    {
        $text = base64_encode(wp_json_encode($kept));
        $_COOKIE[$name] = $text . '.' . self::sign($name, $text);
        self::send($name, $_COOKIE[$name], $seconds, httponly: true);
    }

    public static function hint(string $text, int $seconds): void
    {
        self::send(self::HINT, $text, $seconds, httponly: false);
    }

    public static function forget(string ...$names): void
    {
        foreach ($names as $name) {
            self::send($name, '', -DAY_IN_SECONDS, httponly: true);
            unset($_COOKIE[$name]);
        }
    }

    /** @return array<string, mixed>|null what we kept ourselves, or null */
    public static function read(string $name): ?array
    {
        $said = $_COOKIE[$name] ?? '';
        [$text, $signature] = explode('.', is_string($said) ? wp_unslash($said) : '', 2) + ['', ''];
        if ($text === '' || !hash_equals(self::sign($name, $text), $signature)) {
            return null;
        }
        return json_decode((string) base64_decode($text, true), true);
    }

    private static function sign(string $name, string $text): string
    {
        return hash_hmac('sha256', "$name.$text", wp_salt('auth'));
    }

    private static function send(string $name, string $value, int $seconds, bool $httponly): void
    {
        $rules = ['expires' => time() + $seconds, 'path' => COOKIEPATH ?: '/', 'secure' => is_ssl(), 'samesite' => 'Lax'];
        setcookie($name, $value, $rules + ['httponly' => $httponly]);
    }
}
