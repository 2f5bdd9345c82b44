<?php

namespace Rig;

/**
 * The module comes and goes by the buttons of the admin section, and leaves what it found.
 */
final class InstallTest extends ScenarioCase
{
    public function testUninstallLeavesNothing(): void
    {
        $shop = new Shop('install', 'module', 'UTF-8');
        register_shutdown_function([$shop, 'stop']);
        $shop->uninstall();
        $clean = self::state($shop);
        self::assertStringContainsString('RIG: done', $shop->install());
        $installed = self::state($shop);
        self::assertNotEquals($clean, $installed);
        self::assertStringContainsString('RIG: done', $shop->install(), 'twice');
        self::assertEquals($installed, self::state($shop));

        $payment = $this->paid($shop, $shop->sell('kapital'));
        self::assertStringContainsString('RIG: done', $shop->uninstall());
        self::assertEquals($clean, self::state($shop), 'after it has sold something');
        self::assertSame('Y', $shop->payment($payment)['PAID'], 'orders stay');
        self::assertSame(404, Http::send('POST', $shop->notifyUrl(), [], '{}')[0]);

        $shop->install();
        $this->becomes($shop, $payment, ['PAID' => 'Y']);
        self::assertTrue($shop->press($payment, 'return')['ok'], 'installed again, it knows its payments');
        self::assertSame([15000, 15000], $this->ledger($shop, $payment));
        self::assertSame([], $shop->complaints());
    }

    public function testOnlyAdministratorsInstall(): void
    {
        $shop = self::shop('module');
        $before = self::state($shop);
        foreach (['clerk', 'nobody'] as $session) {
            $ask = ['id' => 'kassa.checkout', 'uninstall' => 'Y'];
            self::assertStringContainsString('AUTH', $shop->admin('/bitrix/admin/partner_modules.php', $session, $ask)[1]);
        }
        self::assertEquals($before, self::state($shop));
    }

    /** The folder form is gone when its folder is: the agent's call finds no file and ends itself. */
    public function testFolderIsGoneWithItsFolder(): void
    {
        $shop = new Shop('gone', 'folder', 'UTF-8');
        register_shutdown_function([$shop, 'stop']);
        $this->paid($shop, $shop->sell('kapital'));
        self::assertCount(1, $shop->rows('agents'));
        unlink("$shop->root/www/local/php_interface/init.php");
        rename("$shop->root/www/local/php_interface/include/sale_payment/kassa", "$shop->root/kassa");
        $shop->runAgents();
        self::assertCount(0, $shop->rows('agents'));
    }

    /** Files of the site but for the module's own, and what is registered. */
    private static function state(Shop $shop): array
    {
        $files = [];
        $all = new \RecursiveIteratorIterator(
            new \RecursiveDirectoryIterator("$shop->root/www", \FilesystemIterator::SKIP_DOTS),
            \RecursiveIteratorIterator::SELF_FIRST
        );
        foreach ($all as $file) {
            $place = substr($file->getPathname(), strlen("$shop->root/www"));
            if (strpos($place, '/bitrix/modules/kassa.checkout') !== 0) {
                $files[$place] = $file->isFile() ? file_get_contents($file->getPathname()) : '';
            }
        }
        ksort($files);
        $agents = array_column($shop->rows('agents'), 'NAME');
        return [$files, array_keys($shop->rows('modules')), array_keys($shop->rows('module_to_module')), $agents, $shop->rows('options')];
    }
}
