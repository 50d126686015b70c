<?php

declare(strict_types=1);

namespace Membership\WordPress;

use Membership\Pass;

/**
 * A closed piece of an article.
 *
 * In the page itself stands only the wall, the same for everybody, so that any cache may keep the page. The piece comes
 * by a second request that no cache keeps, or, without a script, on a page of its own that none keeps either.
 */
final class Gate
{
    public const OPEN = 'membership';

    /** @var array<string, string>|null the pieces collected for a request, or null while a page is rendered */
    private ?array $collected = null;
    private ?Pass $reader = null;

    public function __construct(private readonly Door $door)
    {
    }

    /** Begin a page that is rendered for one reader only, when she asked for it so. */
    public function begin(): void
    {
        if (!isset($_GET[self::OPEN]) || is_admin()) {
            return;
        }
        nocache_headers();
        header('Cache-Control: private, no-store');
        defined('DONOTCACHEPAGE') || define('DONOTCACHEPAGE', true);
        $article = is_singular() ? get_queried_object() : null;
        $wanted = $article instanceof \WP_Post ? Closed::flags($article->post_content) : [];
        $this->reader = $this->door->recognise(...$wanted);
    }

    /** Close the pieces of what WordPress is about to show; `$html` is written out but for its shortcodes. */
    public function close(string $html): string
    {
        $parts = Closed::split($html);
        $isLeftOpen = end($parts)[0] !== null;
        $html = $this->join($parts, $this->collected === null ? $this->show(...) : $this->collect(...));
        // What would have ended these elements is behind the wall.
        return $isLeftOpen ? force_balance_tags($html) : $html;
    }

    /**
     * For a gate where no text passes close(), as in a template.
     *
     * @param array<string, string>|string $attributes
     */
    public function render(array|string $attributes, ?string $content): string
    {
        $flag = is_array($attributes) ? (string) ($attributes['flag'] ?? Closed::FLAG) : Closed::FLAG;
        return do_shortcode($this->show($flag, (string) $content));
    }

    /** @return array<string, string> the pieces of an article that this reader may see, by their names */
    public function pieces(\WP_Post $post, ?Pass $reader): array
    {
        [$this->collected, $this->reader] = [[], $reader];
        $GLOBALS['post'] = $post;
        setup_postdata($post);
        foreach ($GLOBALS['pages'] as $page) {
            apply_filters('the_content', $page);
        }
        wp_reset_postdata();
        [$found, $this->collected] = [$this->collected, null];
        return $found;
    }

    /**
     * Let no page of an article end within a closed piece: what follows would be open.
     *
     * @param list<string> $pages
     * @return list<string>
     */
    public function keepWhole(array $pages): array
    {
        $whole = [];
        foreach ($pages as $page) {
            $last = array_key_last($whole);
            if ($last !== null && Closed::isLeftOpen($whole[$last])) {
                $whole[$last] .= $page;
            } else {
                $whole[] = $page;
            }
        }
        return array_map($this->dropMore(...), $whole);
    }

    /** The teaser of an article ends at its `more`, unless that stands in a closed piece. */
    private function dropMore(string $page): string
    {
        $before = preg_split('/<!--more(.*?)?-->/', $page, 2);
        $isWithin = count($before) === 2 && Closed::isLeftOpen($before[0]);
        return $isWithin ? (string) preg_replace('/<!--(more(.*?)?|noteaser)-->/', '', $page) : $page;
    }

    /** @param list<array{?string, string}> $parts */
    private function join(array $parts, \Closure $answer): string
    {
        return implode('', array_map(static fn (array $part) => $part[0] === null ? $part[1] : $answer(...$part), $parts));
    }

    /** The piece for who may see it on a page of her own, the wall for everybody else. */
    private function show(string $flag, string $piece): string
    {
        if (doing_filter('get_the_excerpt')) {
            return '';
        }
        $isOpen = $this->mayRead($flag) || current_user_can('edit_post', (int) get_the_ID());
        return $isOpen ? $this->open($piece) : $this->wall($flag, self::name($flag, $piece));
    }

    private function collect(string $flag, string $piece): string
    {
        if ($this->mayRead($flag)) {
            $this->collected[self::name($flag, $piece)] = do_shortcode($this->open($piece));
        }
        return '';
    }

    /** A piece whose own gates ask for their own flags. */
    private function open(string $piece): string
    {
        return $this->join(Closed::split($piece), $this->show(...));
    }

    private function mayRead(string $flag): bool
    {
        return $this->reader !== null && $this->reader->has($flag);
    }

    /** A name that is the same on every page of an article, and says nothing of what is in it. */
    private static function name(string $flag, string $content): string
    {
        return substr(wp_hash($flag . trim($content)), 0, 16);
    }

    private function wall(string $flag, string $piece): string
    {
        $address = (string) get_permalink();
        $open = add_query_arg(self::OPEN, 'open', $address);
        $back = (string) wp_parse_url($open, PHP_URL_PATH) . '?' . (string) wp_parse_url($open, PHP_URL_QUERY);
        return sprintf(
            '<section class="membership-gate" data-post="%d" data-piece="%s" data-flag="%s"><p>%s</p>'
            . '<p><a class="membership-join" href="%s" referrerpolicy="no-referrer">%s</a> <a href="%s" rel="nofollow">%s</a> '
            . '<a class="membership-open" href="%s" rel="nofollow">%s</a></p></section>',
            (int) get_the_ID(),
            $piece,
            esc_attr($flag),
            esc_html__('The rest of this article is for members.', 'membership'),
            esc_url(Options::read()->supportPage($address)),
            esc_html__('Become a member', 'membership'),
            esc_url(add_query_arg('back', rawurlencode($back), Options::address('sign-in'))),
            esc_html__('I am a member already', 'membership'),
            esc_url($open),
            esc_html__('Read on', 'membership'),
        );
    }
}
