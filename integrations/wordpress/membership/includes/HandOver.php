<?php

declare(strict_types=1);

namespace Membership\WordPress;

/** The three addresses of ours on the site: sign in, be welcomed, leave. None of them may be kept by a cache. */
final class HandOver
{
    private const UNDER_WAY = 600;

    public function __construct(private readonly Door $door)
    {
    }

    public function register(): void
    {
        add_action('parse_request', $this->answer(...), 0);
    }

    private function answer(): void
    {
        $path = (string) wp_parse_url(wp_unslash($_SERVER['REQUEST_URI'] ?? ''), PHP_URL_PATH);
        foreach (['sign-in' => $this->signIn(...), 'welcome' => $this->welcome(...), 'leave' => $this->leave(...)] as $page => $act) {
            if (untrailingslashit($path) === wp_parse_url(Options::address($page), PHP_URL_PATH)) {
                nocache_headers();
                $this->send($act());
            }
        }
    }

    private function signIn(): string
    {
        $start = $this->door->client->start(Options::address('welcome'));
        $kept = ['state' => $start->state, 'verifier' => $start->verifier, 'back' => self::ownPath($_GET['back'] ?? '')];
        Cookies::keep(Cookies::START, $kept, self::UNDER_WAY);
        return $start->url;
    }

    /** Take her in if this browser asked for it, and show her what she was reading. */
    private function welcome(): string
    {
        $start = Cookies::read(Cookies::START) ?? ['state' => '', 'verifier' => '', 'back' => '/'];
        Cookies::forget(Cookies::START);
        [$code, $state] = [self::text('code'), self::text('state')];
        if ($code !== '' && $start['state'] !== '' && hash_equals($start['state'], $state)) {
            $this->door->welcome($code, $start['verifier']);
        }
        return home_url($start['back']);
    }

    private function leave(): string
    {
        // A link elsewhere that leads here may not sign a reader out.
        if (($_SERVER['REQUEST_METHOD'] ?? '') === 'POST') {
            Cookies::forget(Cookies::READER, Cookies::HINT);
        }
        return home_url('/');
    }

    private function send(string $address): never
    {
        // Where she comes from is nobody's business.
        header('Referrer-Policy: no-referrer');
        header("Location: $address", true, 303);
        exit;
    }

    private static function text(string $name): string
    {
        $said = $_GET[$name] ?? '';
        return is_string($said) ? wp_unslash($said) : '';
    }

    private static function ownPath(mixed $path): string
    {
        $path = is_string($path) ? wp_unslash($path) : '';
        return preg_match('#\A/(?![/\\\\])[\x21-\x7e]*\z#', $path) === 1 ? $path : '/';
    }
}
