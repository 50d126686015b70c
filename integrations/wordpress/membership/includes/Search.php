<?php

declare(strict_types=1);

namespace Membership\WordPress;

/**
 * Finds articles by their open words only: whoever may not read a closed piece could guess it by searching.
 *
 * The open text of an article with closed pieces is kept beside it when it is saved, under the sum of what it was taken
 * from; while there is none, the article is found by its title and excerpt.
 */
final class Search
{
    private const OPEN = '_membership_open';
    private const SUM = 32;

    public function register(): void
    {
        add_action('save_post', $this->keepOpenText(...), 10, 2);
        add_filter('posts_search', $this->onlyOpen(...));
        add_filter('posts_search_orderby', $this->onlyOpen(...));
        // An excerpt that nobody wrote is made of open text, whatever WordPress made of it.
        add_filter('get_the_excerpt', $this->excerpt(...), 11, 2);
    }

    private function keepOpenText(int $id, \WP_Post $post): void
    {
        if (wp_is_post_revision($id) || !Closed::isIn($post->post_content)) {
            delete_metadata('post', $id, self::OPEN);
            return;
        }
        $kept = md5($post->post_content) . Closed::openText($post->post_content);
        update_metadata('post', $id, self::OPEN, wp_slash($kept));
    }

    /** Have a part of a query look at open text where it looks at an article; `_` of words that are sought is escaped. */
    private function onlyOpen(string $sql): string
    {
        if (current_user_can('edit_others_posts')) {
            return $sql;
        }
        $content = $GLOBALS['wpdb']->posts . '.post_content';
        return str_replace("$content ", $this->openColumn($content) . ' ', $sql);
    }

    private function openColumn(string $content): string
    {
        [$posts, $metas, $open, $sum] = [$GLOBALS['wpdb']->posts, $GLOBALS['wpdb']->postmeta, self::OPEN, self::SUM];
        return "(CASE WHEN LOCATE('membership_gate', $content) = 0 AND LOCATE('wp:membership/gate', $content) = 0 THEN $content"
            . " ELSE COALESCE((SELECT SUBSTRING(membership.meta_value, $sum + 1) FROM $metas membership"
            . " WHERE membership.post_id = $posts.ID AND membership.meta_key = '$open'"
            . " AND LEFT(membership.meta_value, $sum) = MD5($content) LIMIT 1), '') END)";
    }

    private function excerpt(string $text, ?\WP_Post $post = null): string
    {
        $post = get_post($post);
        if ($post === null || trim($post->post_excerpt) !== '' || !Closed::isIn($post->post_content)) {
            return $text;
        }
        $open = excerpt_remove_blocks(strip_shortcodes(Closed::openText($post->post_content)));
        $length = (int) apply_filters('excerpt_length', 55);
        return wp_trim_words($open, $length, apply_filters('excerpt_more', ' […]'));
    }
}
