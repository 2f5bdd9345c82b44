<?php

namespace Kassa\Checkout;

/**
 * Amounts. Kassa counts in whole minor units (15000 is 150.00), the core in floats: they meet here and nowhere else.
 */
final class Money
{
    /** Minor units of a sum of the core, which PriceMaths has rounded. */
    public static function minor(float $sum): int
    {
        return (int) round($sum * 100);
    }

    /** "150.00", by whole numbers alone. */
    public static function text(int $minor): string
    {
        return sprintf('%d.%02d', intdiv($minor, 100), $minor % 100);
    }

    /** Minor units of what a person typed: 12, 12.5, 12,50 and 1 200.00; null for anything else, nought included. */
    public static function typed(string $text): ?int
    {
        // the blanks that do not break, by the narrow one of which Kassa's console parts thousands
        $plain = str_replace([' ', "\xC2\xA0", "\xE2\x80\xAF"], '', $text);
        if (!preg_match('/^(\d{1,9})(?:[.,](\d{1,2}))?$/D', $plain, $parts)) {
            return null;
        }
        $minor = (int) $parts[1] * 100 + (int) str_pad($parts[2] ?? '', 2, '0');
        return $minor > 0 ? $minor : null;
    }
}
