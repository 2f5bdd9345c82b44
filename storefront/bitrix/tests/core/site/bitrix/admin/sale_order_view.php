<?php

// The admin's order form: its buttons, and what staff press in it. Each press is checked as the core checks it, and then saved as a whole.

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_before.php';

use Bitrix\Sale\Order;
use Bitrix\Sale\PaySystem\Manager;

Bitrix\Main\Loader::includeModule('sale');
$request = Bitrix\Main\Context::getCurrent()->getRequest();
$order = Order::load((int) $request->get('ID'));
if ($request->isPost()) {
    if (!check_bitrix_sessid() || !CSaleOrder::CanUserUpdateOrder($order->getId())) {
        $APPLICATION->AuthForm('ACCESS_DENIED');
    }
    $payment = $order->getPaymentCollection()->getItemById((int) $request->get('PAYMENT_ID'));
    (new Bitrix\Main\Event('sale', 'OnRigOrderLoaded'))->send(); // here, and before it is saved, a test may stop the hit
    switch ($request->get('action')) {
        case 'return':
            $payment->setField('PAY_RETURN_COMMENT', (string) $request->get('comment'));
            $result = $payment->setReturn($request->get('value') ?? 'P');
            break;
        case 'refund': // what another module of the shop may do
            $result = Manager::getObjectById($payment->getPaymentSystemId())->refund($payment, (float) $request->get('sum'));
            break;
        case 'check':
            $result = Manager::getObjectById($payment->getPaymentSystemId())->check($payment);
            break;
        case 'cancel':
            $result = $order->setField('CANCELED', $request->get('value') ?? 'Y');
            break;
        case 'sum':
            $result = $payment->setField('SUM', (float) $request->get('value'));
            $order->setField('PRICE', (float) $request->get('value'));
            break;
    }
    if ($result->isSuccess() && $request->get('action') !== 'check') {
        (new Bitrix\Main\Event('sale', 'OnRigOrderSaving'))->send();
        $result = $order->save();
    }
    echo json_encode(['ok' => $result->isSuccess(), 'errors' => array_map(static function (string $text) {
        return mb_convert_encoding($text, 'UTF-8', LANG_CHARSET);
    }, $result->getErrorMessages())], JSON_UNESCAPED_UNICODE);
    exit;
}
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_after.php';
(new CAdminContextMenu([['TEXT' => 'Back', 'LINK' => '/bitrix/admin/sale_order.php']]))->Show();
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/epilog_admin.php';
