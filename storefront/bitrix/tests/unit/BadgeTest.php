<?php

namespace Kassa\Checkout\Tests;

use PHPUnit\Framework\TestCase;

final class BadgeTest extends TestCase
{
    private static function html(array $badge): string
    {
        return (require __DIR__ . '/../../kassa.checkout/handler/kassa/badge.php')($badge);
    }

    public function testWholeKopecksOfThePriceAndNothingThatIsNoText(): void
    {
        $html = self::html(['shop' => 'a"><b', 'api' => 'https://kassa.example', 'price' => 19.99]);
        self::assertStringContainsString('shop="a&quot;&gt;&lt;b" api="https://kassa.example" amount="1999"', $html);
        self::assertStringNotContainsString('data-follow', $html);
        self::assertStringContainsString('<script type="module" src="/local/js/kassa/instalments.js">', $html);
    }

    public function testItReckonsAloneWhereItIsGivenTerms(): void
    {
        $html = self::html(['terms' => '3,6,12', 'price' => 120.0, 'script' => '/x.js']);
        self::assertStringContainsString('<kassa-instalments terms="3,6,12" amount="12000">', $html);
        self::assertStringContainsString('src="/x.js"', $html);
    }

    /** A site in windows-1251 gets back the bytes that it gave. */
    public function testBytesStayAsTheSiteHasThem(): void
    {
        $html = self::html(['follow' => ".\xF6\xE5\xED\xE0"]);
        self::assertStringContainsString("data-follow=\".\xF6\xE5\xED\xE0\"", $html);
    }

    /** Runs the page's script as a browser does, on a total that changes. */
    public function testFollowsTheTotalAsItIsShown(): void
    {
        $shown = [
            "1\u{A0}234,50 \u{440}\u{443}\u{431}." => '123450', '1 234,50 BYN' => '123450', '1,234.50 BYN' => '123450',
            '1.234,5 Br' => '123450', '120 BYN' => '12000', '120.00' => '12000', '12,345,678.90' => '1234567890',
            "\u{418}\u{442}\u{43E}\u{433}\u{43E}: 1 000 \u{440}\u{443}\u{431}." => '100000', '1 234.' => '123400',
            '0,50' => '50', '99.9' => '9990', '' => '7', "\u{43D}\u{435}\u{442}" => '7', '0 BYN' => '7',
            '2 for 100' => '200', "1'234.00" => '123400',
        ];
        preg_match_all('~<script>(.*?)</script>~s', self::html(['price' => 0.07, 'follow' => '#total']), $scripts);
        $browser = 'const badge = { dataset: { follow: "#total" }, amount: "7", getAttribute() { return this.amount },
            setAttribute(name, value) { this.amount = value } }, total = { textContent: "" };
            let changed;
            global.document = { currentScript: { previousElementSibling: badge }, querySelector: () => total };
            global.MutationObserver = class { constructor(f) { changed = f } observe() {} };
            ' . $scripts[1][0] . '
            const told = [];
            for (const text of JSON.parse(process.argv[1])) {
                badge.amount = "7"; total.textContent = text; changed(); told.push(badge.amount);
            }
            console.log(JSON.stringify(told));';
        $process = proc_open(['node', '-e', $browser, json_encode(array_keys($shown))], [1 => ['pipe', 'w']], $pipes);
        self::assertIsResource($process);
        $told = json_decode(stream_get_contents($pipes[1]), true);
        self::assertSame(0, proc_close($process));
        self::assertSame(array_values($shown), $told);
    }
}
