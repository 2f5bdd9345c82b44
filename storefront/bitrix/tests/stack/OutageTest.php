<?php

namespace Rig;

/**
 * One of the two cannot be reached for a while, and nothing is lost.
 */
final class OutageTest extends ScenarioCase
{
    /** The shop is down when the money comes: Kassa sends the message again. */
    public function testShopDown(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $id = $this->payWhileDown($shop, $payment);
        $shop->start();
        self::assertSame('N', $shop->payment($payment)['PAID']);
        Stack::retry($id);
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
    }

    /**
     * And when no message comes at all, the agent asks.
     *
     * @dataProvider forms
     */
    public function testAgentAsks(string $form): void
    {
        $shop = self::shop($form);
        $payment = $shop->order(self::system($form));
        $this->open($shop, $payment);
        $this->payWhileDown($shop, $payment);
        $shop->start();
        $shop->runAgents();
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
        self::assertCount(1, $shop->rows('agents'), 'the agent is there once, and lives on');
    }

    /** An agent must never throw: that would stop all agents of the shop. */
    public function testAgentSurvivesKassasAbsence(): void
    {
        $shop = self::shop('folder');
        $system = self::system('folder');
        $payment = $shop->order($system);
        $this->open($shop, $payment);
        $shop->set($system, ['KASSA_API_URL' => 'http://127.0.0.1:9']);
        $shop->runAgents();
        $shop->set($system, ['KASSA_API_URL' => Stack::info()['api_url']]);
        self::assertCount(1, $shop->rows('agents'));
        self::assertSame(['N', 'N'], [$shop->payment($payment)['PAID'], $shop->payment($payment)['MARKED']]);
        $this->atBank($shop, $payment, 'approve');
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
    }

    /** Staff may ask, too: the button of the core. */
    public function testCheckByStaff(): void
    {
        $shop = self::shop('folder');
        $payment = $shop->order(self::system('folder'));
        $this->open($shop, $payment);
        $this->payWhileDown($shop, $payment);
        $shop->start();
        self::assertSame(['ok' => true, 'errors' => []], $shop->press($payment, 'check'));
        $this->becomes($shop, $payment, ['PAID' => 'Y', 'PS_STATUS_CODE' => 'paid']);
    }

    private function payWhileDown(Shop $shop, int $payment): string
    {
        $kassa = $shop->atKassa($payment);
        $shop->stop();
        $this->atBank($shop, $payment, 'approve', [], $kassa);
        Stack::await('a try that fails', static function () use ($kassa): bool {
            return strpos(Stack::kassa('payment', 'history', $kassa['id']), 'retry connection') !== false;
        });
        return $kassa['id'];
    }
}
