<?php

/** Install a WordPress with articles in the empty database of wp-config.php, as its own installer does; prints ids. */

declare(strict_types=1);

define('WP_INSTALLING', true);
[, $folder, $settings] = $argv;
require "$folder/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

add_filter('pre_wp_mail', '__return_true');
wp_install('The Open Daily', 'editor', 'editor@example.org', true, '', 'a-long-password');
update_option('membership', json_decode($settings, true));
update_option('permalink_structure', '/%postname%/');
update_option('posts_per_page', 50);
update_option('posts_per_rss', 50);
switch_theme('twentytwentyone');
// The list of the latest articles beside every page would stand among what a search finds.
update_option('sidebars_widgets', ['wp_inactive_widgets' => []]);

activate_plugin('membership/membership.php') === null || exit(1);
// What its `init` does, which was over before the plugin came; and articles as an editor may write them.
(new Membership\WordPress\Search())->register();
kses_remove_filters();

$articles = [
    'river' => ['post_content' => "Open words.\n\n[membership_gate]The secret of the river.[/membership_gate]\n\n[membership_appeal]"],
    'block' => ['post_content' => "<!-- wp:membership/gate {\"flag\":\"vote\"} --><!-- wp:paragraph --><p>The secret of the block.</p><!-- /wp:paragraph --><!-- /wp:membership/gate -->"],
    'pages' => ['post_content' => "One.[membership_gate]Secret one.[/membership_gate]<!--nextpage-->Two.[membership_gate]Secret two.[/membership_gate]"],
    'draft' => ['post_content' => '[membership_gate]The secret of the draft.[/membership_gate]', 'post_status' => 'draft'],
    'locked' => ['post_content' => '[membership_gate]The secret of the locked.[/membership_gate]', 'post_password' => 'x'],
    'unclosed' => ['post_content' => "Open bank.\n\n[membership_gate]The secret of the ferry.\n\nMore of the secret.<!--nextpage-->Secret page."],
    'nested' => ['post_content' => 'Open.[membership_gate]Secret outer. [membership_gate flag="gold"]Secret inner.[/membership_gate] Secret after the inner.[/membership_gate] Open end.'],
    'split' => ['post_content' => 'Open.[membership_gate]Secret one.<!--more-->Secret two.<!--nextpage-->Secret three.[/membership_gate]Open end.<!--nextpage-->Last page.'],
    'group' => ['post_content' => '<!-- wp:group --><div class="wp-block-group"><!-- wp:membership/gate --><!-- wp:paragraph --><p>Secret of the group.</p><!-- /wp:paragraph --></div><!-- /wp:group --><!-- wp:paragraph --><p>Secret after the group.</p><!-- /wp:paragraph -->'],
    'curly' => ['post_content' => 'Open. 5 < 6 [membership_gate flag=”vote”]Secret of curls.[/membership_gate] <!-- [/membership_gate] --> Open end.'],
    'changed' => ['post_content' => 'Open meadow. [membership_gate]The secret of the meadow.[/membership_gate]'],
    'vote' => ['post_content' => '[membership_vote round="winter"]'],
];
$ids = [];
foreach ($articles as $name => $article) {
    $ids[$name] = wp_insert_post($article + ['post_title' => $name, 'post_name' => $name, 'post_status' => 'publish', 'post_author' => 1]);
}
echo json_encode($ids);
