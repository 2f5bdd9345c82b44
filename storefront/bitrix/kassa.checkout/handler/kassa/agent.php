<?php

/**
 * The core evaluates an include of this file (Poll::call): asks Kassa about what is open and gives the next call.
 */

use Bitrix\Main\Loader;
use Kassa\Checkout\Poll;

// The handler extends classes of this module, and brings the classes of this folder.
if (!Loader::includeModule('sale')) {
    return '';
}
require_once __DIR__ . '/handler.php';

return Poll::run();
