<?php

namespace Rig;

use PHPUnit\Framework\TestCase;

/**
 * A scenario: shops that are there for all of them, what buyers and banks do, and what must hold after each.
 */
abstract class ScenarioCase extends TestCase
{
    private const CHARSETS = ['folder' => 'UTF-8', 'module' => 'UTF-8', 'old' => 'windows-1251'];

    /** @var Shop[] by name */
    private static $shops = [];

    /** @var int[] pay systems by shop, bank and site */
    private static $systems = [];

    /** folder and module are the two forms of the product; old is a site in windows-1251, with two sites on folder. */
    protected static function shop(string $name): Shop
    {
        if (!isset(self::$shops[$name])) {
            $sites = $name === 'folder' ? ['s1', 's2'] : ['s1'];
            self::$shops[$name] = $shop = new Shop($name, $name === 'module' ? 'module' : 'folder', self::CHARSETS[$name], $sites);
            register_shutdown_function([$shop, 'stop']);
        }
        return self::$shops[$name];
    }

    /** A pay system that tests share, made when it is first asked for. */
    protected static function system(string $name, string $bank = 'kapital', string $site = 's1'): int
    {
        $more = $bank === 'kartapokupok' ? ['KASSA_TERM' => '6'] : [];
        return self::$systems["$name $bank $site"] = self::$systems["$name $bank $site"] ?? self::shop($name)->sell($bank, $site, $more);
    }

    public static function forms(): array
    {
        return ['folder' => ['folder'], 'module' => ['module']];
    }

    /** No page may have made PHP complain, and no log may hold what is secret or a customer's. */
    protected function assertPostConditions(): void
    {
        foreach (self::$shops as $name => $shop) {
            self::assertSame([], $shop->complaints(), "PHP complained in the shop $name");
            $log = implode("\n", array_column($shop->rows('err_log'), 'MESSAGE')) . "\n" . implode("\n", array_column($shop->rows('orders'), 'COMMENTS'));
            $secrets = ['hanna@mail.example', '291234567', '123-45-67', $shop->text('Коваленко')];
            foreach ($shop->systems as $system) {
                array_push($secrets, $system['api_key'], $system['webhook_secret']);
            }
            foreach ($secrets as $secret) {
                self::assertFalse(strpos($log, $secret), "a log of the shop $name says $secret");
            }
        }
    }

    /** The address of the bank's page that the buyer is sent to. */
    protected function open(Shop $shop, int $payment): string
    {
        [$status, $page, $headers] = $shop->visit($payment);
        self::assertSame(200, $status, $page);
        self::assertNotSame('', $headers['x-rig-payment-url'] ?? '', $page . implode("\n", array_column($shop->rows('err_log'), 'MESSAGE')));
        self::assertStringContainsString(htmlspecialchars($headers['x-rig-payment-url']), $page);
        return $headers['x-rig-payment-url'];
    }

    /** Something happens at the bank with the payment that this order has open, and the bank's customer, or the bank, comes back with it. */
    protected function atBank(Shop $shop, int $payment, string $action, array $more = [], ?array $kassa = null): void
    {
        $kassa = $kassa ?? $shop->atKassa($payment);
        Stack::age($kassa['id'], 10); // past the seconds in which Kassa does not ask the bank again
        $bank = $kassa['bank'];
        Stack::bank($bank, 'POST', "/_sim/orders/$kassa[bank_order_id]", ['action' => $action] + $more);
        if ($bank === 'kapital') {
            Stack::bank($bank, 'POST', "/_sim/orders/$kassa[bank_order_id]", ['action' => 'callback']);
        }
    }

    /** Waits until the payment's fields are these, and gives its row. */
    protected function becomes(Shop $shop, int $payment, array $fields): array
    {
        $row = [];
        try {
            return Stack::await(json_encode($fields), static function () use ($shop, $payment, $fields, &$row): ?array {
                $row = $shop->payment($payment);
                return array_intersect_key($row, $fields) == $fields ? $row : null;
            });
        } catch (\RuntimeException $e) {
            $log = array_slice(array_column($shop->rows('err_log'), 'MESSAGE'), -3);
            self::fail($e->getMessage() . "\n" . print_r(array_intersect_key($row, $fields), true) . implode("\n", array_merge($log, $shop->complaints())));
        }
    }

    protected function paid(Shop $shop, int $system, float $price = 150.0): int
    {
        $payment = $shop->order($system, $price);
        $this->open($shop, $payment);
        $this->atBank($shop, $payment, 'approve');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        return $payment;
    }

    /** What the bank took and gave back for this payment, in minor units. */
    protected function ledger(Shop $shop, int $payment): array
    {
        $kassa = $shop->atKassa($payment);
        $order = Stack::bank($kassa['bank'], 'GET', "/_sim/orders/$kassa[bank_order_id]");
        return [$order['charged'], $order['refunded']];
    }
}
