<?php

/**
 * Plugin Name:       Membership
 * Description:       Closed pieces of articles for members, an appeal for everybody else, and votes; safe with every page cache.
 * Version:           0.1.0
 * Requires at least: 6.0
 * Requires PHP:      8.1
 * License:           MIT
 * Text Domain:       membership
 * Domain Path:       /languages
 */

declare(strict_types=1);

namespace Membership\WordPress;

defined('ABSPATH') || exit;

const VERSION = '0.1.0';
const FILE = __FILE__;

require __DIR__ . '/lib/autoload.php';
foreach (['Options', 'OptionStore', 'Transport', 'Cookies', 'Door', 'HandOver', 'Closed', 'Gate', 'Pieces', 'Search', 'Warnings', 'Elements', 'Settings'] as $name) {
    require __DIR__ . "/includes/$name.php";
}

add_action('init', static function (): void {
    load_plugin_textdomain('membership', false, dirname(plugin_basename(FILE)) . '/languages');
    $door = Door::fromOptions(Options::read());
    $gate = new Gate($door);
    (new HandOver($door))->register();
    (new Pieces($door, $gate))->register();
    (new Elements($gate))->register();
    (new Search())->register();
    (new Warnings())->register();
    (new Settings())->register();
});
