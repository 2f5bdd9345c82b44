<?php

namespace Kassa\Checkout;

/**
 * What Kassa is asked for. Amounts are minor units, texts are UTF-8.
 */
final class Draft
{
    /** More lines than this one order may not have. */
    private const MOST_LINES = 500;

    /**
     * The order's name at Kassa. An account number will not do: it has a slash, and a shop may change its pattern.
     */
    public static function reference(string $site, int $payment): string
    {
        return sprintf('bx-%s-%d', preg_replace('/[^A-Za-z0-9._-]/', '_', $site), $payment);
    }

    /**
     * The lines of an application for instalments. They add up to the amount exactly, or the bank refuses it.
     *
     * @param array $goods lines with sku, name, quantity (float), unit and sum, a delivery among them
     * @param array $whole the line that stands for everything where the goods do not tell the amount: a payment that
     *     is a part of its order, a discount or a tax on the whole. Inventing prices would be a lie
     */
    public static function lines(array $goods, int $amount, array $whole): array
    {
        $rest = $amount - array_sum(array_column($goods, 'sum'));
        $last = count($goods) - 1;
        if ($last < 0 || $last >= self::MOST_LINES || abs($rest) > count($goods)) {
            return [self::line($whole['sku'], $whole['name'], 1, $amount)];
        }
        $goods[$last]['sum'] += $rest; // what rounding left over
        if (min(array_column($goods, 'sum')) < 0 || min(array_column($goods, 'unit')) < 0) {
            return [self::line($whole['sku'], $whole['name'], 1, $amount)];
        }
        return array_map([self::class, 'goodsLine'], $goods);
    }

    /** Pieces stay pieces; what is no whole number of equal pieces is one line with its sum. */
    private static function goodsLine(array $good): array
    {
        $pieces = (int) $good['quantity'];
        if ((float) $pieces === $good['quantity'] && $pieces > 0 && $pieces * $good['unit'] === $good['sum']) {
            return self::line($good['sku'], $good['name'], $pieces, $good['unit']);
        }
        $quantity = rtrim(rtrim(number_format($good['quantity'], 4, '.', ''), '0'), '.');
        $name = $good['name'] . ($quantity === '1' ? '' : " x $quantity");
        return self::line($good['sku'], $name, 1, $good['sum']);
    }

    private static function line(string $sku, string $name, int $quantity, int $unit): array
    {
        $name = self::oneLine($name, 250);
        return [
            'sku' => self::oneLine($sku, 100) ?: '-',
            'name' => $name === '' ? '-' : $name,
            'quantity' => $quantity,
            'unit_amount' => $unit,
        ];
    }

    /**
     * A text without line breaks and other characters that do not print, of so many characters at most. Where it was
     * cut within a character stands a question mark; what has no width, such as a soft hyphen, parts no word.
     */
    public static function oneLine(string $text, int $length): string
    {
        $whole = json_decode(json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE));
        $text = trim((string) preg_replace(['/\x{FFFD}/u', '/\p{Cf}+/u', '/[\s\p{C}]+/u'], ['?', '', ' '], $whole));
        return trim((string) preg_replace('/^(.{' . $length . '}).*$/su', '$1', $text));
    }

    /**
     * Given and family name of who pays.
     *
     * @param string $full what stands in the one field for a name
     * @param bool $familyFirst as forms in Russian and Belarusian ask for it; elsewhere the family name comes last
     */
    public static function names(string $full, bool $familyFirst): array
    {
        $words = preg_split('/\s+/u', trim($full), -1, PREG_SPLIT_NO_EMPTY) ?: [];
        if (count($words) < 2) {
            return ['first_name' => $words[0] ?? '', 'last_name' => ''];
        }
        $family = $familyFirst ? array_shift($words) : array_pop($words);
        return ['first_name' => implode(' ', $words), 'last_name' => $family];
    }

    /** The names of what the bank asks of a customer and the order does not say. */
    public static function missing(array $customer): array
    {
        return array_keys(array_map('trim', $customer), '', true);
    }
}
