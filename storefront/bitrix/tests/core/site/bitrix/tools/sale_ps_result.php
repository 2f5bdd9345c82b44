<?php

// The address that all pay systems share: whoever says first that a message is his gets it. The result is looked at by nobody.

define('STOP_STATISTICS', true);
define('NO_AGENT_CHECK', true);
define('NOT_CHECK_PERMISSIONS', true);
define('DisableEventsCheck', true);

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_before.php';

Bitrix\Main\Loader::includeModule('sale');
$request = Bitrix\Main\Context::getCurrent()->getRequest();
$item = Bitrix\Sale\PaySystem\Manager::searchByRequest($request);
if ($item !== false) {
    (new Bitrix\Sale\PaySystem\Service($item))->processRequest($request);
}
