<?php

declare(strict_types=1);

namespace Membership\WordPress;

/** What a newsroom puts into its pages: the gate, the appeal and a vote, as shortcodes and as blocks. */
final class Elements
{
    public function __construct(private readonly Gate $gate)
    {
    }

    public function register(): void
    {
        add_shortcode('membership_gate', $this->gate->render(...));
        add_shortcode('membership_appeal', $this->appeal(...));
        add_shortcode('membership_vote', $this->vote(...));
        $this->registerScripts();
        $blocks = ['gate' => $this->gate->render(...), 'appeal' => $this->appeal(...), 'vote' => $this->vote(...)];
        foreach ($blocks as $name => $render) {
            register_block_type("membership/$name", [
                'api_version' => 2,
                'attributes' => ['flag' => ['type' => 'string'], 'round' => ['type' => 'string']],
                'editor_script' => 'membership-blocks',
                'render_callback' => $render,
            ]);
        }
        // embed.js asks this site for the pass, so that it works on every domain and agrees with view.js.
        add_filter('script_loader_tag', static fn (string $tag, string $handle): string => $handle === 'membership-embed'
            ? str_replace(' src=', sprintf(' data-pass="%s" referrerpolicy="no-referrer" src=', esc_url(rest_url('membership/v1/pass'))), $tag)
            : $tag, 10, 2);
        add_action('template_redirect', $this->gate->begin(...), 0);
        add_filter('content_pagination', $this->gate->keepWhole(...));
        foreach (['the_content', 'widget_text_content', 'widget_block_content'] as $text) {
            // Before blocks are written out; then between WordPress's last word on paragraphs and its shortcodes.
            add_filter($text, Closed::asShortcodes(...), 7);
            add_filter($text, $this->gate->close(...), 10);
        }
        add_action('wp_enqueue_scripts', static function (): void {
            wp_enqueue_script('membership');
            wp_enqueue_style('membership');
        });
    }

    private function registerScripts(): void
    {
        $at = static fn (string $file): string => plugins_url("assets/$file", FILE);
        wp_register_script('membership', $at('view.js'), [], VERSION, false);
        wp_localize_script('membership', 'membershipPieces', [
            'url' => rest_url('membership/v1/pieces/'),
            'reader' => rest_url('membership/v1/reader'),
            'membership' => Options::read()->url . '/',
            'path' => COOKIEPATH ?: '/',
        ]);
        wp_register_style('membership', $at('view.css'), [], VERSION);
        wp_register_script('membership-blocks', $at('blocks.js'), ['wp-blocks', 'wp-block-editor', 'wp-components', 'wp-data', 'wp-element', 'wp-i18n', 'wp-notices'], VERSION, true);
        wp_register_script('membership-embed', Options::read()->url . '/embed.js', [], null, true);
    }

    /** @param array<string, string>|string $attributes */
    private function appeal(array|string $attributes, ?string $content): string
    {
        $words = trim((string) $content) !== ''
            ? do_shortcode((string) $content)
            : '<p>' . esc_html__('Our reporting is open to all because readers pay for it.', 'membership') . '</p>';
        $join = Options::read()->supportPage((string) get_permalink());
        $link = sprintf('<p><a href="%s" referrerpolicy="no-referrer">%s</a></p>', esc_url($join), esc_html__('Support us', 'membership'));
        return "<aside class=\"membership-appeal\">$words$link</aside>";
    }

    /** @param array<string, string>|string $attributes */
    private function vote(array|string $attributes): string
    {
        $round = is_array($attributes) ? sanitize_title($attributes['round'] ?? '') : '';
        if ($round === '') {
            return '';
        }
        wp_enqueue_script('membership-embed');
        $address = Options::read()->url . "/vote/$round";
        $link = sprintf('<a href="%s" referrerpolicy="no-referrer">%s</a>', esc_url($address), esc_html__('Choose what we cover next', 'membership'));
        return sprintf('<membership-vote round="%s">%s</membership-vote>', esc_attr($round), $link);
    }
}
