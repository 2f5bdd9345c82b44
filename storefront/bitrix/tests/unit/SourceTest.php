<?php

namespace Kassa\Checkout\Tests;

use FilesystemIterator;
use PHPUnit\Framework\TestCase;
use RecursiveDirectoryIterator;
use RecursiveIteratorIterator;

/** What every file of the product keeps to. */
final class SourceTest extends TestCase
{
    private const PRODUCT = __DIR__ . '/../../kassa.checkout';

    private static function files(): array
    {
        $tree = new RecursiveDirectoryIterator(self::PRODUCT, FilesystemIterator::SKIP_DOTS);
        $files = [];
        foreach (new RecursiveIteratorIterator($tree) as $file) {
            $files[substr($file->getPathname(), strlen(self::PRODUCT) + 1)] = file_get_contents($file->getPathname());
        }
        self::assertNotEmpty($files);
        return $files;
    }

    private static function messages(string $path): array
    {
        $MESS = [];
        include self::PRODUCT . '/' . $path;
        return $MESS;
    }

    public function testSourceIsAsciiOutsideLang(): void
    {
        foreach (self::files() as $name => $text) {
            $words = strpos($name, 'lang/') !== false;
            self::assertSame(1, preg_match($words ? '//u' : '/^[\x0A\x20-\x7E]*$/D', $text), $name);
            self::assertStringStartsWith('<?php', $text, "$name must not begin with a byte order mark");
        }
    }

    /** @dataProvider languages */
    public function testEveryLanguageSaysEverything(string $language): void
    {
        foreach (['handler/kassa/lang/%s/handler.php', 'lang/%s/install/index.php'] as $file) {
            $english = self::messages(sprintf($file, 'en'));
            $said = self::messages(sprintf($file, $language));
            self::assertSame(array_keys($english), array_keys($said));
            foreach ($said as $code => $text) {
                self::assertNotSame('', trim($text), $code);
                self::assertSame(self::placeholders($english[$code]), self::placeholders($text), "$language $code");
            }
        }
    }

    public function languages(): array
    {
        return [['ru'], ['be'], ['az'], ['en']];
    }

    private static function placeholders(string $text): array
    {
        preg_match_all('/#[A-Z]+#/', $text, $found);
        sort($found[0]);
        return $found[0];
    }

    public function testEveryMessageThatIsAskedForIsThere(): void
    {
        $said = self::messages('handler/kassa/lang/en/handler.php');
        foreach (self::files() as $name => $text) {
            preg_match_all("/say\\('(KASSA_[A-Z_]*[A-Z])'[,)]/", $text, $found);
            foreach ($found[1] as $code) {
                self::assertArrayHasKey($code, $said, $name);
            }
        }
    }

    public function testThereIsAWordForEveryStatusHintAndOutcome(): void
    {
        $said = self::messages('handler/kassa/lang/en/handler.php');
        $words = ['CREATED', 'PENDING', 'PAID', 'PART', 'REFUNDED', 'REFUNDING', 'DECLINED', 'CANCELLED', 'EXPIRED',
            'REVIEW', 'TWICE', 'SUM', 'MORE', 'RETURN_FAILED', 'AFTER_RETURN', 'CANCELLED_PAID'];
        $hints = ['insufficient_funds', 'expired_card', 'limit', 'not_permitted', 'try_again', 'call_bank', 'other'];
        foreach ($words as $word) {
            self::assertArrayHasKey("KASSA_IS_$word", $said);
            self::assertLessThan(350, strlen($said["KASSA_IS_$word"]), 'it must fit into PS_STATUS_DESCRIPTION');
        }
        foreach ($hints as $hint) {
            self::assertArrayHasKey('KASSA_HINT_' . strtoupper($hint), $said);
        }
    }

    public function testNothingIsAskedOfTheCoreThatMixesTwoHandlersUp(): void
    {
        foreach (self::files() as $name => $text) {
            self::assertStringNotContainsString('getParamsBusValue', $text, $name);
            self::assertStringNotContainsString('disableSslVerification', $text, $name);
        }
    }
}
