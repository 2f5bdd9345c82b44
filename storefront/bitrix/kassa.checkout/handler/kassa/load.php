<?php

/**
 * The classes of this folder. It is copied as it is, so nothing is asked of the site's autoloader.
 */

use Bitrix\Main\EventManager;
use Kassa\Checkout\Desk;

foreach (['admin', 'answer', 'bill', 'client', 'desk', 'draft', 'money', 'notice', 'outcome', 'poll'] as $part) {
    require_once __DIR__ . "/$part.php";
}
require_once __DIR__ . '/signature.php';
require_once __DIR__ . '/waiting.php';

EventManager::getInstance()->addEventHandler('sale', 'OnSaleOrderSaved', [Desk::class, 'saved']);
