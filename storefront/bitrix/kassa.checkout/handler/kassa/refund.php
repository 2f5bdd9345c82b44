<?php

/**
 * The form by which staff give a part of a payment back. It works wherever on the site it is copied.
 */

use Bitrix\Main\Application;
use Bitrix\Main\Loader;
use Bitrix\Sale\PaySystem\Manager;
use Kassa\Checkout\Admin;
use Kassa\Checkout\Desk;
use Kassa\Checkout\Money;

require_once $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_before.php';
Loader::includeModule('sale');
Manager::includeHandler('kassa'); // which brings the classes beside it

global $APPLICATION;
$request = Application::getInstance()->getContext()->getRequest();
$payment = Desk::find((int) $request->get('bx_payment'));
$service = $payment ? $payment->getPaySystem() : null;
if (!Desk::isOurs($service) || !Admin::mayRefund($payment->getCollection()->getOrder())) {
    http_response_code(403);
    $APPLICATION->AuthForm('Access denied');
    return;
}
$form = ['amount' => '', 'reason' => '', 'key' => bin2hex(random_bytes(16))];
[$done, $words] = [false, ''];
if ($request->isPost()) {
    $form = array_intersect_key(array_filter($request->getPostList()->toArray(), 'is_string'), $form) + $form;
    $may = check_bitrix_sessid();
    [$done, $words] = $may ? Admin::refundPart($payment, $form) : [false, Desk::say('KASSA_PART_SESSION')];
}
try {
    $kassa = Desk::client($service, $payment)->payment((string) $payment->getField('PS_INVOICE_ID'));
    $state = Desk::say('KASSA_PART_STATE', [
        '#CAPTURED#' => Money::text($kassa['captured_amount']), '#REFUNDED#' => Money::text($kassa['refunded_amount']),
        '#CURRENCY#' => $kassa['currency'], '#ID#' => $kassa['id'],
    ]);
} catch (RuntimeException $e) {
    $state = Desk::say('KASSA_STAFF_UNREAD');
}

$APPLICATION->SetTitle(Desk::say('KASSA_PART_TITLE', ['#NUMBER#' => $payment->getField('ACCOUNT_NUMBER')]));
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_after.php';
if ($words !== '') {
    CAdminMessage::ShowMessage(['MESSAGE' => $words, 'TYPE' => $done ? 'OK' : 'ERROR']);
}
?>
<p><?= htmlspecialcharsbx($state) ?></p>
<?php if (!$done) { ?>
    <form method="post" action="<?= htmlspecialcharsbx($APPLICATION->GetCurPage()) ?>?lang=<?= LANGUAGE_ID ?>">
    <?= bitrix_sessid_post() ?>
<input type="hidden" name="bx_payment" value="<?= (int) $payment->getId() ?>">
<input type="hidden" name="key" value="<?= htmlspecialcharsbx($form['key']) ?>">
<p><label><?= htmlspecialcharsbx(Desk::say('KASSA_PART_AMOUNT') . ', ' . $payment->getField('CURRENCY')) ?><br>
<input name="amount" inputmode="decimal" required value="<?= htmlspecialcharsbx($form['amount']) ?>"></label></p>
<p><label><?= htmlspecialcharsbx(Desk::say('KASSA_PART_REASON')) ?><br>
<input name="reason" size="60" maxlength="250" value="<?= htmlspecialcharsbx($form['reason']) ?>"></label></p>
<input type="submit" class="adm-btn-save" value="<?= htmlspecialcharsbx(Desk::say('KASSA_PART_BUTTON')) ?>">
</form>
<?php } ?>
<p><a href="/bitrix/admin/sale_order_view.php?ID=<?= (int) $payment->getField('ORDER_ID') ?>&amp;lang=<?=
    LANGUAGE_ID ?>"><?= htmlspecialcharsbx(Desk::say('KASSA_PART_BACK')) ?></a></p>
<?php
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/epilog_admin.php';
