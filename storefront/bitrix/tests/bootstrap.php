<?php

// Finds the classes of the tests. Those of the product and of the core are brought by whoever tests them.

error_reporting(E_ALL);

spl_autoload_register(static function (string $class): void {
    if (strpos($class, 'Rig\\') !== 0) {
        return;
    }
    foreach (['stack', 'core', 'static'] as $folder) {
        $file = __DIR__ . "/$folder/" . substr($class, strlen('Rig\\')) . '.php';
        if (is_file($file)) {
            require_once $file;
            return;
        }
    }
});

require_once __DIR__ . '/core/autoload.php';
require_once __DIR__ . '/unit/bootstrap.php';
