<?php

namespace Kassa\Checkout;

use Bitrix\Main\Application;
use Bitrix\Sale\Order;
use Bitrix\Sale\Payment;
use Bitrix\Sale\PaySystem\Service;
use Bitrix\Sale\PriceMaths;

/**
 * A payment of a Bitrix order as Kassa is asked to take it: minor units and UTF-8.
 */
final class Bill
{
    public const CURRENCIES = ['kapital' => 'AZN', 'kartapokupok' => 'BYN'];

    /** @var Service */
    private $service;

    /** @var Payment */
    private $payment;

    /** @var Order */
    private $order;

    public function __construct(Service $service, Payment $payment)
    {
        $this->service = $service;
        $this->payment = $payment;
        $this->order = $payment->getCollection()->getOrder();
    }

    public function reference(): string
    {
        return Draft::reference((string) $this->order->getSiteId(), (int) $this->payment->getId());
    }

    /** The core's ids, which come back with every message. */
    public function metadata(): array
    {
        return [
            'bx_payment' => (string) $this->payment->getId(),
            'bx_pay_system' => (string) $this->service->getField('ID'),
            'bx_order' => (string) $this->order->getId(),
            'bx_site' => (string) $this->order->getSiteId(),
        ];
    }

    /** Whether Kassa's payment is one of this bill. The buyer may have changed the way to pay since, so that is not asked. */
    public function isFor(array $kassa): bool
    {
        $ours = array_diff_key($this->metadata(), ['bx_pay_system' => '']);
        return $kassa['order_ref'] === $this->reference() && array_diff_assoc($ours, $kassa['metadata']) === [];
    }

    /** What is sent to open the payment. */
    public function draft(): array
    {
        $facts = Desk::facts($this->payment);
        $number = $this->order->getField('ACCOUNT_NUMBER') ?: $this->order->getId();
        $bank = (string) array_search($facts['currency'], self::CURRENCIES, true);
        $draft = [
            'order_ref' => $this->reference(),
            'bank' => $bank,
            'amount' => $facts['sum'],
            'currency' => $facts['currency'],
            'description' => Draft::oneLine(Desk::utf8(Desk::say('KASSA_ORDER', ['#NUMBER#' => $number])), 250),
            'locale' => in_array(LANGUAGE_ID, ['az', 'ru', 'en', 'be'], true) ? LANGUAGE_ID : '',
            'supersede' => true, // the basket may have changed since the page was opened
            'metadata' => $this->metadata(),
            'return_urls' => ['success' => $this->returnAddress()],
        ];
        if ($bank === 'kartapokupok') {
            $whole = ['sku' => $draft['order_ref'], 'name' => $draft['description']];
            $draft['term'] = (int) Desk::setting($this->service, 'KASSA_TERM', $this->payment);
            $draft['items'] = Draft::lines($this->goods(), $facts['sum'], $whole);
            $draft['customer'] = $this->customer();
        }
        return $draft;
    }

    /** The page that waits for the outcome, on the site that the customer is on. */
    private function returnAddress(): string
    {
        // The core's own address of this page has no port, and Kassa compares origins whole.
        $scheme = strstr($this->service->getContext()->getUrl(), '://', true);
        $host = Application::getInstance()->getContext()->getServer()->getHttpHost();
        return "$scheme://$host" . Desk::page('return.php') . '?bx_payment=' . $this->payment->getId();
    }

    private function goods(): array
    {
        $goods = [];
        foreach ($this->order->getBasket() as $item) {
            $price = PriceMaths::roundPrecision($item->getPrice());
            $goods[] = [
                'sku' => (string) $item->getProductId(),
                'name' => Desk::utf8((string) $item->getField('NAME')),
                'quantity' => (float) $item->getQuantity(),
                'unit' => Money::minor($price),
                'sum' => Money::minor(PriceMaths::roundPrecision($price * $item->getQuantity())),
            ];
        }
        $delivery = Money::minor(PriceMaths::roundPrecision($this->order->getDeliveryPrice()));
        if ($delivery > 0) {
            $name = Desk::utf8(Desk::say('KASSA_DELIVERY'));
            $sums = ['quantity' => 1.0, 'unit' => $delivery, 'sum' => $delivery];
            $goods[] = ['sku' => 'delivery', 'name' => $name] + $sums;
        }
        return $goods;
    }

    /** Who applies: by the codes of properties where these tell the names apart, else by the payer's flag. */
    private function customer(): array
    {
        $properties = $this->order->getPropertyCollection();
        $byCode = [];
        foreach ($properties as $property) {
            $byCode[strtoupper((string) $property->getField('CODE'))] = self::text($property);
        }
        $given = ($byCode['FIRST_NAME'] ?? '') ?: ($byCode['NAME'] ?? '');
        $family = ($byCode['LAST_NAME'] ?? '') ?: ($byCode['SURNAME'] ?? '');
        $names = $given !== '' && $family !== ''
            ? ['first_name' => $given, 'last_name' => $family]
            : Draft::names(self::text($properties->getPayerName()), in_array(LANGUAGE_ID, ['ru', 'be'], true));
        return $names + [
            'phone' => self::text($properties->getPhone()),
            'email' => self::text($properties->getUserEmail()),
        ];
    }

    /** The value of a property of the order, if there is such a one; the first of several. */
    private static function text(?object $property): string
    {
        $value = $property === null ? '' : $property->getValue();
        return trim(Desk::utf8((string) (is_array($value) ? reset($value) : $value)));
    }
}
