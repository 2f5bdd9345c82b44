<?php

namespace Rig;

/**
 * Keys and secrets are changed while the shop sells. Kassa's functions take a change up within five minutes; a shop that they have not
 * met yet shows what holds then.
 */
final class RotationTest extends ScenarioCase
{
    public function testWebhookSecret(): void
    {
        $shop = self::shop('folder');
        $system = $shop->sell('kapital');
        ['shop' => $name, 'webhook_secret' => $old] = $shop->systems[$system];
        preg_match('/KASSA_WEBHOOK_SECRET=(\S+)/', Stack::kassa('shop', 'rotate-key', $name, '--webhook'), $new);
        $shop->systems[$system]['webhook_secret'] = $new[1]; // no log may hold it either
        foreach (["$old", "$new[1] $old", $new[1]] as $secrets) { // before, while and after the shop changes its own
            $shop->set($system, ['KASSA_WEBHOOK_SECRET' => $secrets]);
            $this->paid($shop, $system);
        }
        $paid = $this->paid($shop, $system);
        $message = new Message($shop->atKassa($paid));
        self::assertSame(401, $message->post($shop->notifyUrl(), $old)[0], 'the old secret is gone from the shop');
        self::assertSame(200, $message->post($shop->notifyUrl(), $old, $new[1])[0]);
        $shop->set($system, ['KASSA_WEBHOOK_SECRET' => "  $new[1]   $old "]);
        self::assertSame(200, $message->post($shop->notifyUrl(), $old)[0], 'blanks more than needed');
        $shop->set($system, ['KASSA_WEBHOOK_SECRET' => '']);
        self::assertSame(401, $message->post($shop->notifyUrl(), 'whsec_')[0], 'no secret is no key');
    }

    public function testApiKey(): void
    {
        $shop = self::shop('module');
        $system = $shop->sell('kapital');
        ['shop' => $name, 'api_key' => $old] = $shop->systems[$system];
        preg_match('/KASSA_API_KEY=(\S+)/', Stack::kassa('shop', 'rotate-key', $name), $new);
        $this->paid($shop, $system); // with the old one, beside the new
        $shop->set($system, ['KASSA_API_KEY' => $new[1]]);
        $shop->systems[$system]['api_key'] = $new[1];
        $paid = $this->paid($shop, $system);
        self::assertTrue($shop->press($paid, 'return')['ok']);
        $this->becomes($shop, $paid, ['PAID' => 'N', 'PS_STATUS_CODE' => 'refunded']);
        self::assertNotSame($old, $new[1]);
    }

    /** A key that can give nothing back sells all the same, and staff read why the button does not work. */
    public function testKeyWithoutTheScopeToRefund(): void
    {
        $shop = self::shop('folder');
        $system = $shop->sell('kapital');
        $told = Stack::kassa('shop', 'rotate-key', $shop->systems[$system]['shop'], '--scopes', 'create,read');
        preg_match('/KASSA_API_KEY=(\S+)/', $told, $key);
        $shop->set($system, ['KASSA_API_KEY' => $key[1]]);
        $payment = $this->paid($shop, $system);
        $before = $shop->payment($payment);
        $said = $shop->press($payment, 'return');
        self::assertFalse($said['ok']);
        self::assertMatchesRegularExpression('/\p{Cyrillic}/u', implode(' ', $said['errors']));
        self::assertEquals($before, $shop->payment($payment));
    }
}
