<?php

namespace Kassa\Checkout\Tests;

use Kassa\Checkout\Money;
use PHPUnit\Framework\TestCase;

final class MoneyTest extends TestCase
{
    /** @dataProvider sums */
    public function testFloatsOfTheCoreBecomeWholeMinorUnits(float $sum, int $minor): void
    {
        self::assertSame($minor, Money::minor($sum));
    }

    public function sums(): array
    {
        return [
            [150.0, 15000], [0.29, 29], [1.1 + 2.2, 330], [19.99, 1999], [1.15, 115], [8.2, 820], [0.01, 1],
            [999999999.99, 99999999999], [1000000000.0, 100000000000], [4.35, 435], [1.005, 101],
        ];
    }

    public function testEveryAmountUpToAThousandComesBackFromItsFloat(): void
    {
        for ($minor = 0; $minor <= 100000; $minor++) {
            self::assertSame($minor, Money::minor((float) Money::text($minor)));
        }
    }

    /** @dataProvider texts */
    public function testWhatAPersonTypes(string $typed, ?int $minor): void
    {
        self::assertSame($minor, Money::typed($typed));
    }

    public function texts(): array
    {
        return [
            ['12', 1200], ['12.5', 1250], ['12,50', 1250], [' 12.50 ', 1250], ["1\xC2\xA0200,00", 120000],
            ['1 200', 120000], ["12\u{202F}345.60", 1234560], ['0.01', 1],
            ['0', null], ['0,00', null], ['', null], ['-1', null], ['12.505', null], ['1e3', null],
            ['1,200.00', null], ["12\n", null], ['0x10', null], ['9999999999', null], ['12.', null], ['.5', null],
        ];
    }

    public function testTextIsMadeOfWholeNumbers(): void
    {
        $texts = array_map([Money::class, 'text'], [0, 5, 15000, 123456789]);
        self::assertSame(['0.00', '0.05', '150.00', '1234567.89'], $texts);
    }
}
