<?php

namespace Rig;

/**
 * Money back: whole from the order form, in parts from the module's own form, and what goes wrong with either.
 */
final class RefundTest extends ScenarioCase
{
    /** @dataProvider forms */
    public function testWhole(string $form): void
    {
        $shop = self::shop($form);
        $payment = $this->paid($shop, self::system($form));
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'return', ['comment' => 'Вернул чашку']));
        $row = $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
        self::assertSame('N', $shop->orderOf($payment)['PAYED']);
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
        self::assertTrue($shop->press($payment, 'return')['ok'], 'a second click');
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
        self::assertSame($row['PS_INVOICE_ID'], $shop->payment($payment)['PS_INVOICE_ID']);
    }

    /**
     * Two parts by the form, the second of them all that is left: only then is the payment unpaid.
     *
     * @dataProvider forms
     */
    public function testInParts(string $form): void
    {
        $shop = self::shop($form);
        $payment = $this->paid($shop, self::system($form));
        self::assertStringContainsString(htmlspecialchars($this->formPath($shop, $payment)), $this->orderForm($shop, $payment), 'the button');
        $key = $this->keyOfForm($shop, $payment);
        self::assertNotSame($key, $this->keyOfForm($shop, $payment), 'each form is another refund');
        foreach ([1, 2] as $click) { // the same form, sent twice
            self::assertStringContainsString('50.00 AZN', $this->send($shop, $payment, ['amount' => '50', 'reason' => 'разбита', 'key' => $key]));
            self::assertSame([15000, 5000], $this->ledger($shop, $payment), "click $click");
        }
        $row = $this->becomes($shop, $payment, ['PAID' => 'Y', 'IS_RETURN' => 'N', 'PS_STATUS_CODE' => 'partially_refunded', 'PS_STATUS' => 'Y']);
        self::assertStringContainsString('50.00', $row['PS_STATUS_DESCRIPTION']);
        self::assertSame('Y', $shop->orderOf($payment)['PAYED']);
        self::assertStringContainsString('разбита', $shop->orderOf($payment)['COMMENTS']);

        $this->send($shop, $payment, ['amount' => '100,00', 'reason' => '', 'key' => $this->keyOfForm($shop, $payment)]);
        $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS_CODE' => 'refunded']);
        self::assertSame(['N', 0.0], [$shop->orderOf($payment)['PAYED'], $shop->orderOf($payment)['SUM_PAID']]);
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
    }

    /** After a part, the button of the core gives back what is left, and no more. */
    public function testWholeAfterAPart(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        $this->send($shop, $payment, ['amount' => '12.34', 'reason' => '', 'key' => $this->keyOfForm($shop, $payment)]);
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'return'));
        $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
    }

    public function testFormTakesNothingFromStrangers(): void
    {
        $shop = self::shop('module');
        $payment = $this->paid($shop, self::system('module'));
        $form = ['amount' => '50', 'reason' => '', 'key' => $this->keyOfForm($shop, $payment)];
        $post = $form + ['bx_payment' => (string) $payment];
        $path = $this->formPath($shop, $payment);
        self::assertStringContainsString('AUTH', $shop->admin($path, 'viewer', $post)[1], 'no right');
        self::assertStringContainsString('AUTH', $shop->admin($path, 'elsewhere', $post)[1], 'no right on this site');
        self::assertStringContainsString('AUTH', $shop->admin($path, 'nobody', $post)[1], 'not logged in');
        $shop->admin($path, 'clerk', $post, 'x');
        self::assertSame([15000, 0], $this->ledger($shop, $payment), 'a foreign form');
        foreach (['', '0', '-5', '1e3', '150.001', 'fifty', '999999999999'] as $amount) {
            self::assertStringContainsString('ERROR', $this->send($shop, $payment, ['amount' => $amount] + $form), "amount $amount");
        }
        self::assertStringContainsString('ERROR', $this->send($shop, $payment, ['amount' => '150.01'] + $form), 'more than was paid');
        self::assertStringContainsString('ERROR', $this->send($shop, $payment, ['key' => ''] + $form), 'no key');
        self::assertSame([15000, 0], $this->ledger($shop, $payment));
        self::assertStringNotContainsString($path, $this->orderForm($shop, $payment, 'viewer'));
        self::assertStringContainsString('Back', $shop->admin('/bitrix/admin/sale_order_edit.php', 'clerk')[1], 'a form of no order');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
    }

    /** The bank did it, and its answer was lost: 202, told as under way, ended by a message. Once. */
    public function testLostAnswer(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        $id = $shop->payment($payment)['PS_INVOICE_ID'];
        $this->loseAnswer($id, 'cut_after');
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'return'));
        Stack::bank('kapital', 'DELETE', '/_sim/faults');
        self::assertSame('processing', $shop->atKassa($payment)['refunds'][0]['status']);
        $row = $this->becomes($shop, $payment, ['PAID' => 'Y', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'paid']);
        self::assertNotSame('', (string) $row['PS_STATUS_DESCRIPTION']);
        $shop->runAgents();
        self::assertSame('Y', $shop->payment($payment)['PAID'], 'not proven yet');

        Stack::age($id, 20 * 60);
        Stack::sweep();
        $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
        self::assertSame('N', $shop->orderOf($payment)['PAYED']);
    }

    /** As above, and the message that ends it is lost as well: the agent finds out. */
    public function testLostAnswerAndLostMessage(): void
    {
        $shop = self::shop('module');
        $payment = $this->paid($shop, self::system('module'));
        $id = $shop->payment($payment)['PS_INVOICE_ID'];
        $this->loseAnswer($id, 'cut_after');
        self::assertTrue($shop->press($payment, 'return')['ok']);
        Stack::bank('kapital', 'DELETE', '/_sim/faults');
        $shop->stop();
        Stack::age($id, 20 * 60);
        Stack::sweep();
        Stack::await('a message that nobody takes', static function () use ($id): bool {
            return strpos(Stack::kassa('payment', 'history', $id), 'retry connection') !== false;
        });
        $shop->start();
        $shop->runAgents();
        $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
    }

    /** The bank never did it. After a day Kassa gives it up, and the button of the core works again. */
    public function testNeverDone(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        $id = $shop->payment($payment)['PS_INVOICE_ID'];
        $this->loseAnswer($id, 'http_500');
        self::assertTrue($shop->press($payment, 'return')['ok']);
        Stack::bank('kapital', 'DELETE', '/_sim/faults');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'IS_RETURN' => 'P']);
        foreach ([20 * 60, 25 * 3600] as $seconds) {
            Stack::age($id, $seconds);
            Stack::sweep();
        }
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'IS_RETURN' => 'N', 'PS_STATUS_CODE' => 'paid']);
        self::assertStringContainsString($id, $shop->orderOf($payment)['COMMENTS']);
        self::assertSame([15000, 0], $this->ledger($shop, $payment));
        // What may still come is never sent again by itself. Whoever has asked the bank makes a new refund of it.
        $said = $shop->press($payment, 'return');
        self::assertFalse($said['ok']);
        self::assertStringContainsString('«Вернуть часть»', $said['errors'][0]);
        $this->send($shop, $payment, ['amount' => '150', 'reason' => '', 'key' => $this->keyOfForm($shop, $payment)]);
        $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS_CODE' => 'refunded']);
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
    }

    /** A definite no: words for staff, no field changed but what Kassa's message of it renews, sooner or later. */
    public function testRefused(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        $renewed = ['PS_STATUS_MESSAGE' => '', 'PS_RESPONSE_DATE' => ''];
        $before = array_diff_key($shop->payment($payment), $renewed);
        foreach (['Refund', 'Reverse'] as $operation) {
            Stack::bank('kapital', 'POST', '/_sim/faults', ['operation' => $operation, 'fault' => 'status_205']);
        }
        $said = $shop->press($payment, 'return');
        Stack::bank('kapital', 'DELETE', '/_sim/faults');
        self::assertFalse($said['ok']);
        self::assertMatchesRegularExpression('/\p{Cyrillic}/u', implode(' ', $said['errors']));
        self::assertEquals($before, array_diff_key($shop->payment($payment), $renewed));
        self::assertSame([15000, 0], $this->ledger($shop, $payment));
        self::assertTrue($shop->press($payment, 'return')['ok'], 'the same key may try again');
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
    }

    /** The money went back, and then the order could not be saved. The next click must find the same refund. */
    public function testSaveFailsAfterTheMoneyWentBack(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        $shop->stubborn(true);
        self::assertFalse($shop->press($payment, 'return')['ok']);
        self::assertSame(['Y', 'N'], [$shop->payment($payment)['PAID'], $shop->payment($payment)['IS_RETURN']]);
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
        $id = $shop->payment($payment)['PS_INVOICE_ID'];
        Stack::await('the message of it is not saved, either', static function () use ($id): bool {
            return strpos(Stack::kassa('payment', 'history', $id), '503') !== false;
        });
        $shop->stubborn(false);
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'return'));
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
        $this->becomes($shop, $payment, ['PAID' => 'N', 'IS_RETURN' => 'P', 'PS_STATUS_CODE' => 'refunded']);
    }

    /** What Kassa's operator gives back reaches the order: a part as a note, the whole as unpaid. */
    public function testGivenBackElsewhere(): void
    {
        $shop = self::shop('module');
        $payment = $this->paid($shop, self::system('module'));
        $id = $shop->payment($payment)['PS_INVOICE_ID'];
        Stack::kassa('payment', 'refund', $id, '--amount', '20.00', '--yes', '--as', 'tester');
        $row = $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'partially_refunded']);
        self::assertStringContainsString('20.00', $row['PS_STATUS_DESCRIPTION']);
        Stack::kassa('payment', 'refund', $id, '--yes', '--as', 'tester');
        $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS_CODE' => 'refunded']);
        self::assertSame('N', $shop->orderOf($payment)['PAYED']);
    }

    /** Code of the shop's own may ask for a part; the core changes nothing by that. */
    public function testPartByTheCore(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'refund', ['sum' => '50']));
        self::assertSame([15000, 5000], $this->ledger($shop, $payment));
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'IS_RETURN' => 'N', 'PS_STATUS_CODE' => 'partially_refunded']);
        $unpaid = $shop->order(self::system('folder'));
        self::assertFalse($shop->press($unpaid, 'return')['ok'], 'a payment that is not paid');
    }

    /** Code of the shop's own asks again for a part of which no answer came, once a message has told of it: that is one part. */
    public function testPartWhoseAnswerIsLost(): void
    {
        $shop = self::shop('folder');
        $payment = $this->paid($shop, self::system('folder'));
        $gate = new Gate();
        $shop->set(self::system('folder'), ['KASSA_API_URL' => $gate->url]);
        $press = $shop->begin($payment, 'refund', ['sum' => '50']);
        $call = $gate->next();
        $shop->set(self::system('folder'), ['KASSA_API_URL' => Stack::info()['api_url']]);
        $gate->lose($call);
        $gate->pass($gate->next()); // the same hit reads the payment
        self::assertStringContainsString('"ok":false', Http::end($press)[1]);
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'partially_refunded']);
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'refund', ['sum' => '50']));
        self::assertSame([15000, 5000], $this->ledger($shop, $payment));
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'refund', ['sum' => '50']), 'another part');
        self::assertSame([15000, 10000], $this->ledger($shop, $payment));
    }

    /** Neither the refund nor the questions after it are answered, so that nobody knows what the bank did. */
    private function loseAnswer(string $id, string $kind): void
    {
        Stack::age($id, 10); // and Notify has saved what it had to, so that no question is asked for it
        // Late in the bank's evening Kassa refunds what it would reverse by day; either must be what the bank does at once.
        Stack::bank('kapital', 'POST', '/_sim/settings', ['refund_same_day' => 'all']);
        foreach (['Refund', 'Reverse'] as $operation) {
            Stack::bank('kapital', 'POST', '/_sim/faults', ['operation' => $operation, 'fault' => $kind]);
        }
        Stack::bank('kapital', 'POST', '/_sim/faults', ['operation' => 'GetOrderStatus', 'nth' => 2, 'count' => 2, 'fault' => 'http_500']);
    }

    private function orderForm(Shop $shop, int $payment, string $session = 'clerk'): string
    {
        return $shop->admin('/bitrix/admin/sale_order_view.php?ID=' . $shop->payment($payment)['ORDER_ID'], $session)[1];
    }

    private function formPath(Shop $shop, int $payment): string
    {
        $folder = dirname(parse_url($shop->notifyUrl(), PHP_URL_PATH));
        return "$folder/refund.php?bx_payment=$payment&lang=ru";
    }

    private function keyOfForm(Shop $shop, int $payment): string
    {
        $page = $shop->admin($this->formPath($shop, $payment), 'clerk')[1];
        self::assertSame(1, preg_match('/name="key" value="([0-9a-f]{32})"/', $page, $found), $page);
        return $found[1];
    }

    private function send(Shop $shop, int $payment, array $form): string
    {
        return $shop->admin($this->formPath($shop, $payment), 'clerk', $form + ['bx_payment' => (string) $payment])[1];
    }
}
