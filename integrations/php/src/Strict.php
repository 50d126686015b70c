<?php

declare(strict_types=1);

namespace Membership;

/** Reading what strangers send: base64url and JSON without their usual leniency. */
final class Strict
{
    private const STRINGS_AND_MARKS = '/"(?:[^"\\\\]|\\\\.)*+"|[{}[\]:,]/s';
    private const DEEPEST = 16;

    /** Decode base64url without padding; throws for anything else. */
    public static function decode(string $text): string
    {
        if (preg_match('/\A[A-Za-z0-9_-]*\z/', $text) !== 1) {
            throw new \UnexpectedValueException('not base64url');
        }
        $bytes = base64_decode(strtr($text, '-_', '+/'), true);
        if ($bytes === false || self::encode($bytes) !== $text) {
            throw new \UnexpectedValueException('not base64url');
        }
        return $bytes;
    }

    /** Encode as base64url without padding. */
    public static function encode(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }

    /**
     * Parse a JSON object in which no name stands twice; throws for anything else.
     *
     * @return array<string, mixed>
     */
    public static function parseObject(string $json): array
    {
        $found = json_decode($json, true, self::DEEPEST, JSON_THROW_ON_ERROR);
        if (!is_array($found) || ltrim($json, " \t\r\n")[0] !== '{') {
            throw new \UnexpectedValueException('not an object');
        }
        if (self::countNames($json) !== count($found)) {
            throw new \UnexpectedValueException('a name stands twice');
        }
        return $found;
    }

    /** How many names the outermost object of a well-formed text has, each counted as often as it stands there. */
    private static function countNames(string $json): int
    {
        preg_match_all(self::STRINGS_AND_MARKS, $json, $tokens);
        $depth = $names = 0;
        foreach ($tokens[0] as $token) {
            $depth += match ($token) {
                '{', '[' => 1,
                '}', ']' => -1,
                default => 0,
            };
            $names += (int) ($token === ':' && $depth === 1);
        }
        return $names;
    }
}
