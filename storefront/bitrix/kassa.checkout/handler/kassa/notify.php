<?php

/**
 * Kassa's webhook. It works where it is, and wherever on the site it is copied.
 *
 * 200 {"ok":true}: saved. 401: not from Kassa. 422: the order cannot take it, so Kassa keeps it and tells its operator.
 * 503: it could not be saved now, Kassa sends it again.
 */

use Bitrix\Main\Application;
use Bitrix\Main\Loader;
use Bitrix\Sale\PaySystem\Logger;
use Bitrix\Sale\PaySystem\Manager;
use Kassa\Checkout\Notice;

foreach (['STOP_STATISTICS', 'NO_AGENT_CHECK', 'NOT_CHECK_PERMISSIONS', 'DisableEventsCheck'] as $switch) {
    define($switch, true);
}
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_before.php';

$status = 401;
try {
    Loader::includeModule('sale');
    $request = Application::getInstance()->getContext()->getRequest();
    $event = json_decode((string) $request->getInput(), true);
    // The pay system whose secret the signature is checked with. Nothing else is believed before that.
    $service = Manager::getObjectById((int) ($event['data']['metadata']['bx_pay_system'] ?? 0));
    if ($service !== null && basename((string) $service->getField('ACTION_FILE')) === 'kassa') {
        $status = Notice::take($service, $request);
    }
} catch (Throwable $e) {
    $status = $e instanceof DomainException ? 422 : 503;
    Logger::addError('Kassa, webhook: ' . $e->getMessage());
}
http_response_code($status);
header('Content-Type: application/json');
echo json_encode(['ok' => $status === 200]);
