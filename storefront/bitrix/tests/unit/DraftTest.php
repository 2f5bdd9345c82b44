<?php

namespace Kassa\Checkout\Tests;

use Kassa\Checkout\Draft;
use PHPUnit\Framework\TestCase;

final class DraftTest extends TestCase
{
    private const WHOLE = ['sku' => 'bx-s1-11', 'name' => 'Order 7'];

    private static function good(string $name, float $quantity, int $unit, int $sum): array
    {
        return ['sku' => "sku-$name", 'name' => $name, 'quantity' => $quantity, 'unit' => $unit, 'sum' => $sum];
    }

    /** [name, quantity, unit] of each line; they must add up whatever goes in. */
    private static function lines(array $goods, int $amount): array
    {
        $lines = Draft::lines($goods, $amount, self::WHOLE);
        $sum = 0;
        foreach ($lines as $line) {
            $sum += $line['quantity'] * $line['unit_amount'];
        }
        self::assertSame($amount, $sum);
        return array_map(static function (array $line): array {
            return [$line['name'], $line['quantity'], $line['unit_amount']];
        }, $lines);
    }

    public function testPiecesStayPieces(): void
    {
        $goods = [self::good('Cup', 2, 6000, 12000), self::good('Spoon', 1, 150, 150), self::good('Card', 1, 0, 0)];
        self::assertSame([['Cup', 2, 6000], ['Spoon', 1, 150], ['Card', 1, 0]], self::lines($goods, 12150));
    }

    public function testAFractionIsOneLineWithItsSum(): void
    {
        $goods = [self::good('Cheese', 1.5, 2399, 3599), self::good('Delivery', 1, 500, 500)];
        self::assertSame([['Cheese x 1.5', 1, 3599], ['Delivery', 1, 500]], self::lines($goods, 4099));
        self::assertSame([['Cloth x 0.3333', 1, 333]], self::lines([self::good('Cloth', 0.3333, 1000, 333)], 333));
    }

    public function testTheRestOfRoundingGoesToTheLastLine(): void
    {
        $goods = [self::good('A', 1, 3333, 3333), self::good('B', 2, 3333, 6666)];
        self::assertSame([['A', 1, 3333], ['B x 2', 1, 6667]], self::lines($goods, 10000));
        self::assertSame([['A', 1, 3333], ['B x 2', 1, 6665]], self::lines($goods, 9998));
    }

    /** @dataProvider strange */
    public function testOneHonestLineWhereTheGoodsDoNotTellTheAmount(array $goods, int $amount): void
    {
        self::assertSame([['Order 7', 1, $amount]], self::lines($goods, $amount));
    }

    public function strange(): array
    {
        return [
            'a payment of a part' => [[self::good('Cup', 2, 6000, 12000)], 4000],
            'a discount on the whole' => [[self::good('Cup', 2, 6000, 12000), self::good('Jar', 1, 100, 100)], 11000],
            'a tax on the whole' => [[self::good('Cup', 2, 6000, 12000)], 14400],
            'no goods' => [[], 100],
            'more lines than Kassa takes' => [array_fill(0, 501, self::good('Nail', 1, 1, 1)), 501],
            'a line below nought' => [[self::good('Cup', 1, 200, 200), self::good('Gift', 1, -100, -100)], 100],
        ];
    }

    public function testTextsAreCleanAndShortEnough(): void
    {
        $good = self::good("Two\nlines\x00 \u{200B}and " . str_repeat("\u{44F}", 300), 1, 5, 5);
        $line = Draft::lines([['sku' => ''] + $good], 5, self::WHOLE)[0];
        self::assertSame('-', $line['sku']);
        self::assertSame(250, preg_match_all('/./u', $line['name']));
        self::assertStringStartsWith("Two lines and \u{44F}", $line['name']);
        self::assertSame('-', Draft::lines([self::good(" \n", 1, 5, 5)], 5, self::WHOLE)[0]['name']);
    }

    public function testNamesThatOtherProgramsCutOrHyphenated(): void
    {
        // The halves are those of a letter and of an emoji, as substr() leaves them.
        $told = ["Tea \u{44F}\xD1" => "Tea \u{44F}?", "Cup \xF0\x9F\x8D" => 'Cup ?', "ev\u{AD}lilik" => 'evlilik',
            "\u{200E}Tea\u{200B} set\u{FEFF}" => 'Tea set'];
        foreach ($told as $name => $want) {
            self::assertSame($want, Draft::oneLine($name, 250));
        }
    }

    public function testReferenceSuitsKassaAndNamesSiteAndPayment(): void
    {
        self::assertSame('bx-s1-11', Draft::reference('s1', 11));
        self::assertSame('bx-s_1-11', Draft::reference('s/1', 11));
    }

    public function testNames(): void
    {
        $names = static function (string $full, bool $familyFirst): array {
            return array_values(Draft::names($full, $familyFirst));
        };
        self::assertSame(['Ada', 'Example'], $names(' Ada  Example ', false));
        self::assertSame(['Ada Maria', 'Example'], $names('Ada Maria Example', false));
        [$given, $family] = ["\u{410}\u{43D}\u{43D}\u{430}", "\u{41A}\u{43E}"];
        self::assertSame([$given, $family], $names("$family $given", true));
        self::assertSame(['Ada', ''], $names('Ada', true));
        self::assertSame(['', ''], $names('', false));
    }

    public function testMissingAreNamedAllAtOnce(): void
    {
        $customer = ['first_name' => 'Ada', 'last_name' => '', 'phone' => ' ', 'email' => 'ada@example.com'];
        self::assertSame(['last_name', 'phone'], Draft::missing($customer));
        self::assertSame([], Draft::missing([])); // a card payment asks for nobody
    }
}
