<?php

/** For sites without Composer: `require 'src/autoload.php';` */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Membership\\')) {
        $file = __DIR__ . '/' . substr($class, strlen('Membership\\')) . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
