<?php

namespace Rig;

/**
 * Two that do something about one payment at the same time.
 */
final class TogetherTest extends ScenarioCase
{
    /** @var Gate before Kassa */
    private $gate;

    /** @var int */
    private $payment;

    /** A payment whose page is open, with the gate between its shop and Kassa. */
    private function opened(Shop $shop): int
    {
        $system = self::system('folder');
        $this->payment = $shop->order($system);
        $this->open($shop, $this->payment);
        $this->gate = new Gate();
        $shop->set($system, ['KASSA_API_URL' => $this->gate->url]);
        return $system;
    }

    protected function tearDown(): void
    {
        self::shop('folder')->set(self::system('folder'), ['KASSA_API_URL' => Stack::info()['api_url']]);
    }

    private function announced(Shop $shop): int
    {
        $order = $shop->payment($this->payment)['ORDER_ID'];
        return count(array_keys(array_column($shop->rows('announced'), 'ORDER_ID'), $order));
    }

    /** Two hits ask Kassa about the payment. Where they may do so together, both are answered when both have asked. */
    private function answerBoth(callable $second)
    {
        $first = $this->gate->next();
        $begun = $second();
        $other = $this->gate->next(0.9);
        $this->gate->pass($first);
        while ($other = $other ?? $this->gate->next(0.9)) {
            $this->gate->pass($other);
            $other = null;
        }
        return $begun;
    }

    public function testTwoMessagesAreOnePayment(): void
    {
        $shop = self::shop('folder');
        $secret = $shop->systems[$this->opened($shop)]['webhook_secret'];
        $this->atBank($shop, $this->payment, 'approve');
        $mine = $this->answerBoth(function () use ($shop, $secret) {
            $message = new Message($shop->atKassa($this->payment));
            return Http::begin('POST', $shop->notifyUrl(), $message->headers($secret), $message->body);
        });
        self::assertSame([200, '{"ok":true}'], Http::end($mine));
        $this->becomes($shop, $this->payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        self::assertSame(1, $this->announced($shop));
    }

    public function testAMessageAndTheAgentAreOnePayment(): void
    {
        $shop = self::shop('folder');
        $this->opened($shop);
        $this->atBank($shop, $this->payment, 'approve');
        $agents = $this->answerBoth(static function () use ($shop) {
            return Http::begin('GET', $shop->urls['s1'] . '/cron_events.php');
        });
        Http::end($agents);
        $this->becomes($shop, $this->payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        self::assertSame(1, $this->announced($shop));
    }

    public function testAMessageAndAPageAreOnePayment(): void
    {
        $shop = self::shop('folder');
        $this->opened($shop);
        $this->atBank($shop, $this->payment, 'approve');
        $page = $this->answerBoth(function () use ($shop) {
            $query = http_build_query(['ORDER_ID' => $shop->payment($this->payment)['ORDER_ID'], 'PAYMENT_ID' => $this->payment]);
            $page = Http::begin('GET', $shop->urls['s1'] . "/personal/order/payment/?$query");
            $this->gate->pass($this->gate->next()); // it is paid, says Kassa, and the page checks
            return $page;
        });
        self::assertStringNotContainsString('RIG:', Http::end($page)[1], 'an error in place of "paid"');
        $this->becomes($shop, $this->payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        self::assertSame(1, $this->announced($shop));
    }

    /** Staff press "check", for which the core takes no lock, and a message settles it before Kassa has answered them. */
    public function testAMessageAndACheckByStaffAreOnePayment(): void
    {
        $shop = self::shop('folder');
        $system = $this->opened($shop);
        $kassa = $shop->atKassa($this->payment);
        $check = $shop->begin($this->payment, 'check');
        $call = $this->gate->next();
        $shop->set($system, ['KASSA_API_URL' => Stack::info()['api_url']]);
        $this->atBank($shop, $this->payment, 'approve', [], $kassa);
        $paid = $this->becomes($shop, $this->payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $this->gate->pass($call);
        self::assertStringContainsString('"ok":true', Http::end($check)[1]);
        self::assertEquals($paid, $shop->payment($this->payment));
        self::assertSame(1, $this->announced($shop));
    }

    /** While the return page waits for Kassa, its customer may look at other pages of the shop. */
    public function testTheReturnPageHoldsNoSession(): void
    {
        $shop = self::shop('folder');
        $this->opened($shop);
        $cookie = ["Cookie: PHPSESSID=buyer$this->payment"];
        $page = dirname($shop->notifyUrl()) . "/return.php?bx_payment=$this->payment";
        $waiting = Http::begin('GET', $page, $cookie);
        $call = $this->gate->next();
        $other = Http::begin('GET', dirname($shop->notifyUrl()) . '/return.php?bx_payment=0', $cookie);
        [$ready, $none] = [[$other], []];
        self::assertSame(1, stream_select($ready, $none, $none, 3), 'another page is answered first');
        $this->gate->pass($call);
        self::assertSame(200, Http::end($waiting)[0]);
        self::assertSame(200, Http::end($other)[0]);
    }

    /** A page that Kassa answered before the money came is rendered after it: what is known by then stays. */
    public function testAPageWritesNothingOlder(): void
    {
        $shop = self::shop('folder');
        $system = $this->opened($shop);
        $kassa = $shop->atKassa($this->payment);
        $shop->put('payments', $this->payment, ['PS_INVOICE_ID' => null, 'PS_STATUS_MESSAGE' => null]);
        $query = http_build_query(['ORDER_ID' => $shop->payment($this->payment)['ORDER_ID'], 'PAYMENT_ID' => $this->payment]);
        $page = Http::begin('GET', $shop->urls['s1'] . "/personal/order/payment/?$query");
        $call = $this->gate->next();
        $older = $this->gate->ask($call);
        $shop->set($system, ['KASSA_API_URL' => Stack::info()['api_url']]);
        $this->atBank($shop, $this->payment, 'approve', [], $kassa);
        $paid = $this->becomes($shop, $this->payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        $this->gate->answer($call, $older);
        Http::end($page);
        self::assertEquals($paid, $shop->payment($this->payment));
    }
}
