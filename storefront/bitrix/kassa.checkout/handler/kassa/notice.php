<?php

namespace Kassa\Checkout;

use Bitrix\Main\HttpRequest;
use Bitrix\Sale\Payment;
use Bitrix\Sale\PaySystem\Service;
use DomainException;
use Sale\Handlers\PaySystem\KassaHandler;

/**
 * A message from Kassa, and what the endpoint answers to it.
 */
final class Notice
{
    /**
     * The HTTP status for Kassa. Nothing is read from the message but ids, and those only after its signature.
     *
     * @throws DomainException when the message is of another shop's order
     */
    public static function take(Service $service, HttpRequest $request): int
    {
        $paymentId = (new KassaHandler('', $service))->getPaymentIdFromRequest($request);
        $settle = static fn (): int => self::settle($service, $request, (int) $paymentId);
        return $paymentId === '' ? 401 : Desk::alone((int) $paymentId, $settle) ?? 503;
    }

    private static function settle(Service $service, HttpRequest $request, int $paymentId): int
    {
        ob_start(); // what other modules print when an order is paid would spoil the answer
        try {
            $done = $service->processRequest($request)->isSuccess();
        } finally {
            ob_end_clean();
        }
        if ($done) {
            return (int) http_response_code(); // set by the handler when the core had saved, or failed to
        }
        $payment = Desk::find($paymentId);
        $event = json_decode((string) $request->getInput(), true);
        return $payment !== null && $payment->getCollection()->getOrder()->isCanceled()
            ? self::ofCancelled($service, $payment, (string) $event['data']['id'])
            : 422;
    }

    /**
     * The core lets no handler near a cancelled order. Money that is there must not be forgotten: a person has to give
     * it back or to restore the order, and until then Kassa keeps the message.
     */
    private static function ofCancelled(Service $service, Payment $payment, string $id): int
    {
        $kassa = Desk::client($service, $payment)->payment($id);
        if (!(new Bill($service, $payment))->isFor($kassa)) {
            return 422;
        }
        $order = $payment->getCollection()->getOrder();
        $money = $kassa['captured_amount'] > $kassa['refunded_amount'];
        if ($money) {
            Desk::comment($order, Desk::describe('CANCELLED_PAID', $kassa));
        }
        return $order->save()->isSuccess() ? ($money ? 422 : 200) : 503;
    }
}
