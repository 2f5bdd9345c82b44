<?php

/**
 * For the folder form: one line in /local/php_interface/init.php includes this, and the order form gets its button.
 */

use Bitrix\Main\EventManager;
use Bitrix\Main\Loader;

EventManager::getInstance()->addEventHandlerCompatible(
    'main',
    'OnAdminContextMenuShow',
    static function (&$items): void {
        if (Loader::includeModule('sale')) {
            require_once __DIR__ . '/handler.php';
            Kassa\Checkout\Admin::button($items);
        }
    }
);
