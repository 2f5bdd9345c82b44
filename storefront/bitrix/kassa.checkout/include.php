<?php

use Bitrix\Main\Loader;

// The handler extends classes of sale, and brings the classes of its folder.
if (Loader::includeModule('sale')) {
    require_once __DIR__ . '/handler/kassa/handler.php';
}
