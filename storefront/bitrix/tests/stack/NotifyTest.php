<?php

namespace Rig;

/**
 * Messages from Kassa, and what others send to the same address.
 */
final class NotifyTest extends ScenarioCase
{
    private const STRANGER = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

    /** @dataProvider forms */
    public function testForged(string $form): void
    {
        $shop = self::shop($form);
        $system = self::system($form);
        $payment = $shop->order($system);
        $this->open($shop, $payment);
        $kassa = $shop->atKassa($payment);
        $before = $shop->payment($payment);
        $secret = $shop->systems[$system]['webhook_secret'];
        $lie = ['status' => 'paid', 'captured_amount' => 15000, 'sequence' => 9] + $kassa;

        $unsigned = new Message($lie);
        self::assertSame(401, $unsigned->post($shop->notifyUrl())[0], 'no signature');
        self::assertSame(401, $unsigned->post($shop->notifyUrl(), self::STRANGER)[0], 'another secret');
        $altered = new Message($lie);
        $headers = $altered->headers($secret);
        $send = static function (array $headers, string $body) use ($shop): int {
            return Http::send('POST', $shop->notifyUrl(), $headers, $body)[0];
        };
        self::assertSame(401, $send($headers, str_replace('15000', '15001', $altered->body)), 'altered');
        self::assertSame(401, $send($headers, "$altered->body\n"), 'a byte more');
        self::assertSame(401, $send($headers, ''), 'nothing');
        self::assertSame(401, $send([], '{not JSON'), 'no JSON');
        self::assertSame(401, $send([], '[]'), 'no object');
        self::assertSame(401, $send([], '{"data":{"metadata":{"bx_pay_system":["1"]}}}'), 'an array for an id');
        self::assertSame(401, $send([], '{"data":"x"}'), 'a text for the data');
        self::assertSame(401, Http::send('GET', $shop->notifyUrl())[0], 'a look by a browser');
        self::assertEquals($before, $shop->payment($payment));
    }

    public function testOldAndTooNew(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $before = $shop->payment($payment);
        $secret = $shop->systems[self::system('folder')]['webhook_secret'];
        foreach ([-400 => 401, -310 => 401, 310 => 401, -280 => 200, 280 => 200] as $age => $status) {
            $message = new Message($shop->atKassa($payment));
            $message->at += $age;
            self::assertSame($status, $message->post($shop->notifyUrl(), $secret)[0], "$age s");
        }
        self::assertEquals($before, $shop->payment($payment));
    }

    /** Whoever has the secret can say what he likes: how a payment stands is read from Kassa. */
    public function testMessageIsAHint(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $payment = $shop->order($system);
        $this->open($shop, $payment);
        $lie = ['status' => 'paid', 'captured_amount' => 15000, 'sequence' => 9] + $shop->atKassa($payment);
        self::assertSame([200, ['ok' => true]], (new Message($lie))->post($shop->notifyUrl(), $shop->systems[$system]['webhook_secret']));
        self::assertSame(['N', 'pending'], [$shop->payment($payment)['PAID'], $shop->payment($payment)['PS_STATUS_CODE']]);
    }

    /** A signed message about one payment must not settle another, and one that nobody knows settles none. */
    public function testMessageOfAnotherPayment(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $secret = $shop->systems[$system]['webhook_secret'];
        $paid = $this->paid($shop, $system);
        $victim = $shop->order($system);
        $this->open($shop, $victim);
        $kassa = $shop->atKassa($paid);
        foreach ([(string) $victim, '999999', '0', '', "1' OR 1=1"] as $id) {
            $data = ['metadata' => ['bx_payment' => $id] + $kassa['metadata']] + $kassa;
            [$status, $answer] = (new Message($data))->post($shop->notifyUrl(), $secret);
            self::assertGreaterThanOrEqual(400, $status, $id);
            self::assertFalse($answer['ok']);
        }
        self::assertSame('N', $shop->payment($victim)['PAID']);
        self::assertSame('N', $shop->payment($victim)['MARKED']);
        self::assertSame($kassa['id'], $shop->payment($paid)['PS_INVOICE_ID']);
    }

    public function testDoubledAndOverdue(): void
    {
        $shop = self::shop('module');
        $system = self::system('module');
        $payment = $shop->order($system);
        $this->open($shop, $payment);
        $pending = $shop->atKassa($payment);
        $this->atBank($shop, $payment, 'approve');
        $before = $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $secret = $shop->systems[$system]['webhook_secret'];
        $paid = new Message($shop->atKassa($payment));
        for ($i = 0; $i < 3; $i++) {
            self::assertSame([200, ['ok' => true]], $paid->post($shop->notifyUrl(), $secret), 'doubled');
        }
        self::assertSame([200, ['ok' => true]], (new Message($pending, 'payment.pending'))->post($shop->notifyUrl(), $secret), 'overdue');
        self::assertEquals($before, $shop->payment($payment));
    }

    /** paid, said once more after everything went back, must not pay the order again. */
    public function testPaidAfterReturnPaysNothing(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $payment = $this->paid($shop, $system);
        $paid = $shop->atKassa($payment);
        self::assertTrue($shop->press($payment, 'return')['ok']);
        $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
        $secret = $shop->systems[$system]['webhook_secret'];
        self::assertSame([200, ['ok' => true]], (new Message($paid))->post($shop->notifyUrl(), $secret));
        $shop->press($payment, 'check');
        $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
    }

    /**
     * The core lets no handler near a cancelled order. Kassa keeps the message, staff read why, and once the order is restored the same
     * message pays it.
     *
     * @dataProvider forms
     */
    public function testCancelledOrder(string $form): void
    {
        $shop = self::shop($form);
        $payment = $shop->order(self::system($form));
        $this->open($shop, $payment);
        self::assertTrue($shop->press($payment, 'cancel')['ok']);
        $this->atBank($shop, $payment, 'approve');
        $kassa = $shop->atKassa($payment);
        Stack::await('a comment for staff', static function () use ($shop, $payment, $kassa): bool {
            return strpos($shop->orderOf($payment)['COMMENTS'], $kassa['id']) !== false;
        });
        self::assertSame(['N', 'N'], [$shop->payment($payment)['PAID'], $shop->payment($payment)['MARKED']]);
        self::assertStringContainsString('422', Stack::await('Kassa keeps the message', static function () use ($kassa): ?string {
            $history = Stack::kassa('payment', 'history', $kassa['id']);
            return strpos($history, '422') !== false ? $history : null;
        }));
        $comments = $shop->orderOf($payment)['COMMENTS'];
        $again = (new Message($kassa))->post($shop->notifyUrl(), $shop->systems[self::system($form)]['webhook_secret']);
        self::assertSame([422, ['ok' => false]], $again);
        self::assertSame($comments, $shop->orderOf($payment)['COMMENTS'], 'the comment stands there once');

        self::assertTrue($shop->press($payment, 'cancel', ['value' => 'N'])['ok']);
        Stack::kassa('payment', 'redeliver', $kassa['id'], '--sequence', (string) $kassa['sequence']);
        Stack::retry($kassa['id']);
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
    }

    /** Its news was dropped while the order was cancelled; the buyer who opens the page again reads that it is paid. */
    public function testPaidAlreadyIsShownAndSaved(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $shop->press($payment, 'cancel');
        $this->atBank($shop, $payment, 'approve');
        $kassa = $shop->atKassa($payment);
        self::assertSame('paid', $kassa['status']);
        Stack::await('Kassa keeps the message', static function () use ($kassa): bool {
            return strpos(Stack::kassa('payment', 'history', $kassa['id']), '422') !== false;
        });
        $shop->press($payment, 'cancel', ['value' => 'N']);
        [, $page, $headers] = $shop->visit($payment);
        self::assertSame('', $headers['x-rig-payment-url']);
        self::assertStringNotContainsString('RIG:', $page);
        self::assertSame('Y', $shop->payment($payment)['PAID']);
    }

    /** Nothing is acknowledged that was not saved: here another module of the shop forbids it. */
    public function testAcknowledgedOnlyWhenSaved(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $shop->stubborn(true);
        $this->atBank($shop, $payment, 'approve');
        $kassa = $shop->atKassa($payment);
        $said = (new Message($kassa))->post($shop->notifyUrl(), $shop->systems[self::system('folder')]['webhook_secret']);
        self::assertSame([503, ['ok' => false]], $said);
        self::assertSame('N', $shop->payment($payment)['PAID']);
        Stack::await('Kassa keeps the message', static function () use ($kassa): bool {
            return strpos(Stack::kassa('payment', 'history', $kassa['id']), '503') !== false;
        });
        $shop->stubborn(false);
        Stack::retry($kassa['id']);
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
    }

    /** Kassa cannot be read when its message comes: the message is refused for now, and not lost. */
    public function testKassaUnreadable(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $payment = $this->paid($shop, $system);
        $message = new Message($shop->atKassa($payment));
        $shop->set($system, ['KASSA_API_URL' => 'http://127.0.0.1:9']);
        $said = $message->post($shop->notifyUrl(), $shop->systems[$system]['webhook_secret']);
        $shop->set($system, ['KASSA_API_URL' => Stack::info()['api_url']]);
        self::assertSame([503, ['ok' => false]], $said);
        self::assertSame(['Y', 'N'], [$shop->payment($payment)['PAID'], $shop->payment($payment)['MARKED']]);
    }

    /** A shop that keeps to the address which all pay systems share is served, too, by the right one of two. */
    public function testSharedAddress(): void
    {
        $shop = self::shop('folder');
        self::system('folder', 'kapital', 's2');
        $system = self::system('folder');
        $payment = $shop->order($system);
        $this->open($shop, $payment);
        $kassa = $shop->atKassa($payment);
        Stack::age($kassa['id'], 10);
        Stack::bank('kapital', 'POST', "/_sim/orders/$kassa[bank_order_id]", ['action' => 'approve']);
        $shop->stop(); // so that its own address does not hear of it first
        Stack::bank('kapital', 'POST', "/_sim/orders/$kassa[bank_order_id]", ['action' => 'callback']);
        Stack::await('a try that fails', static function () use ($kassa): bool {
            return strpos(Stack::kassa('payment', 'history', $kassa['id']), 'retry connection') !== false;
        });
        $shop->start();
        $shared = $shop->urls['s1'] . '/bitrix/tools/sale_ps_result.php';
        self::assertSame('', Http::send('POST', $shared, [], (new Message($kassa))->body)[1], 'unsigned: nobody\'s');
        $said = (new Message($shop->atKassa($payment)))->post($shared, $shop->systems[$system]['webhook_secret']);
        self::assertSame([200, ['ok' => true]], $said);
        self::assertSame('Y', $shop->payment($payment)['PAID']);
    }

    public function testEndpointTakesNoSessionWork(): void
    {
        $shop = self::shop('module');
        Http::send('POST', $shop->notifyUrl(), [], '{}');
        $hits = array_filter($shop->rows('hits'), static function (array $hit): bool {
            return basename($hit['PATH']) === 'notify.php';
        });
        foreach (['STOP_STATISTICS', 'NO_AGENT_CHECK', 'NOT_CHECK_PERMISSIONS', 'DisableEventsCheck'] as $name) {
            self::assertContains($name, end($hits)['DEFINED']);
        }
    }
}
