<?php

declare(strict_types=1);

namespace Membership\WordPress;

use Membership\Refused;
use Membership\Unreachable;

/** The settings page: where Membership is, who we are to it, and whether the two understand each other. */
final class Settings
{
    private const PAGE = 'membership';

    public function register(): void
    {
        add_action('admin_menu', function (): void {
            $name = __('Membership', 'membership');
            add_options_page($name, $name, 'manage_options', self::PAGE, $this->show(...));
        });
        add_action('admin_init', function (): void {
            register_setting(self::PAGE, Options::NAME, ['sanitize_callback' => $this->sanitize(...)]);
        });
    }

    /** @return array<string, string> what is kept; an empty key field leaves the key as it is */
    public function sanitize(mixed $said): array
    {
        $said = (is_array($said) ? $said : []) + ['url' => '', 'site' => '', 'key' => '', 'audience' => ''];
        $kept = get_option(Options::NAME, []) + ['key' => '', 'url' => ''];
        $url = untrailingslashit(esc_url_raw(trim($said['url']), ['https', 'http']));
        if ($url === '') {
            add_settings_error(Options::NAME, 'url', __('Give the address of Membership, as https://members.example.org.', 'membership'));
            $url = $kept['url'];
        }
        return [
            'url' => $url,
            'site' => sanitize_title($said['site']),
            'key' => trim($said['key']) ?: $kept['key'],
            'audience' => sanitize_text_field($said['audience']),
        ];
    }

    private function show(): void
    {
        $options = Options::read();
        echo '<div class="wrap"><h1>', esc_html__('Membership', 'membership'), '</h1>';
        echo '<p>', esc_html__('Register this site once, where Membership runs; the key is shown once:', 'membership'), '</p>';
        echo '<pre><code>', esc_html($this->command($options)), '</code></pre>';
        echo '<form method="post" action="options.php">';
        settings_fields(self::PAGE);
        echo '<table class="form-table" role="presentation">';
        $this->field('url', __('Address of Membership', 'membership'), 'url', $options->url);
        $this->field('site', __('Name of this site there', 'membership'), 'text', $options->site);
        $this->field('key', __('Key of this site', 'membership'), 'password', '', $options->key === '' ? '' : __('A key is kept; leave this empty to keep it.', 'membership'));
        $this->field('audience', __('Audience', 'membership'), 'text', $options->audience);
        echo '</table>';
        submit_button();
        echo '</form><h2>', esc_html__('Connection', 'membership'), '</h2><p>', esc_html($this->check($options)), '</p></div>';
    }

    private function command(Options $options): string
    {
        $site = $options->site ?: sanitize_title((string) get_option('blogname')) ?: 'my-site';
        return "flask sites add $site --name " . escapeshellarg((string) get_option('blogname'))
            . ' --return-url ' . Options::address('welcome') . " --audience $options->audience";
    }

    private function field(string $name, string $label, string $type, string $value, string $note = ''): void
    {
        printf(
            '<tr><th scope="row"><label for="membership-%1$s">%2$s</label></th><td><input class="regular-text" id="membership-%1$s"'
            . ' name="%5$s[%1$s]" type="%3$s" value="%4$s" autocomplete="off"><p class="description">%6$s</p></td></tr>',
            esc_attr($name),
            esc_html($label),
            esc_attr($type),
            esc_attr($value),
            esc_attr(Options::NAME),
            esc_html($note),
        );
    }

    /** Ask for a reader that nobody is: the right answer is that Membership does not know her. */
    private function check(Options $options): string
    {
        if (!$options->areComplete()) {
            return __('Not connected yet.', 'membership');
        }
        try {
            Door::fromOptions($options)->client->decide('nobody');
        } catch (Refused $refusal) {
            return match ($refusal->status) {
                404 => __('It works: Membership answers and knows this site.', 'membership'),
                401 => __('Membership does not know this key. Make a new one with flask sites rotate-key.', 'membership'),
                default => __('Membership answers, but not as it should. Is the address right?', 'membership'),
            };
        } catch (Unreachable) {
            return __('Membership does not answer at this address. Open articles stay open, closed ones closed.', 'membership');
        }
        return __('Membership answers, but not as it should. Is the address right?', 'membership');
    }
}
