<?php

namespace Sale\Handlers\PaySystem;

use Bitrix\Main\Config\Option;
use Bitrix\Main\Request;
use Bitrix\Sale\Payment;
use Bitrix\Sale\PaySystem;
use Bitrix\Sale\PaySystem\ServiceResult;
use DomainException;
use Kassa\Checkout\Answer;
use Kassa\Checkout\Bill;
use Kassa\Checkout\Desk;
use Kassa\Checkout\Draft;
use Kassa\Checkout\Money;
use Kassa\Checkout\Outcome;
use Kassa\Checkout\Poll;
use Kassa\Checkout\Signature;
use RuntimeException;

require_once __DIR__ . '/load.php';

/**
 * Payments through Kassa: by card (kapital) and by instalments (kartapokupok).
 *
 * It translates between the core's calls and Kassa's API and decides nothing about money itself: that does Outcome, and
 * how a payment stands is read from Kassa each time.
 */
class KassaHandler extends PaySystem\ServiceHandler implements PaySystem\IRefund, PaySystem\ICheckable
{
    /** Kassa's words for: money of this order is there, look at it. */
    private const PAID = ['order_already_paid', 'order_ref_taken', 'payment_paid', 'payment_partially_refunded'];

    public static function getHandlerModeList()
    {
        return ['kapital' => Desk::say('KASSA_MODE_KAPITAL'), 'kartapokupok' => Desk::say('KASSA_MODE_KARTAPOKUPOK')];
    }

    public function getCurrencyList()
    {
        $mode = (string) $this->service->getField('PS_MODE');
        return isset(Bill::CURRENCIES[$mode]) ? [Bill::CURRENCIES[$mode]] : array_values(Bill::CURRENCIES);
    }

    /** Called on each render of the payment page: Kassa answers the same order with the same payment. */
    public function initiatePay(Payment $payment, ?Request $request = null)
    {
        if ($payment->isPaid()) {
            return $this->show($payment, []);
        }
        if ($payment->isReturn() || $payment->getCollection()->getOrder()->isCanceled()) {
            return $this->refuse('CLOSED');
        }
        if (!in_array($payment->getField('CURRENCY'), $this->getCurrencyList(), true)) {
            return $this->refuse('CURRENCY', implode(', ', $this->getCurrencyList()));
        }
        $draft = (new Bill($this->service, $payment))->draft();
        $missing = Draft::missing($draft['customer'] ?? []);
        if ($missing !== []) {
            return $this->refuse('FIELDS', Desk::fieldNames($missing));
        }
        $answer = Desk::client($this->service, $payment)->open($draft);
        $opened = $answer->isGood() && !empty($answer->body['redirect_url']);
        return $opened ? $this->opened($payment, $answer->body) : $this->notOpened($payment, $answer);
    }

    /** The signature first: what it does not cover has no payment, and the core then does nothing. */
    public function getPaymentIdFromRequest(Request $request)
    {
        $headers = $request->getHeaders();
        $genuine = (new Signature(Desk::setting($this->service, 'KASSA_WEBHOOK_SECRET')))->covers(
            (string) $request->getInput(),
            (string) $headers->get('Webhook-Id'),
            (string) $headers->get('Webhook-Timestamp'),
            (string) $headers->get('Webhook-Signature'),
            time()
        );
        return $genuine ? self::told($request, 'bx_payment') : '';
    }

    /** The message is a hint: how the payment stands is read from Kassa. */
    public function processRequest(Payment $payment, Request $request)
    {
        $event = json_decode((string) $request->getInput(), true);
        return $this->settle($payment, Desk::client($this->service, $payment)->payment($event['data']['id']));
    }

    public static function isMyResponse(Request $request, $paySystemId)
    {
        return (string) $request->getHeaders()->get('Webhook-Signature') !== ''
            && self::told($request, 'bx_pay_system') === (string) $paySystemId;
    }

    /** Kassa counts a message as taken when it reads ok: so that is said only of an order that was saved. */
    public function sendResponse(ServiceResult $result, Request $request)
    {
        http_response_code($result->isResultApplied() ? 200 : 503);
        header('Content-Type: application/json');
        echo json_encode(['ok' => $result->isResultApplied()]);
    }

    public function check(Payment $payment)
    {
        try {
            $client = Desk::client($this->service, $payment);
            $attempts = $client->attempts((new Bill($this->service, $payment))->reference());
            $chosen = Outcome::choose($attempts, (string) $payment->getField('PS_INVOICE_ID'));
            if ($chosen !== null && in_array($chosen['status'], ['created', 'pending'], true)) {
                $chosen = $client->payment($chosen['id']); // for this, Kassa asks the bank
            }
            $result = $chosen === null ? new ServiceResult() : $this->settle($payment, $chosen);
            if ($result->getOperationType() === ServiceResult::MONEY_LEAVING) {
                $result->addErrors($payment->setPaid('N')->getErrors()); // which the core's check leaves out
            }
            return $result;
        } catch (RuntimeException | DomainException $e) {
            return $this->failed(Desk::say('KASSA_STAFF_UNREAD'), $e->getMessage());
        }
    }

    /** All that remains goes back, or a part where other code of the shop asks for one. */
    public function refund(Payment $payment, $refundableSum)
    {
        $facts = Desk::facts($payment);
        $amount = Money::minor((float) $refundableSum);
        $reason = (string) $payment->getField('PAY_RETURN_COMMENT');
        if ($amount >= $facts['sum']) {
            return $this->giveBack($payment, "return-{$facts['invoice']}", $reason);
        }
        // While no answer has come, asking for the same part is asking again: a message may have moved the sequence on.
        $part = "part-{$payment->getId()}-$amount";
        $key = Option::get('kassa.checkout', $part) ?: "part-{$facts['invoice']}-{$facts['sequence']}-$amount";
        Option::set('kassa.checkout', $part, $key); // put down before it is sent
        $result = $this->giveBack($payment, $key, $reason, $amount);
        if ($result->getData()['heard'] ?? true) {
            Option::delete('kassa.checkout', ['name' => $part]);
        }
        return $result;
    }

    /**
     * Gives money back and notes in the payment's fields, which the caller saves, how it went.
     *
     * @param string $key names the refund that is meant: whatever is repeated must repeat it, or money goes back twice
     * @param int|null $amount minor units; null for all that remains
     */
    public function giveBack(Payment $payment, string $key, string $reason, ?int $amount = null): ServiceResult
    {
        $id = (string) $payment->getField('PS_INVOICE_ID');
        if ($id === '') {
            return $this->failed(Desk::say('KASSA_REFUND_NO_PAYMENT'), '');
        }
        if (Desk::hold($payment) === null) {
            return $this->failed(Desk::say('KASSA_STAFF_BUSY'), '', false); // the key of an earlier part stays
        }
        $client = Desk::client($this->service, $payment);
        $order = $amount === null ? [] : ['amount' => $amount];
        $order['reason'] = Draft::oneLine(Desk::utf8($reason), 250) ?: 'Bitrix';
        $order['reference'] = Draft::oneLine('Bitrix ' . Desk::utf8((string) $payment->getField('ACCOUNT_NUMBER')), 64);
        $answer = $client->refund($id, 'bx-' . $payment->getId() . '-' . $key, $order);
        try {
            $kassa = $client->payment($id);
        } catch (RuntimeException $e) {
            $kassa = null; // the answer to the refund itself says enough
        }
        $all = $kassa !== null && Outcome::isAllBack($kassa);
        if (!$answer->isGood() && !($all && $amount === null)) {
            $known = Desk::say('KASSA_REFUND_' . strtoupper($answer->code()));
            $other = Desk::say($answer->isFinal() ? 'KASSA_REFUND_FAILED' : 'KASSA_REFUND_NO_ANSWER');
            // Else it may have been carried out all the same.
            return $this->failed($known ?: $other, $answer->summary(), $answer->status > 0 && $answer->status < 500);
        }
        if ($kassa !== null) {
            $word = $answer->status === 202 ? 'REFUNDING' : 'PART';
            // One by one: the core is in the midst of setting IS_RETURN when it asks for a refund.
            foreach (Desk::fields($kassa, $all ? 'REFUNDED' : $word) as $name => $value) {
                $payment->setField($name, $value);
            }
        }
        $result = new ServiceResult();
        $result->setData(['refund' => $answer->body]);
        if ($all || ($amount === null && $answer->status === 201)) {
            $result->setOperationType(ServiceResult::MONEY_LEAVING);
        }
        return $result;
    }

    /**
     * Takes over how a payment stands at Kassa.
     *
     * @throws DomainException when it is a payment of something else
     * @throws RuntimeException when another hit is at the order
     */
    private function settle(Payment $payment, array $kassa): ServiceResult
    {
        if (!(new Bill($this->service, $payment))->isFor($kassa)) {
            throw new DomainException($kassa['id'] . ' belongs to another payment than ' . $payment->getId());
        }
        $saved = Desk::hold($payment);
        if ($saved === null) {
            throw new RuntimeException(Desk::say('KASSA_STAFF_BUSY'));
        }
        $result = new ServiceResult();
        $outcome = Outcome::of($kassa, Desk::facts($saved));
        if ($outcome === null) {
            return $result;
        }
        $order = $payment->getCollection()->getOrder();
        if ($outcome->alarm) {
            Desk::comment($order, Desk::describe($outcome->word, $kassa));
        }
        if ($outcome->adopted) {
            $reopened = $outcome->reopened ? ['IS_RETURN' => Payment::RETURN_NONE] : [];
            $result->setPsData(Desk::fields($kassa, $outcome->word) + $reopened);
        }
        if ($outcome->operation !== null) {
            $coming = $outcome->operation === Outcome::COMING;
            $result->setOperationType($coming ? ServiceResult::MONEY_COMING : ServiceResult::MONEY_LEAVING);
        }
        $status = Desk::setting($this->service, 'KASSA_STATUS_FAILED', $payment);
        if ($outcome->failed && $status !== '' && !$order->getPaymentCollection()->hasPaidPayment()) {
            $set = $order->setField('STATUS_ID', $status);
            if (!$set->isSuccess()) {
                PaySystem\Logger::addError("Kassa, status $status: " . implode("\n", $set->getErrorMessages()));
            }
        }
        return $result;
    }

    private function opened(Payment $payment, array $kassa): ServiceResult
    {
        // What the return page may show the customer of this session, and nobody else.
        $_SESSION['KASSA_PAYMENTS'][$payment->getId()] = [
            'id' => $kassa['id'], 'token' => $kassa['client_token'], 'pay_system' => $this->service->getField('ID'),
        ];
        $result = $this->show($payment, ['URL' => $kassa['redirect_url']]);
        $result->setPaymentUrl($kassa['redirect_url']);
        $saved = Desk::isNew($kassa, $payment) ? Desk::hold($payment) : null;
        if ($saved !== null && Desk::isNew($kassa, $saved)) {
            $result->setPsData(Desk::fields($kassa, 'PENDING'));
            // Registered once, however often it is asked for.
            \CAgent::AddAgent(Poll::call(), '', 'N', 300, '', 'Y', '', 100, false, false);
        }
        return $result;
    }

    private function notOpened(Payment $payment, Answer $answer): ServiceResult
    {
        if (in_array($answer->code(), self::PAID, true)) {
            $id = (int) $payment->getId();
            // What this hit had loaded may be overtaken. A check pays it, where it fits, and saves the order.
            Desk::alone($id, fn () => $this->service->check(Desk::find($id)));
            return Desk::find($id)->isPaid()
                ? $this->show($payment, [])
                : $this->refuse('ORDER_UNDER_REVIEW', '', $answer);
        }
        $wrong = array_map('basename', preg_grep('~^/customer/~', $answer->pointers()));
        if ($wrong !== []) {
            return $this->refuse('FIELDS', Desk::fieldNames($wrong), $answer);
        }
        $own = strtoupper($answer->code());
        $other = $answer->isFinal() ? 'BROKEN' : 'LATER';
        return $this->refuse(Desk::say('KASSA_BUYER_' . $own) === '' ? $other : $own, '', $answer);
    }

    private function show(Payment $payment, array $params): ServiceResult
    {
        $sum = Money::text(Desk::facts($payment)['sum']) . ' ' . $payment->getField('CURRENCY');
        $this->setExtraParams($params + ['URL' => '', 'SUM' => $sum]);
        return $this->showTemplate($payment, 'template');
    }

    /** Words for the buyer; what a log needs beside them is in the answer. */
    private function refuse(string $word, string $what = '', ?Answer $answer = null): ServiceResult
    {
        $result = new ServiceResult();
        if ($answer !== null) {
            $result->addError(PaySystem\Error::create($answer->summary()));
        }
        $result->addError(PaySystem\Error::createForBuyer(Desk::say('KASSA_BUYER_' . $word, ['#WHAT#' => $what])));
        return $result;
    }

    private function failed(string $words, string $detail, bool $heard = true): ServiceResult
    {
        $result = new ServiceResult();
        $result->setData(['heard' => $heard]);
        $result->addError(PaySystem\Error::create($detail === '' ? $words : "$words ($detail)"));
        return $result;
    }

    /** An id of ours in a message. Before its signature is checked, nothing else may be taken from one. */
    private static function told(Request $request, string $name): string
    {
        $event = json_decode((string) $request->getInput(), true);
        $id = $event['data']['metadata'][$name] ?? '';
        return is_string($id) ? $id : '';
    }
}
