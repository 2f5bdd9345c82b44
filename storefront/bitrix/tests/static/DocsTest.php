<?php

namespace Rig;

use PHPUnit\Framework\TestCase;

/**
 * docs/bitrix.md says what was asked for, where it is done and what holds it: both must be there.
 */
final class DocsTest extends TestCase
{
    private const ROOT = __DIR__ . '/../../../..';

    /** @return array[] rows of the table, as cells */
    private static function table(): array
    {
        $page = file_get_contents(self::ROOT . '/docs/bitrix.md');
        self::assertSame(1, preg_match('/^\| asked \| done in \| test \|\n\|[ |-]+\|\n((?:\|.*\|\n)+)/m', $page, $table), 'the table');
        return array_map(static function (string $line): array {
            return array_map('trim', explode('|', trim($line, '| ')));
        }, explode("\n", trim($table[1])));
    }

    public function testEveryRowNamesTestsThatExist(): void
    {
        $tests = [];
        foreach (glob(self::ROOT . '/storefront/bitrix/tests/{unit,stack,static}/*Test.php', GLOB_BRACE) as $file) {
            preg_match_all('/function (test\w+)\(/', file_get_contents($file), $found);
            foreach ($found[1] as $name) {
                $tests[] = basename($file, '.php') . "::$name";
            }
        }
        foreach (glob(self::ROOT . '/{storefront,infra/browser,infra/e2e}/*_test.go', GLOB_BRACE) as $file) {
            preg_match_all('/^func (Test\w+)\(/m', file_get_contents($file), $found);
            foreach ($found[1] as $name) {
                $tests[] = basename($file) . ":$name";
            }
        }
        $rows = self::table();
        self::assertGreaterThan(10, count($rows));
        foreach ($rows as [$asked, , $held]) {
            preg_match_all('/`([^`]+)`/', $held, $named);
            self::assertNotEmpty($named[1], "no test for: $asked");
            foreach ($named[1] as $name) {
                self::assertContains($name, $tests, $asked);
            }
        }
    }

    public function testEveryFileOfTheTableIsThere(): void
    {
        $folder = self::ROOT . '/storefront/bitrix/kassa.checkout/handler/kassa/';
        foreach (self::table() as [$asked, $done]) {
            preg_match_all('/`([\w.\/]+\.(?:php|js))`/', $done, $named);
            foreach ($named[1] as $file) {
                self::assertTrue(is_file($folder . $file) || is_file(self::ROOT . "/storefront/$file"), "$asked: $file");
            }
        }
    }
}
