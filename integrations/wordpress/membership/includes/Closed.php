<?php

declare(strict_types=1);

namespace Membership\WordPress;

/**
 * Tells the closed pieces of an article from its open text, by its own reading of the marks: WordPress would take a gate
 * that is not closed for an empty one, and end an outer gate where an inner one ends.
 *
 * Whatever is not closed is closed to the end.
 */
final class Closed
{
    public const FLAG = 'paywall_free';
    /** A flag that nobody holds, where the one that is wanted cannot be read. */
    private const NOBODYS = '?';
    private const SHORTCODE = '~\[(/?)membership_gate(?![\w-])(?:([^\[\]]*)\])?~i';
    private const BLOCK = '~<!--\s*(/?)wp:membership/gate(?![\w/-])(.*?)(/?)-->~s';

    /** The same text with its blocks written as shortcodes, so that one kind of mark is left to look for. */
    public static function asShortcodes(string $text): string
    {
        return (string) preg_replace_callback(self::BLOCK, static function (array $mark): string {
            if ($mark[1] === '/') {
                return '[/membership_gate]';
            }
            $flag = json_decode(trim($mark[2]) ?: '{}', true)['flag'] ?? self::FLAG;
            $flag = is_string($flag) && preg_match('/\A[\w-]+\z/', $flag) === 1 ? $flag : self::NOBODYS;
            return "[membership_gate flag=\"$flag\"]" . ($mark[3] === '/' ? '[/membership_gate]' : '');
        }, $text);
    }

    /**
     * Split a text into what is open and what is closed, in their order; gates inside a gate stay in its piece.
     *
     * @return list<array{?string, string}> each with the flag that opens it, or null for open text
     */
    public static function split(string $text): array
    {
        [$parts, $depth, $from, $flag] = [[], 0, 0, null];
        foreach (self::marks($text) as [$start, $end, $isClosing, $wanted]) {
            if ($depth === 0 || ($isClosing && $depth === 1)) {
                $parts[] = [$flag, substr($text, $from, $start - $from)];
                $from = $end;
                $flag = $isClosing ? null : $wanted;
            }
            $depth = max(0, $depth + ($isClosing ? -1 : 1));
        }
        $parts[] = [$flag, substr($text, $from)];
        return $parts;
    }

    /** What of an article everybody may read. */
    public static function openText(string $text): string
    {
        $isOpen = static fn (array $part): bool => $part[0] === null;
        return implode(' ', array_column(array_filter(self::split(self::asShortcodes($text)), $isOpen), 1));
    }

    /** Whether a text is closed where it ends, so that a page may not end there. */
    public static function isLeftOpen(string $text): bool
    {
        $parts = self::split(self::asShortcodes($text));
        return end($parts)[0] !== null;
    }

    /** Whether there is anything closed in a text. */
    public static function isIn(string $text): bool
    {
        return preg_match(self::SHORTCODE, $text) === 1 || preg_match(self::BLOCK, $text) === 1;
    }

    /** @return list<string> the flags that the pieces of an article ask for */
    public static function flags(string $text): array
    {
        $wanted = array_column(array_filter(self::marks(self::asShortcodes($text)), static fn (array $mark) => !$mark[2]), 3);
        return array_values(array_unique($wanted));
    }

    /** @return array{unclosed: bool, stray: bool, unreadable: bool} what an editor may not have meant */
    public static function faults(string $text): array
    {
        $text = self::asShortcodes($text);
        [$depth, $isStray] = [0, false];
        foreach (self::marks($text) as [, , $isClosing]) {
            $isStray = $isStray || ($isClosing && $depth === 0);
            $depth = max(0, $depth + ($isClosing ? -1 : 1));
        }
        return ['unclosed' => $depth > 0, 'stray' => $isStray, 'unreadable' => in_array(self::NOBODYS, self::flags($text), true)];
    }

    private static function flag(string $attributes): string
    {
        if (stripos($attributes, 'flag') === false) {
            return self::FLAG;
        }
        return preg_match('/\bflag\s*=\s*(["\']?)([\w-]+)\1(?=\s|\z|\/)/i', $attributes, $found) === 1 ? $found[2] : self::NOBODYS;
    }

    /** @return list<array{int, int, bool, string}> where each mark stands and ends, whether it closes, and its flag */
    private static function marks(string $text): array
    {
        preg_match_all(self::SHORTCODE, $text, $found, PREG_SET_ORDER | PREG_OFFSET_CAPTURE);
        return array_map(static fn (array $mark): array => [
            $mark[0][1],
            $mark[0][1] + strlen($mark[0][0]),
            $mark[1][0] === '/',
            self::flag($mark[2][0] ?? ''),
        ], $found);
    }
}
