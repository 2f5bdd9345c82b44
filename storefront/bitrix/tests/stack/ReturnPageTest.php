<?php

namespace Rig;

/**
 * The page on which the customer waits. It believes nothing of its address, and shows a payment to the session that opened it.
 */
final class ReturnPageTest extends ScenarioCase
{
    /** @dataProvider forms */
    public function testPendingThenPaid(string $form): void
    {
        $shop = self::shop($form);
        $payment = $shop->order(self::system($form));
        $this->open($shop, $payment);
        $success = $this->page($shop, $payment);
        self::assertSame('pending', $this->ask($shop, $payment)['sight']);
        self::assertStringContainsString('pending', $success);
        self::assertGreaterThan(0, $this->ask($shop, $payment)['again']);
        $this->atBank($shop, $payment, 'approve');
        $told = $this->ask($shop, $payment);
        self::assertSame(['paid', 0], [$told['sight'], $told['again']]);
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
    }

    public function testDeclinedSaysWhy(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $this->atBank($shop, $payment, 'decline');
        $this->becomes($shop, $payment, ['PS_STATUS_CODE' => 'declined']);
        $told = $this->ask($shop, $payment);
        self::assertSame(['declined', 0], [$told['sight'], $told['again']]);
        self::assertMatchesRegularExpression('/\p{Cyrillic}{4}/u', $told['text']);
    }

    public function testOthersSeeNothing(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $kassa = $shop->atKassa($payment);
        foreach (['stranger', ''] as $session) {
            $text = $this->page($shop, $payment, "&payment_id=$kassa[id]&status=paid", $session);
            self::assertStringContainsString('"sight":"unknown"', $text);
            foreach ([$kassa['id'], '150', $kassa['client_token']] as $secret) {
                self::assertStringNotContainsString((string) $secret, $text);
            }
        }
        self::assertStringContainsString('"sight":"pending"', $this->page($shop, $payment, '&status=paid'), 'the address proves nothing');
        self::assertSame('N', $shop->payment($payment)['PAID']);
        self::assertStringNotContainsString('<script>alert', $this->page($shop, $payment, '&status=%3Cscript%3Ealert(1)%3C/script%3E'));
    }

    /** The address that the bank sends the customer to leads here. */
    public function testBankLeadsHere(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder', 'kapital', 's2'));
        $url = $this->open($shop, $payment);
        [, $body] = Http::send('GET', $url);
        self::assertNotSame('', $body);
        $kassa = $shop->atKassa($payment);
        Stack::age($kassa['id'], 10);
        Stack::bank('kapital', 'POST', "/_sim/orders/$kassa[bank_order_id]", ['action' => 'approve']);
        $order = Stack::bank('kapital', 'GET', '/_sim/requests')['requests'];
        $opened = array_values(array_filter($order, static function (array $request) use ($kassa): bool {
            return $request['operation'] === 'CreateOrder' && strpos($request['response'], ">$kassa[bank_order_id]<") !== false;
        }));
        preg_match('~<ApproveURL>(.*?)</ApproveURL>~', $opened[0]['request'], $approve);
        [$status, , $headers] = Http::send('GET', html_entity_decode($approve[1]));
        self::assertSame(303, $status);
        $folder = $shop->urls['s2'] . dirname(parse_url($shop->notifyUrl(), PHP_URL_PATH));
        self::assertStringStartsWith("$folder/return.php?bx_payment=$payment&", $headers['location']);
        [$status, $page] = Http::send('GET', $headers['location'], ["Cookie: PHPSESSID=buyer$payment"]);
        self::assertSame(200, $status);
        self::assertStringContainsString('"sight":"paid"', $page);
        self::assertStringContainsString('lang="en"', $page);
    }

    private function page(Shop $shop, int $payment, string $more = '', ?string $session = null): string
    {
        $url = $shop->urls['s1'] . dirname(parse_url($shop->notifyUrl(), PHP_URL_PATH)) . "/return.php?bx_payment=$payment$more";
        [$status, $text] = Http::send('GET', $url, ['Cookie: PHPSESSID=' . ($session ?? "buyer$payment")]);
        self::assertSame(200, $status);
        return $text;
    }

    private function ask(Shop $shop, int $payment): array
    {
        return json_decode($this->page($shop, $payment, '&ask=Y'), true);
    }
}
