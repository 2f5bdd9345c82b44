<?php

namespace Rig;

/**
 * An installation in windows-1251: what it stores and shows is 1251, what Kassa and the banks get is UTF-8.
 */
final class OldSiteTest extends ScenarioCase
{
    public function testCard(): void
    {
        $shop = self::shop('old');
        $payment = $shop->order(self::system('old'));
        [, $page] = $shop->visit($payment);
        self::assertIs1251('Перейти', $page);
        self::assertStringContainsString('Заказ', $shop->atKassa($payment)['description']);
        $this->atBank($shop, $payment, 'decline');
        $row = $this->becomes($shop, $payment, ['PAID' => 'N', 'PS_STATUS_CODE' => 'declined']);
        self::assertIs1251('Банк отказал', $row['PS_STATUS_DESCRIPTION']);
        $this->open($shop, $payment);
        $this->atBank($shop, $payment, 'approve');
        $row = $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        self::assertIs1251('Оплачено', $row['PS_STATUS_DESCRIPTION']);
        $reason = mb_convert_encoding('чашка разбита', 'windows-1251', 'UTF-8');
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'return', ['comment' => $reason]));
        self::assertSame('чашка разбита', $shop->atKassa($payment)['refunds'][0]['reason']);
    }

    public function testInstalments(): void
    {
        $shop = self::shop('old');
        $payment = $shop->order(self::system('old', 'kartapokupok'));
        $this->open($shop, $payment);
        $requests = Stack::bank('kartapokupok', 'GET', '/_sim/requests')['requests'];
        $sent = json_decode(end($requests)['request'], true);
        self::assertSame(['Чашка', 'Чай x 2.5', 'Доставка'], array_column($sent['items'], 'name'));
        $this->atBank($shop, $payment, 'approve');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
    }

    public function testWordsOfRefusals(): void
    {
        $shop = self::shop('old');
        $payment = $shop->order(self::system('old'), 150.0, ['CANCELED' => 'Y']);
        self::assertIs1251('RIG: Этот заказ', $shop->visit($payment)[1]);
        $open = $shop->order(self::system('old'));
        $this->open($shop, $open);
        $shop->press($open, 'cancel');
        $this->atBank($shop, $open, 'approve');
        Stack::await('a comment for staff', static function () use ($shop, $open): bool {
            return $shop->orderOf($open)['COMMENTS'] !== '';
        });
        self::assertIs1251('отменённый заказ', $shop->orderOf($open)['COMMENTS']);
    }

    /** The return page is UTF-8 whatever the site is, and says so. */
    public function testReturnPage(): void
    {
        $shop = self::shop('old');
        $payment = $shop->order(self::system('old'));
        $this->open($shop, $payment);
        $url = $shop->urls['s1'] . dirname(parse_url($shop->notifyUrl(), PHP_URL_PATH)) . "/return.php?bx_payment=$payment";
        [, $page, $headers] = Http::send('GET', $url, ["Cookie: PHPSESSID=buyer$payment"]);
        self::assertStringContainsStringIgnoringCase('charset=utf-8', $headers['content-type']);
        self::assertMatchesRegularExpression('/\p{Cyrillic}{4}/u', $page);
    }

    private static function assertIs1251(string $utf8, string $text): void
    {
        $wanted = mb_convert_encoding($utf8, 'windows-1251', 'UTF-8');
        self::assertNotFalse(strpos($text, $wanted), "$utf8: " . mb_convert_encoding($text, 'UTF-8', 'windows-1251'));
        self::assertFalse(mb_check_encoding($text, 'UTF-8'), 'UTF-8 is among it');
    }
}
