<?php

namespace Rig;

/**
 * Payments by card, from the payment page to the order.
 */
final class CardTest extends ScenarioCase
{
    /** @dataProvider forms */
    public function testPaid(string $form): void
    {
        $shop = self::shop($form);
        $system = self::system($form);
        $shop->put('options', 'sale|status_on_paid|', ['MODULE' => 'sale', 'NAME' => 'status_on_paid', 'VALUE' => 'P']);
        $payment = $shop->order($system, 150.0);
        $url = $this->open($shop, $payment);
        self::assertStringStartsWith(Stack::info()['simulators']['kapital']['page_url'] . '/', $url);
        $row = $shop->payment($payment);
        self::assertSame(['N', 'pending', 'N', 'N'], [$row['PS_STATUS'], $row['PS_STATUS_CODE'], $row['PAID'], $row['MARKED']]);

        $kassa = $shop->atKassa($payment);
        self::assertSame(["bx-s1-$payment", 15000, 'AZN'], [$kassa['order_ref'], $kassa['amount'], $kassa['currency']]);
        $ids = ['bx_payment' => (string) $payment, 'bx_pay_system' => (string) $system, 'bx_order' => (string) $row['ORDER_ID'], 'bx_site' => 's1'];
        self::assertEquals($ids, $kassa['metadata']);

        $this->atBank($shop, $payment, 'approve');
        $row = $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS' => 'Y', 'PS_STATUS_CODE' => 'paid', 'MARKED' => 'N', 'IS_RETURN' => 'N']);
        self::assertEquals([150.0, 'AZN', $kassa['id']], [$row['PS_SUM'], $row['PS_CURRENCY'], $row['PS_INVOICE_ID']]);
        $order = $shop->orderOf($payment);
        self::assertSame(['Y', 150.0, 'P', 'N'], [$order['PAYED'], $order['SUM_PAID'], $order['STATUS_ID'], $order['MARKED']]);
        self::assertStringContainsString('RIG: paid already', $shop->visit($payment)[1]);
    }

    /** @dataProvider forms */
    public function testDeclinedThenPaid(string $form): void
    {
        $shop = self::shop($form);
        $shop->set(self::system($form), ['KASSA_STATUS_FAILED' => 'F']);
        $payment = $shop->order(self::system($form));
        $this->open($shop, $payment);
        $first = $shop->payment($payment)['PS_INVOICE_ID'];
        $this->atBank($shop, $payment, 'decline');
        $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS' => 'N', 'PS_STATUS_CODE' => 'declined', 'MARKED' => 'N']);
        $order = $shop->orderOf($payment);
        self::assertSame(['N', 'F', 'N'], [$order['PAYED'], $order['STATUS_ID'], $order['MARKED']]);

        $this->open($shop, $payment);
        self::assertNotSame($first, $shop->payment($payment)['PS_INVOICE_ID']);
        $this->atBank($shop, $payment, 'approve');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $shop->set(self::system($form), ['KASSA_STATUS_FAILED' => '']);
    }

    /** A part of the order is paid and another part declined: that order has not failed. */
    public function testDeclinedBesideAPaidPart(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $shop->set($system, ['KASSA_STATUS_FAILED' => 'F']);
        $first = $shop->order($system);
        $shop->put('orders', $shop->payment($first)['ORDER_ID'], ['PRICE' => 300.0]);
        $unpaid = ['ACCOUNT_NUMBER' => "x$first/2"] + array_diff_key($shop->payment($first), ['ID' => 0]);
        $second = $shop->inBook(static fn (): int => Book::add('payments', $unpaid));
        $this->open($shop, $first);
        $this->atBank($shop, $first, 'approve');
        $this->becomes($shop, $first, ['PAID' => 'Y']);
        $this->open($shop, $second);
        $this->atBank($shop, $second, 'decline');
        $this->becomes($shop, $second, ['PAID' => 'N', 'PS_STATUS_CODE' => 'declined']);
        $shop->set($system, ['KASSA_STATUS_FAILED' => '']);
        self::assertSame(['N', 'N'], [$shop->orderOf($second)['PAYED'], $shop->orderOf($second)['STATUS_ID']]);
    }

    public function testCancelledAtTheBank(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $this->atBank($shop, $payment, 'cancel');
        $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS' => 'N', 'PS_STATUS_CODE' => 'cancelled', 'MARKED' => 'N']);
        self::assertSame('N', $shop->orderOf($payment)['STATUS_ID']);
    }

    public function testExpired(): void
    {
        $shop = self::shop('module');
        $payment = $shop->order(self::system('module'));
        $this->open($shop, $payment);
        $id = $shop->payment($payment)['PS_INVOICE_ID'];
        Stack::age($id, 25 * 60);
        Stack::age($id, 10 * 60);
        Stack::sweep();
        $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS_CODE' => 'expired', 'MARKED' => 'N']);
    }

    /** The page was called off, and the customer paid on it all the same. */
    public function testLate(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $payment = $shop->order($system);
        $this->open($shop, $payment);
        $kassa = $shop->atKassa($payment);
        Stack::api($shop->systems[$system]['api_key'], 'POST', "/v1/payments/$kassa[id]/cancel");
        $this->becomes($shop, $payment, ['PS_STATUS_CODE' => 'cancelled', 'PAID' => 'N']);
        $this->atBank($shop, $payment, 'approve', [], $kassa);
        Stack::age($kassa['id'], 25 * 3600);
        Stack::sweep();
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        self::assertSame('Y', $shop->orderOf($payment)['PAYED']);
    }

    /** The order was changed, so there are two pages; both are paid. The order is paid once, and staff are told to give the other back. */
    public function testChangedBasketThenPaidTwice(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $payment = $shop->order($system, 150.0);
        $old = $this->open($shop, $payment);
        $first = $shop->atKassa($payment);
        self::assertTrue($shop->press($payment, 'sum', ['value' => '140'])['ok']);
        self::assertNotSame($old, $this->open($shop, $payment));
        $second = $shop->atKassa($payment);
        self::assertSame([14000, 15000], [$second['amount'], $first['amount']]);
        $superseded = Stack::api($shop->systems[$system]['api_key'], 'GET', "/v1/payments/$first[id]")[1];
        self::assertSame('cancelled', $superseded['status']);

        $this->atBank($shop, $payment, 'approve');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_INVOICE_ID' => $second['id'], 'PS_STATUS_CODE' => 'paid']);
        $this->atBank($shop, $payment, 'approve', [], $first);
        Stack::age($first['id'], 25 * 3600);
        Stack::sweep();
        Stack::await('a word to staff about the second payment', static function () use ($shop, $payment, $first): bool {
            return strpos($shop->orderOf($payment)['COMMENTS'], $first['id']) !== false;
        });
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_INVOICE_ID' => $second['id'], 'PS_SUM' => 140.0]);
        self::assertSame(['Y', 140.0], [$shop->orderOf($payment)['PAYED'], $shop->orderOf($payment)['SUM_PAID']]);
    }

    /** The bank took another amount than was asked for: nobody may take that for paid. */
    public function testAnotherAmountIsLeftToPeople(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $kassa = $shop->atKassa($payment);
        Stack::bank('kapital', 'POST', "/_sim/orders/$kassa[bank_order_id]", ['action' => 'amount', 'amount' => 14000]);
        $this->atBank($shop, $payment, 'approve');
        $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS_CODE' => 'paid']);
        self::assertStringContainsString($kassa['id'], $shop->orderOf($payment)['COMMENTS']);
        self::assertSame('N', $shop->orderOf($payment)['PAYED']);
    }

    /** @dataProvider forms */
    public function testRepeatedRendersGiveOnePage(string $form): void
    {
        $shop = self::shop($form);
        $payment = $shop->order(self::system($form), 0.1 + 0.2 + 34.7);
        $urls = [$this->open($shop, $payment), $this->open($shop, $payment), $this->open($shop, $payment)];
        self::assertCount(1, array_unique($urls));
        $system = $shop->systems[self::system($form)];
        $attempts = Stack::api($system['api_key'], 'GET', "/v1/payments?order_ref=bx-s1-$payment")[1]['payments'];
        self::assertCount(1, $attempts);
        self::assertSame(3500, $attempts[0]['amount']);
    }

    /** The ajax order form wants the template as a string. */
    public function testStringModePrintsNothing(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        [, $page, $headers] = $shop->visit($payment, 'STRING');
        self::assertSame('0', $headers['x-rig-echoed']);
        self::assertStringContainsString(htmlspecialchars($headers['x-rig-payment-url']), $page);
        self::assertNotSame('', $headers['x-rig-payment-url']);
    }

    public function testWhatIsClosedOpensNothing(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $cancelled = $shop->order($system, 150.0, ['CANCELED' => 'Y']);
        $foreign = $shop->order($system);
        $shop->put('payments', $foreign, ['CURRENCY' => 'USD']);
        $returned = $this->paid($shop, $system);
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($returned, 'return'));
        $kept = $shop->payment($returned)['PS_INVOICE_ID'];
        foreach ([$cancelled, $foreign, $returned] as $payment) {
            [, $page, $headers] = $shop->visit($payment);
            self::assertSame('', $headers['x-rig-payment-url'] ?? '');
            self::assertMatchesRegularExpression('/RIG: [^n]/u', $page, 'the buyer is told why');
        }
        self::assertNull($shop->payment($cancelled)['PS_INVOICE_ID']);
        self::assertNull($shop->payment($foreign)['PS_INVOICE_ID']);
        self::assertSame($kept, $shop->payment($returned)['PS_INVOICE_ID']);
    }

    /** Each site has its Kassa shop, its address for messages and its language. */
    public function testTwoSites(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder', 'kapital', 's2'));
        $this->open($shop, $payment);
        $kassa = $shop->atKassa($payment);
        self::assertSame("bx-s2-$payment", $kassa['order_ref']);
        self::assertMatchesRegularExpression('/^[\x20-\x7e]+$/', $kassa['description'], 'the second site is English');
        $this->atBank($shop, $payment, 'approve');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $foreign = Stack::api($shop->systems[self::system('folder')]['api_key'], 'GET', "/v1/payments/$kassa[id]");
        self::assertSame(404, $foreign[0], 'the first site sees a payment of the second');
    }

    /** Kassa says no, in whatever way: the buyer reads words, and nothing is saved. */
    public function testRefusalsHaveWords(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $good = $shop->systems[$system]['api_key'];
        foreach (['KASSA_API_KEY' => 'sk_wrong_wrong', 'KASSA_API_URL' => 'http://127.0.0.1:9'] as $code => $value) {
            $shop->set($system, [$code => $value]);
            $payment = $shop->order($system);
            [, $page] = $shop->visit($payment);
            $shop->set($system, ['KASSA_API_KEY' => $good, 'KASSA_API_URL' => Stack::info()['api_url']]);
            self::assertMatchesRegularExpression('/RIG: [^n]/u', $page);
            self::assertStringNotContainsString('127.0.0.1:9', $page);
            self::assertNull($shop->payment($payment)['PS_INVOICE_ID']);
        }
        Stack::bank('kapital', 'POST', '/_sim/faults', ['operation' => 'CreateOrder', 'fault' => 'status_30']);
        [, $page] = $shop->visit($payment);
        self::assertMatchesRegularExpression('/RIG: [^n]/u', $page);
        Stack::bank('kapital', 'DELETE', '/_sim/faults');
        $this->open($shop, $payment);
    }
}
