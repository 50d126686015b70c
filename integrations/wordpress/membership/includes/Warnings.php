<?php

declare(strict_types=1);

namespace Membership\WordPress;

/** Tells whoever edits an article what its gates do that she may not mean. */
final class Warnings
{
    public const FIELD = 'membership_warning';

    public function register(): void
    {
        add_action('admin_notices', $this->inClassicEditor(...));
        add_action('rest_api_init', function (): void {
            $types = get_post_types(['show_in_rest' => true]);
            $schema = ['type' => 'string', 'context' => ['edit'], 'readonly' => true];
            $read = fn (array $post): string => $this->about((string) get_post_field('post_content', $post['id'], 'raw'));
            register_rest_field($types, self::FIELD, ['get_callback' => $read, 'schema' => $schema]);
        });
    }

    /** What is wrong with the gates of an article, or nothing. */
    public function about(string $text): string
    {
        ['unclosed' => $unclosed, 'stray' => $stray, 'unreadable' => $unreadable] = Closed::faults($text);
        return implode(' ', array_filter([
            $unclosed ? __('A piece for members is not closed: everything after [membership_gate] is for members. Add [/membership_gate] where it should end.', 'membership') : '',
            $stray ? __('There is a [/membership_gate] with no [membership_gate] before it. It closes nothing.', 'membership') : '',
            $unreadable ? __('The flag of a piece for members cannot be read, so nobody can read the piece. Write it as flag="paywall_free".', 'membership') : '',
        ]));
    }

    private function inClassicEditor(): void
    {
        $post = get_current_screen()?->base === 'post' ? get_post() : null;
        $warning = $post === null ? '' : $this->about($post->post_content);
        if ($warning !== '') {
            printf('<div class="notice notice-warning"><p>%s</p></div>', esc_html($warning));
        }
    }
}
