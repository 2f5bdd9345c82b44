<?php

namespace Kassa\Checkout;

use Bitrix\Sale\Order;
use Bitrix\Sale\OrderStatus;
use Bitrix\Sale\Payment;
use CSaleOrder;
use Sale\Handlers\PaySystem\KassaHandler;

/**
 * What staff see: a button on the form of an order for giving a part back, and what that does.
 */
final class Admin
{
    /** Event main:OnAdminContextMenuShow. */
    public static function button(&$items): void
    {
        global $APPLICATION;
        $pages = ['/bitrix/admin/sale_order_view.php', '/bitrix/admin/sale_order_edit.php'];
        if (!in_array($APPLICATION->GetCurPage(), $pages, true)) {
            return;
        }
        $id = (int) ($_GET['ID'] ?? 0);
        $order = $id > 0 ? Order::load($id) : null; // the form of a new order has none
        if (!$order || !self::mayRefund($order)) {
            return;
        }
        foreach ($order->getPaymentCollection() as $payment) {
            if ($payment->isPaid() && Desk::isOurs($payment->getPaySystem())) {
                $items[] = [
                    'TEXT' => Desk::say('KASSA_PART_BUTTON'),
                    'TITLE' => Desk::say('KASSA_PART_TITLE', ['#NUMBER#' => $payment->getField('ACCOUNT_NUMBER')]),
                    'LINK' => Desk::page('refund.php') . '?bx_payment=' . $payment->getId() . '&lang=' . LANGUAGE_ID,
                ];
            }
        }
    }

    /** Who may change this order, and the payments of one in this status, may give a part back. */
    public static function mayRefund(Order $order): bool
    {
        global $USER;
        $statuses = OrderStatus::getStatusesUserCanDoOperations($USER->GetID(), ['payment']);
        return CSaleOrder::CanUserUpdateOrder($order->getId(), $USER->GetUserGroupArray())
            && in_array($order->getField('STATUS_ID'), $statuses, true);
    }

    /**
     * Carries the form out, and gives words for whoever sent it: [done, words].
     *
     * @param array $form amount as it was typed, reason, and the key that was made when the form was shown: the same
     *     form sent twice is one refund
     */
    public static function refundPart(Payment $payment, array $form): array
    {
        $amount = Money::typed((string) ($form['amount'] ?? ''));
        $key = (string) ($form['key'] ?? '');
        if ($amount === null || !preg_match('/^[0-9a-f]{32}$/D', $key)) {
            return [false, Desk::say('KASSA_PART_AMOUNT_WRONG')];
        }
        $reason = trim((string) ($form['reason'] ?? ''));
        $result = (new KassaHandler('', $payment->getPaySystem()))->giveBack($payment, "part-$key", $reason, $amount);
        if (!$result->isSuccess()) {
            return [false, implode("\n", $result->getErrorMessages())];
        }
        $refund = $result->getData()['refund'];
        $words = Desk::say($refund['status'] === 'succeeded' ? 'KASSA_PART_DONE' : 'KASSA_PART_UNDER_WAY', [
            '#AMOUNT#' => Money::text($refund['amount']) . ' ' . $payment->getField('CURRENCY'),
            '#ID#' => $refund['id'],
            '#REASON#' => $reason === '' ? '-' : $reason,
        ]);
        $order = $payment->getCollection()->getOrder();
        Desk::comment($order, $words); // the core writes it into the order's history, too
        $saved = $order->save();
        return [$saved->isSuccess(), implode("\n", array_merge([$words], $saved->getErrorMessages()))];
    }
}
