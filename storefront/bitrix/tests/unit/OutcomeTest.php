<?php

namespace Kassa\Checkout\Tests;

use Kassa\Checkout\Outcome;
use PHPUnit\Framework\TestCase;

final class OutcomeTest extends TestCase
{
    private static function kassa(array $more): array
    {
        return $more + [
            'id' => 'pay_a-1', 'status' => 'paid', 'amount' => 15000, 'currency' => 'AZN', 'captured_amount' => 15000,
            'refunded_amount' => 0, 'sequence' => 3, 'review' => null, 'overpaid' => false,
            'refunds' => [], 'history' => [],
        ];
    }

    private static function ours(array $more): array
    {
        return $more + [
            'sum' => 15000, 'currency' => 'AZN', 'invoice' => 'pay_a-1', 'sequence' => 2,
            'paid' => false, 'returned' => false,
        ];
    }

    /** @dataProvider stories */
    public function testStory(array $kassa, array $ours, ?array $want): void
    {
        $outcome = Outcome::of(self::kassa($kassa), self::ours($ours));
        if ($want === null) {
            self::assertNull($outcome);
            return;
        }
        $want += ['operation' => null, 'alarm' => false, 'adopted' => true, 'failed' => false, 'reopened' => false];
        $got = (array) $outcome;
        ksort($want);
        ksort($got);
        self::assertSame($want, $got);
    }

    public function stories(): array
    {
        $refunded = ['status' => 'refunded', 'refunded_amount' => 15000, 'sequence' => 5];
        $part = ['status' => 'partially_refunded', 'refunded_amount' => 5000, 'sequence' => 5];
        $none = ['captured_amount' => 0];
        $paid = ['paid' => true];
        $return = ['paid' => true, 'returned' => true];
        $failed = ['refunds' => [['status' => 'failed']], 'sequence' => 6];
        return [
            'paid' => [[], [], ['operation' => 'coming', 'word' => 'PAID']],
            'paid, and the page was never saved' => [[], ['invoice' => '', 'sequence' => 0],
                ['operation' => 'coming', 'word' => 'PAID']],
            'the same again' => [[], $paid + ['sequence' => 3], null],
            'older than what is kept' => [[], $paid + ['sequence' => 4], null],
            'the same again, where half of the order was saved' => [[], ['sequence' => 3],
                ['operation' => 'coming', 'word' => 'PAID']],
            'pending' => [$none + ['status' => 'pending'], [], ['word' => 'PENDING']],
            'declined' => [$none + ['status' => 'declined'], [], ['word' => 'DECLINED', 'failed' => true]],
            'called off' => [$none + ['status' => 'cancelled'], [], ['word' => 'CANCELLED', 'failed' => true]],
            'called off by the shop, which had another basket' => [
                $none + ['status' => 'cancelled', 'history' => [['what' => 'cancelled', 'by' => 'shop:k1']]], [],
                ['word' => 'CANCELLED'],
            ],
            'called off at the bank' => [
                $none + ['status' => 'cancelled', 'history' => [['what' => 'cancelled', 'by' => 'bank']]], [],
                ['word' => 'CANCELLED', 'failed' => true],
            ],
            'expired' => [$none + ['status' => 'expired'], [], ['word' => 'EXPIRED', 'failed' => true]],
            'an older attempt declined' => [$none + ['status' => 'declined'], ['invoice' => 'pay_a-2'], null],
            'an older attempt paid late' => [['late' => true], ['invoice' => 'pay_a-2', 'sequence' => 9],
                ['operation' => 'coming', 'word' => 'PAID']],
            'another attempt paid, too' => [[], $paid + ['invoice' => 'pay_a-2'],
                ['word' => 'TWICE', 'alarm' => true, 'adopted' => false]],
            'overpaid, and the news of the first are lost' => [['overpaid' => true], [],
                ['word' => 'TWICE', 'alarm' => true]],
            'the second of two given back' => [$refunded, $paid + ['invoice' => 'pay_a-2'], null],
            'another amount was taken' => [['captured_amount' => 14000, 'review' => 'amount'], [],
                ['word' => 'REVIEW', 'alarm' => true]],
            'too little for the order as it is now' => [[], ['sum' => 15001], ['word' => 'SUM', 'alarm' => true]],
            'more than the order as it is now' => [[], ['sum' => 14000],
                ['operation' => 'coming', 'word' => 'MORE', 'alarm' => true]],
            'the difference was given back' => [$part, $paid + ['sum' => 10000], ['word' => 'PART']],
            'another currency' => [['currency' => 'BYN'], [], ['word' => 'SUM', 'alarm' => true]],
            'a doubt without money' => [$none + ['status' => 'pending', 'review' => 'status'], [],
                ['word' => 'REVIEW', 'alarm' => true]],
            'a doubt about what is paid' => [['review' => 'refund', 'sequence' => 4], $paid,
                ['word' => 'REVIEW', 'alarm' => true]],
            'a part back' => [$part, $paid, ['word' => 'PART']],
            'a part back before the news of the money' => [$part, [], ['operation' => 'coming', 'word' => 'PART']],
            'all back' => [$refunded, $paid, ['operation' => 'leaving', 'word' => 'REFUNDED']],
            'all back, told by the return itself' => [$refunded, ['returned' => true], ['word' => 'REFUNDED']],
            'all back before the news of the money' => [$refunded, [], ['word' => 'REFUNDED']],
            'all back, told after a return on its way' => [$refunded, $return,
                ['operation' => 'leaving', 'word' => 'REFUNDED']],
            'a late paid after a return' => [['sequence' => 9], ['returned' => true],
                ['word' => 'AFTER_RETURN', 'alarm' => true]],
            'a return on its way' => [['refunds' => [['status' => 'failed'], ['status' => 'processing']]], $return,
                ['word' => 'REFUNDING']],
            'a return that failed' => [$failed, $return,
                ['word' => 'RETURN_FAILED', 'alarm' => true, 'reopened' => true]],
            'a part that failed' => [$failed, $paid, ['word' => 'PAID']],
        ];
    }

    public function testMoneyComesAndLeavesOnceInWhateverOrderTheNewsArrive(): void
    {
        $states = [
            self::kassa(['status' => 'pending', 'captured_amount' => 0, 'sequence' => 2]), self::kassa([]),
            self::kassa(['status' => 'partially_refunded', 'refunded_amount' => 5000, 'sequence' => 4]),
            self::kassa(['status' => 'refunded', 'refunded_amount' => 15000, 'sequence' => 5]),
        ];
        foreach ([[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 2, 3], [2, 2, 3, 1], [0, 3, 1, 1], [1, 1, 3, 3, 0]] as $order) {
            $ours = self::ours(['sequence' => 0]);
            foreach ($order as $state) {
                $outcome = Outcome::of($states[$state], $ours);
                if ($outcome !== null) {
                    $ours['sequence'] = $states[$state]['sequence'];
                    $moved = $outcome->operation !== null;
                    $ours['paid'] = $moved ? $outcome->operation === Outcome::COMING : $ours['paid'];
                }
            }
            self::assertFalse($ours['paid'], implode(' ', $order));
        }
    }

    public function testTheAttemptThatSpeaksForAPayment(): void
    {
        $old = self::kassa(['id' => 'pay_a-1', 'captured_amount' => 0]);
        $new = self::kassa(['id' => 'pay_a-2', 'captured_amount' => 0]);
        $id = static function (array $attempts, string $invoice): ?string {
            return Outcome::choose($attempts, $invoice)['id'] ?? null;
        };
        self::assertNull($id([], 'pay_a-1'));
        self::assertSame('pay_a-2', $id([$new, $old], ''));
        self::assertSame('pay_a-1', $id([$new, $old], 'pay_a-1'));
        self::assertSame('pay_a-1', $id([$new, self::kassa([])], 'pay_a-2'));
        $twice = [self::kassa(['id' => 'pay_a-2', 'overpaid' => true]), self::kassa([])];
        self::assertSame('pay_a-1', $id($twice, 'pay_a-2'));
        self::assertSame('pay_a-1', $id([$new, self::kassa(['refunded_amount' => 15000])], 'pay_a-1'));
    }
}
