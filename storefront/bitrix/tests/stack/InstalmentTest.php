<?php

namespace Rig;

/**
 * Applications for instalments: what the bank is told, and what it decides.
 */
final class InstalmentTest extends ScenarioCase
{
    /** @dataProvider forms */
    public function testApproved(string $form): void
    {
        $shop = self::shop($form);
        $payment = $shop->order(self::system($form, 'kartapokupok'));
        $url = $this->open($shop, $payment);
        self::assertStringStartsWith(Stack::info()['simulators']['kartapokupok']['page_url'] . '/', $url);
        $kassa = $shop->atKassa($payment);
        self::assertSame([15000, 'BYN', 6], [$kassa['amount'], $kassa['currency'], $kassa['term']]);
        $this->atBank($shop, $payment, 'approve');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS' => 'Y', 'PS_STATUS_CODE' => 'paid', 'PS_CURRENCY' => 'BYN']);
        self::assertSame('Y', $shop->orderOf($payment)['PAYED']);
        self::assertTrue($shop->press($payment, 'return')['ok']);
        $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
    }

    /** @dataProvider forms */
    public function testRejected(string $form): void
    {
        $shop = self::shop($form);
        $payment = $shop->order(self::system($form, 'kartapokupok'));
        $this->open($shop, $payment);
        $this->atBank($shop, $payment, 'reject');
        $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS' => 'N', 'PS_STATUS_CODE' => 'declined', 'MARKED' => 'N']);
        self::assertSame(['N', 'N'], [$shop->orderOf($payment)['PAYED'], $shop->orderOf($payment)['MARKED']]);
    }

    /** Goods, a fraction of a kilogram as one line, the delivery, and who applies, as the bank receives them. */
    public function testWhatTheBankIsTold(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder', 'kartapokupok'));
        $sent = $this->toldAbout($shop, $payment);
        $lines = array_map(static function (array $item): array {
            return [$item['name'], $item['quantity'], (float) $item['price'], $item['sku']];
        }, $sent['items']);
        self::assertSame([['Чашка', 1, 125.0, '77'], ['Чай x 2.5', 1, 20.0, '78'], ['Доставка', 1, 5.0, 'delivery']], $lines);
        self::assertSame(6, (int) $sent['term']);
    }

    /** The bank wants to know the customer: what the order does not say is named to the buyer, and nothing is opened. */
    public function testMissingCustomerIsNamed(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder', 'kartapokupok'));
        $order = $shop->orderOf($payment);
        $without = array_values(array_filter($order['PROPERTIES'], static function (array $property): bool {
            return $property['CODE'] !== 'PHONE';
        }));
        $shop->put('orders', $order['ID'], ['PROPERTIES' => $without]);
        self::assertMatchesRegularExpression('/RIG: .*телефон/u', $shop->visit($payment)[1]);
        self::assertNull($shop->payment($payment)['PS_INVOICE_ID']);

        $wrong = $order['PROPERTIES'];
        $wrong[2]['VALUE'] = '12';
        $shop->put('orders', $order['ID'], ['PROPERTIES' => $wrong]);
        self::assertMatchesRegularExpression('/RIG: .*телефон/u', $shop->visit($payment)[1], 'a phone that cannot be one');
        self::assertNull($shop->payment($payment)['PS_INVOICE_ID']);
    }

    /** A discount on the whole leaves lines that do not add up: one line then stands for everything. */
    public function testDiscountOnTheWhole(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder', 'kartapokupok'));
        $shop->put('payments', $payment, ['SUM' => '120.0000']);
        $shop->put('orders', $shop->payment($payment)['ORDER_ID'], ['PRICE' => 120.0]);
        $sent = $this->toldAbout($shop, $payment);
        self::assertCount(1, $sent['items']);
        self::assertSame(120.0, (float) $sent['items'][0]['price']);
    }

    /** The newest request by which the bank was asked to open something, after the buyer opened the page. */
    private function toldAbout(Shop $shop, int $payment): array
    {
        $this->open($shop, $payment);
        $requests = array_filter(Stack::bank('kartapokupok', 'GET', '/_sim/requests')['requests'], static function (array $request): bool {
            return strpos($request['path'] . $request['operation'], 'create') !== false;
        });
        return json_decode(end($requests)['request'], true);
    }
}
