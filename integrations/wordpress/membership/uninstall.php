<?php

declare(strict_types=1);

defined('WP_UNINSTALL_PLUGIN') || exit;

delete_option('membership');
delete_option('membership_keys');
delete_transient('membership_down');
delete_post_meta_by_key('_membership_open');
