<?php

// The payment page as the core's component renders it: a paid payment is not asked for again; what the handler says to the buyer is shown,
// and of what else went wrong that something did.

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/header.php';

Bitrix\Main\Loader::includeModule('sale');
$request = Bitrix\Main\Context::getCurrent()->getRequest();
$order = Bitrix\Sale\Order::load((int) $request->get('ORDER_ID'));
$payment = $order->getPaymentCollection()->getItemById((int) $request->get('PAYMENT_ID'));
if ($payment->isPaid()) {
    echo 'RIG: paid already';
} else {
    $string = $request->get('MODE') === 'STRING';
    $mode = $string ? Bitrix\Sale\PaySystem\BaseServiceHandler::STRING : Bitrix\Sale\PaySystem\BaseServiceHandler::STREAM;
    ob_start();
    $result = $payment->getPaySystem()->initiatePay($payment, $request, $mode);
    $echoed = ob_get_clean();
    echo $string ? $result->getTemplate() : $echoed;
    if (!$result->isSuccess()) {
        echo 'RIG: ', implode("\n", $result->getBuyerErrorMessages()) ?: 'not possible just now';
    }
    header('X-Rig-Echoed: ' . strlen($echoed));
    header('X-Rig-Payment-Url: ' . $result->getPaymentUrl());
}

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/footer.php';
