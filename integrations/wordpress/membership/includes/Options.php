<?php

declare(strict_types=1);

namespace Membership\WordPress;

/** What the newsroom set: where Membership is, and who this site is to it. */
final class Options
{
    public const NAME = 'membership';

    private function __construct(
        public readonly string $url,
        public readonly string $site,
        public readonly string $key,
        public readonly string $audience,
    ) {
    }

    public static function read(): self
    {
        $kept = get_option(self::NAME, []) + ['url' => '', 'site' => '', 'key' => '', 'audience' => ''];
        // A key in wp-config.php stays out of the database and its backups.
        $key = defined('MEMBERSHIP_KEY') ? (string) constant('MEMBERSHIP_KEY') : $kept['key'];
        return new self($kept['url'], $kept['site'], $key, $kept['audience'] ?: untrailingslashit(home_url()));
    }

    public function areComplete(): bool
    {
        return $this->url !== '' && $this->site !== '' && $this->key !== '';
    }

    /** Where she becomes a member; the article goes along when she follows the link, to lead her back to it. */
    public function supportPage(string $article): string
    {
        return "$this->url/?" . http_build_query(['from' => $article]);
    }

    /** An address of ours on this site, whatever its permalinks; the welcome is the one to register. */
    public static function address(string $page): string
    {
        return home_url((get_option('permalink_structure') ? '' : '/index.php') . "/membership/$page");
    }
}
