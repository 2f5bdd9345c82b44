<?php

namespace Kassa\Checkout;

/**
 * What Kassa's payment means for the payment of a Bitrix order.
 *
 * Money comes once: when the bank has it, all of it, and nobody doubts it. Money leaves once: when all of it went back.
 * Whatever else happens is told, and changes nothing that is paid.
 */
final class Outcome
{
    public const COMING = 'coming';
    public const LEAVING = 'leaving';

    /** Words that mean work for a person. */
    private const ALARMS = ['TWICE', 'REVIEW', 'SUM', 'MORE', 'RETURN_FAILED', 'AFTER_RETURN'];

    /** @var string|null COMING, LEAVING or null: nothing moves */
    public $operation;

    /** @var string which words describe it to staff: one of those below lang/ that begin with KASSA_IS_ */
    public $word;

    /** @var bool a person of the shop has to do something: the order gets a comment */
    public $alarm = false;

    /** @var bool Kassa's payment becomes the one that this payment points to, and its fields are taken over */
    public $adopted = true;

    /** @var bool it ended without money */
    public $failed = false;

    /** @var bool a return that was under way has failed: the button for it must work again */
    public $reopened = false;

    private function __construct(string $word)
    {
        $this->word = $word;
    }

    /**
     * @param array $kassa a payment as Kassa's API shows it to its shop
     * @param array $ours sum, currency, invoice (Kassa's id that is kept), sequence (of what is kept), paid, returned
     * @return self|null null when there is nothing new in it
     */
    public static function of(array $kassa, array $ours): ?self
    {
        $current = in_array($ours['invoice'], ['', $kassa['id']], true);
        $money = $kassa['captured_amount'] > $kassa['refunded_amount'];
        if ($current ? $kassa['sequence'] < $ours['sequence'] : !$money) {
            return null; // older than what is kept, or another attempt that leaves no money here
        }
        $outcome = $money ? self::withMoney($kassa, $ours, $current) : self::withoutMoney($kassa, $ours);
        $known = $current && $kassa['id'] === $ours['invoice'] && $kassa['sequence'] === $ours['sequence'];
        return $known && $outcome->operation === null && !$outcome->reopened ? null : $outcome;
    }

    /** Whether there was money, and all of it went back. */
    public static function isAllBack(array $kassa): bool
    {
        return $kassa['captured_amount'] > 0 && $kassa['refunded_amount'] >= $kassa['captured_amount'];
    }

    private static function withoutMoney(array $kassa, array $ours): self
    {
        if (self::isAllBack($kassa)) {
            $outcome = new self('REFUNDED');
            $outcome->operation = $ours['paid'] ? self::LEAVING : null;
            return $outcome;
        }
        $outcome = new self(strtoupper($kassa['review'] === null ? $kassa['status'] : 'review'));
        $outcome->alarm = $kassa['review'] !== null;
        $outcome->failed = !$ours['paid'] && self::hasFailed($kassa);
        return $outcome;
    }

    /** It ended without money, and not because the shop itself called it off, as it does for a changed basket. */
    private static function hasFailed(array $kassa): bool
    {
        $by = array_column($kassa['history'], 'by', 'what')['cancelled'] ?? '';
        return in_array($kassa['status'], ['declined', 'cancelled', 'expired'], true)
            && !($kassa['status'] === 'cancelled' && strpos($by, 'shop:') === 0);
    }

    private static function withMoney(array $kassa, array $ours, bool $current): self
    {
        $outcome = new self($kassa['refunded_amount'] > 0 ? 'PART' : 'PAID');
        if (!empty($kassa['overpaid']) || (!$current && $ours['paid'])) {
            $outcome->word = 'TWICE';
            $outcome->adopted = $current;
        } elseif ($kassa['review'] !== null) {
            $outcome->word = 'REVIEW';
        } elseif ($ours['returned']) {
            self::afterReturn($outcome, $kassa, $ours);
        } elseif ($kassa['currency'] !== $ours['currency'] || $kassa['captured_amount'] < $ours['sum']) {
            $outcome->word = 'SUM';
        } else {
            $outcome->operation = $ours['paid'] ? null : self::COMING;
            $more = $kassa['captured_amount'] - $kassa['refunded_amount'] > $ours['sum'];
            $outcome->word = $more ? 'MORE' : $outcome->word;
        }
        $outcome->alarm = in_array($outcome->word, self::ALARMS, true);
        return $outcome;
    }

    /** Staff have said that it is given back, and Kassa still has the money of it. */
    private static function afterReturn(self $outcome, array $kassa, array $ours): void
    {
        if (!$ours['paid']) {
            $outcome->word = 'AFTER_RETURN';
        } elseif (in_array('processing', array_column($kassa['refunds'], 'status'), true)) {
            $outcome->word = 'REFUNDING';
        } else {
            $outcome->word = 'RETURN_FAILED';
            $outcome->reopened = true;
        }
    }

    /**
     * The attempt that speaks for a payment: the one that has the money, else the one that is kept, else the newest.
     *
     * @param array $attempts as Kassa lists them, the newest first
     */
    public static function choose(array $attempts, string $invoice): ?array
    {
        $chosen = $attempts[0] ?? null;
        foreach ($attempts as $attempt) {
            if ($attempt['id'] === $invoice) {
                $chosen = $attempt;
            }
        }
        foreach ($attempts as $attempt) {
            if ($attempt['captured_amount'] > $attempt['refunded_amount'] && empty($attempt['overpaid'])) {
                return $attempt;
            }
        }
        return $chosen;
    }
}
