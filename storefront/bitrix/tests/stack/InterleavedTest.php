<?php

namespace Rig;

/**
 * Two hits save one order, each the copy that it has loaded: whoever is later must bring nothing back that the other has changed.
 */
final class InterleavedTest extends ScenarioCase
{
    /** @var Gate before Kassa, once a test has put it there */
    private $kassa;

    /** @var Gate where the core of the shop stands still */
    private $core;

    protected function setUp(): void
    {
        [$this->kassa, $this->core] = [new Gate(), new Gate()];
    }

    protected function tearDown(): void
    {
        self::shop('folder')->set(self::system('folder'), ['KASSA_API_URL' => Stack::info()['api_url']]);
    }

    private function throughTheGate(Shop $shop): void
    {
        $shop->set(self::system('folder'), ['KASSA_API_URL' => $this->kassa->url]);
    }

    /** @return resource a message about the payment as it is now, for Http::end() */
    private function message(Shop $shop, int $payment)
    {
        $message = new Message($shop->atKassa($payment));
        $secret = $shop->systems[self::system('folder')]['webhook_secret'];
        return Http::begin('POST', $shop->notifyUrl(), $message->headers($secret), $message->body);
    }

    /** A payment that is paid, and the other of its order, whose page is open. @return int[] */
    private function half(Shop $shop): array
    {
        $first = $shop->order(self::system('folder'));
        $second = $shop->split($first);
        foreach ([$first, $second] as $payment) {
            $this->open($shop, $payment);
        }
        $this->atBank($shop, $first, 'approve');
        $this->becomes($shop, $first, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        return [$first, $second];
    }

    private function assertOrder(string $payed, float $sum, Shop $shop, int $payment): void
    {
        $order = $shop->orderOf($payment);
        self::assertSame([$payed, $sum], [$order['PAYED'], $order['SUM_PAID']]);
    }

    /** The core writes the row of the order, then those of its payments: a message that reads in between has half of each. */
    public function testAMessageBetweenTheTwoWritesOfAReturn(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        $id = $shop->payment($payment)['PS_INVOICE_ID'];
        $shop->stop(); // it goes back elsewhere, and what staff press makes no further message
        Stack::kassa('payment', 'refund', $id, '--yes', '--as', 'tester');
        Stack::await('a message that nobody takes', static function () use ($id): bool {
            return strpos(Stack::kassa('payment', 'history', $id), 'retry connection') !== false;
        });
        $shop->start();
        $shop->pause('OnSaleOrderEntitySaved', $this->core);
        $press = $shop->begin($payment, 'return');
        $saving = $this->core->next();
        $this->throughTheGate($shop);
        $message = $this->message($shop, $payment);
        $asked = $this->kassa->next(0.9); // where a message need not wait for the return, it has loaded the order by now
        $this->core->answer($saving, [200, []]);
        self::assertStringContainsString('"ok":true', Http::end($press)[1]);
        $this->kassa->pass($asked ?? $this->kassa->next());
        self::assertSame([200, '{"ok":true}'], Http::end($message));
        $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
        $this->assertOrder('N', 0.0, $shop, $payment);
    }

    /** The sum that is paid is counted over all payments of a copy: two at once would each miss the other. */
    public function testMessagesAboutTwoPaymentsOfOneOrder(): void
    {
        $shop = self::shop('folder');
        $first = $shop->order(self::system('folder'));
        $second = $shop->split($first);
        foreach ([$first, $second] as $payment) {
            $this->open($shop, $payment);
        }
        $this->throughTheGate($shop);
        $this->atBank($shop, $first, 'approve');
        $asked = $this->kassa->next();
        $this->atBank($shop, $second, 'approve');
        $message = $this->message($shop, $second);
        $other = $this->kassa->next(0.9); // where the second does not wait for the first, both have loaded the order by now
        $this->kassa->pass($asked);
        for ($other = $other ?? $this->kassa->next(); $other !== null; $other = $this->kassa->next(0.9)) {
            $this->kassa->pass($other);
        }
        self::assertSame([200, '{"ok":true}'], Http::end($message));
        $this->becomes($shop, $first, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $this->becomes($shop, $second, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $this->assertOrder('Y', 150.0, $shop, $first);
    }

    /** Staff return a payment in an order that was loaded before another payment of it came: nothing goes back for a copy that is over. */
    public function testAReturnInAnOrderThatHasChanged(): void
    {
        $shop = self::shop('folder');
        [$first, $second] = $this->half($shop);
        $shop->pause('OnRigOrderLoaded', $this->core);
        $press = $shop->begin($first, 'return');
        $loaded = $this->core->next();
        $this->atBank($shop, $second, 'approve');
        $this->becomes($shop, $second, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $this->core->answer($loaded, [200, []]);
        $said = json_decode(Http::end($press)[1], true);
        self::assertFalse($said['ok']);
        self::assertStringContainsString('откройте его заново', $said['errors'][0]);
        self::assertSame([7500, 0], $this->ledger($shop, $first));
        $this->assertOrder('Y', 150.0, $shop, $first);
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($first, 'return'));
        self::assertSame([7500, 7500], $this->ledger($shop, $first));
        $this->assertOrder('N', 75.0, $shop, $first);
    }

    /** The same with "check", for which the core takes no lock: it leaves the order alone, and the message pays. */
    public function testACheckInAnOrderThatHasChanged(): void
    {
        $shop = self::shop('folder');
        [$first, $second] = $this->half($shop);
        $kassa = $shop->atKassa($second);
        Stack::age($kassa['id'], 10);
        Stack::bank('kapital', 'POST', "/_sim/orders/$kassa[bank_order_id]", ['action' => 'approve']);
        $shop->pause('OnRigOrderLoaded', $this->core);
        $press = $shop->begin($second, 'check');
        $loaded = $this->core->next();
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($first, 'return', [], 'boss'));
        $this->core->answer($loaded, [200, []]);
        Http::end($press);
        $this->becomes($shop, $second, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $this->assertOrder('N', 75.0, $shop, $first);
    }

    /** A check by staff has decided to pay and is about to save, and the message of the same money comes. */
    public function testAMessageWhileACheckSaves(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $kassa = $shop->atKassa($payment);
        Stack::age($kassa['id'], 10);
        Stack::bank('kapital', 'POST', "/_sim/orders/$kassa[bank_order_id]", ['action' => 'approve']);
        $this->throughTheGate($shop);
        $shop->pause('OnSaleOrderBeforeSaved', $this->core);
        $press = $shop->begin($payment, 'check');
        $this->kassa->pass($this->kassa->next()); // the attempts
        $this->kassa->pass($this->kassa->next()); // the payment, for which Kassa asks the bank
        $saving = $this->core->next();
        if ($asked = $this->kassa->next(0.9)) { // the message does not wait for the check, and is done before it
            $this->kassa->pass($asked);
            $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        }
        $this->core->answer($saving, [200, []]);
        self::assertStringContainsString('"ok":true', Http::end($press)[1]);
        if (!$asked) {
            $this->kassa->pass($this->kassa->next());
        }
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        self::assertCount(1, array_keys(array_column($shop->rows('announced'), 'ORDER_ID'), $shop->payment($payment)['ORDER_ID']));
    }

    /** A part is about to be saved while the message comes that the rest went back as well: the later news stays. */
    public function testAPartWritesNothingOlder(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        $shop->pause('OnRigOrderSaving', $this->core);
        $press = $shop->begin($payment, 'refund', ['sum' => '50']);
        $saving = $this->core->next();
        Stack::kassa('payment', 'refund', $shop->payment($payment)['PS_INVOICE_ID'], '--yes', '--as', 'tester');
        $message = $this->message($shop, $payment);
        [$ready, $none] = [[$message], []];
        stream_select($ready, $none, $none, 0, 900000);
        $this->core->answer($saving, [200, []]);
        self::assertStringContainsString('"ok":true', Http::end($press)[1]);
        if (Http::end($message)[0] === 503) { // it has waited for too long, and is sent again
            self::assertSame(200, Http::end($this->message($shop, $payment))[0]);
        }
        $row = array_intersect_key($shop->payment($payment), ['PAID' => '', 'PS_STATUS_CODE' => '']);
        self::assertEquals(['PAID' => 'N', 'PS_STATUS_CODE' => 'refunded'], $row);
        $this->assertOrder('N', 0.0, $shop, $payment);
    }
}
