<?php

namespace Kassa\Checkout;

use Bitrix\Main\Application;
use Bitrix\Main\Event;
use Bitrix\Main\Localization\Loc;
use Bitrix\Main\Text\Encoding;
use Bitrix\Main\Type\DateTime;
use Bitrix\Main\Web\HttpClient;
use Bitrix\Sale\BusinessValue;
use Bitrix\Sale\Order;
use Bitrix\Sale\Payment;
use Bitrix\Sale\PaySystem\Manager;
use Bitrix\Sale\PaySystem\Service;
use Bitrix\Sale\PriceMaths;

/**
 * What the handler, its pages and its agent need of Bitrix.
 */
final class Desk
{
    /** @var bool[] by the ids of orders: whether this hit has their lock */
    private static $locks = [];

    /** A setting of the pay system; without a payment the one that stands in the column for all payers. */
    public static function setting(Service $service, string $code, ?Payment $payment = null): string
    {
        return trim((string) BusinessValue::get($code, $service->getConsumerName(), $payment));
    }

    public static function client(Service $service, ?Payment $payment = null): Client
    {
        $url = self::setting($service, 'KASSA_API_URL', $payment);
        return new Client($url, self::setting($service, 'KASSA_API_KEY', $payment), [self::class, 'send']);
    }

    /** Carries one call to Kassa: certificates are verified, redirects are not followed. */
    public static function send(string $method, string $url, array $headers, string $body): array
    {
        $http = new HttpClient(['socketTimeout' => 5, 'streamTimeout' => 25, 'waitResponse' => true]);
        $http->setRedirect(false); // as an option, older cores would read redirectMax beside it, too
        foreach ($headers as $name => $value) {
            $http->setHeader($name, $value);
        }
        $text = $method === 'GET' ? $http->get($url) : $http->post($url, $body);
        return $text === false ? [0, ''] : [(int) $http->getStatus(), (string) $text];
    }

    /** The message in the language of the page and the encoding of the site; empty where there is no such message. */
    public static function say(string $code, array $words = []): string
    {
        Loc::loadMessages(__DIR__ . '/handler.php');
        return strtr(self::local((string) Loc::getMessage($code)), $words);
    }

    public static function fieldNames(array $fields): string
    {
        return implode(', ', array_map(static fn ($field) => self::say('KASSA_FIELD_' . strtoupper($field)), $fields));
    }

    /** Text of ours (UTF-8) as the site writes it. What the site's core has converted already is left as it is. */
    public static function local(string $text): string
    {
        $foreign = self::charset() !== 'UTF-8' && preg_match('//u', $text) === 1;
        return $foreign ? Encoding::convertEncoding($text, 'UTF-8', self::charset()) : $text;
    }

    /** Text of the site in UTF-8, which is what Kassa reads. */
    public static function utf8(string $text): string
    {
        return self::charset() === 'UTF-8' ? $text : Encoding::convertEncoding($text, self::charset(), 'UTF-8');
    }

    private static function charset(): string
    {
        return defined('SITE_CHARSET') ? strtoupper(SITE_CHARSET) : 'UTF-8';
    }

    /** What Outcome compares Kassa's payment with. */
    public static function facts(Payment $payment): array
    {
        preg_match('/#(\d+)$/D', (string) $payment->getField('PS_STATUS_MESSAGE'), $kept);
        return [
            'sum' => Money::minor(PriceMaths::roundPrecision($payment->getSum())),
            'currency' => (string) $payment->getField('CURRENCY'),
            'invoice' => (string) $payment->getField('PS_INVOICE_ID'),
            'sequence' => (int) ($kept[1] ?? 0),
            'paid' => $payment->isPaid(),
            'returned' => $payment->isReturn(),
        ];
    }

    /** Whether a payment says less than what Kassa has just said. */
    public static function isNew(array $kassa, Payment $payment): bool
    {
        $facts = self::facts($payment);
        return $kassa['id'] !== $facts['invoice'] || $kassa['sequence'] > $facts['sequence'];
    }

    /** How Kassa's payment stands, in words for staff. */
    public static function describe(string $word, array $kassa): string
    {
        $why = self::say('KASSA_HINT_' . strtoupper($kassa['decline']['hint'] ?? 'none'));
        return self::say('KASSA_IS_' . $word, [
            '#ID#' => $kassa['id'],
            '#AMOUNT#' => Money::text($kassa['amount']) . ' ' . $kassa['currency'],
            '#CAPTURED#' => Money::text($kassa['captured_amount']) . ' ' . $kassa['currency'],
            '#REFUNDED#' => Money::text($kassa['refunded_amount']) . ' ' . $kassa['currency'],
            '#WHY#' => $kassa['review'] ?? $why,
        ]);
    }

    /** The fields in which the core keeps what a pay system says of a payment. facts() reads the sequence from them. */
    public static function fields(array $kassa, string $word): array
    {
        $bank = self::local(Draft::oneLine((string) $kassa['bank_status'], 100));
        return [
            'PS_INVOICE_ID' => $kassa['id'],
            'PS_STATUS' => in_array($word, ['PAID', 'PART', 'MORE', 'REFUNDING'], true) ? 'Y' : 'N',
            'PS_STATUS_CODE' => $kassa['status'],
            'PS_STATUS_DESCRIPTION' => self::describe($word, $kassa),
            'PS_STATUS_MESSAGE' => trim($bank . ' #' . $kassa['sequence']),
            'PS_SUM' => (float) Money::text($kassa['captured_amount']),
            'PS_CURRENCY' => $kassa['currency'],
            'PS_RESPONSE_DATE' => new DateTime(),
        ];
    }

    /** Leaves words for staff on the order, beside those that stand there by now. Whoever calls saves the order. */
    public static function comment(Order $order, string $text): void
    {
        $comments = (string) Order::load($order->getId())->getField('COMMENTS');
        if (strpos($comments, $text) === false) {
            $order->setField('COMMENTS', trim($comments . "\n" . $text));
        }
    }

    /** A payment with its order, or null. */
    public static function find(int $id): ?Payment
    {
        [$orderId, $paymentId] = Manager::getIdsByPayment($id);
        $order = $orderId ? Order::load($orderId) : null;
        return $order ? $order->getPaymentCollection()->getItemById($paymentId) : null;
    }

    /**
     * Runs what loads an order, settles a payment of it and saves it, while no other hit does. Two at once would both
     * find the payment unpaid, and the shop would write its letters and print its receipt twice. The lock is that of
     * the order: when the core pays one payment, it counts the others as they stand in its copy.
     *
     * @return mixed what $run gives; null when another hit was at it for ten seconds: whoever asked asks again
     */
    public static function alone(int $payment, callable $run)
    {
        $order = (int) Manager::getIdsByPayment($payment)[0];
        try {
            return self::lock($order) ? $run() : null;
        } finally {
            self::release($order);
        }
    }

    /**
     * The same for an order that was loaded before, and that the core saves: the lock stays until it has, or the hit
     * ends.
     *
     * @return Payment|null as it is saved now; null when another hit is at the order, or has paid or unpaid anything
     *     of it since this one loaded it
     */
    public static function hold(Payment $payment): ?Payment
    {
        $paid = static fn (Payment $one): array => [
            $one->isPaid(), $one->getCollection()->getPaidSum(), $one->getCollection()->getOrder()->getSumPaid(),
        ];
        $order = $payment->getCollection()->getOrder();
        $saved = self::lock((int) $order->getId()) ? self::find((int) $payment->getId()) : null;
        return $saved !== null && $paid($saved) == $paid($payment) ? $saved : null;
    }

    /** Event sale:OnSaleOrderSaved: the next hit may have the order. */
    public static function saved(Event $event): void
    {
        self::release((int) $event->getParameter('ENTITY')->getId());
    }

    private static function lock(int $order): bool
    {
        $has = self::$locks[$order] ?? false;
        // Kassa waits 15 s for the answer to a message.
        return self::$locks[$order] = $has || Application::getConnection()->lock("kassa-order-$order", 10);
    }

    private static function release(int $order): void
    {
        if (self::$locks[$order] ?? false) {
            Application::getConnection()->unlock("kassa-order-$order");
        }
        unset(self::$locks[$order]);
    }

    /** Whether a pay system is handled here. */
    public static function isOurs(?Service $service): bool
    {
        return $service !== null && basename((string) $service->getField('ACTION_FILE')) === basename(__DIR__);
    }

    /** Path on the site of a page of ours: the module puts them into tools/, the folder has them itself. */
    public static function page(string $name): string
    {
        $root = rtrim($_SERVER['DOCUMENT_ROOT'], '/');
        if (is_file($root . '/bitrix/tools/kassa.checkout/' . $name)) {
            return '/bitrix/tools/kassa.checkout/' . $name;
        }
        $here = str_replace('\\', '/', __DIR__);
        $inside = strpos($here, $root . '/') === 0;
        $folder = $inside ? substr($here, strlen($root)) : '/local/php_interface/include/sale_payment/kassa';
        return $folder . '/' . $name;
    }
}
