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
switch_theme('twentytwentyone');
activate_plugin('membership/membership.php') === null || exit(1);

$articles = [
    'river' => ['post_content' => "Open words.\n\n[membership_gate]The secret of the river.[/membership_gate]\n\n[membership_appeal]"],
    'block' => ['post_content' => "<!-- wp:membership/gate {\"flag\":\"vote\"} --><!-- wp:paragraph --><p>The secret of the block.</p><!-- /wp:paragraph --><!-- /wp:membership/gate -->"],
    'pages' => ['post_content' => "One.[membership_gate]Secret one.[/membership_gate]<!--nextpage-->Two.[membership_gate]Secret two.[/membership_gate]"],
    'draft' => ['post_content' => '[membership_gate]The secret of the draft.[/membership_gate]', 'post_status' => 'draft'],
    'locked' => ['post_content' => '[membership_gate]The secret of the locked.[/membership_gate]', 'post_password' => 'x'],
    'vote' => ['post_content' => '[membership_vote round="winter"]'],
];
$ids = [];
foreach ($articles as $name => $article) {
    $ids[$name] = wp_insert_post($article + ['post_title' => $name, 'post_name' => $name, 'post_status' => 'publish', 'post_author' => 1]);
}
echo json_encode($ids);
