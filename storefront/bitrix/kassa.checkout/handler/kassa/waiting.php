<?php

namespace Kassa\Checkout;

use Bitrix\Sale\PaySystem\Service;
use RuntimeException;

/**
 * What the return page tells a customer. It only shows: an order is paid by messages and by the agent.
 */
final class Waiting
{
    private const SIGHTS = [
        'paid' => 'PAID', 'partially_refunded' => 'PAID', 'refunded' => 'REFUNDED',
        'declined' => 'DECLINED', 'cancelled' => 'CANCELLED', 'expired' => 'EXPIRED',
    ];

    /**
     * Sight, title and text in the language of the site (UTF-8), and after how many seconds to ask again (0: never).
     *
     * @param array|null $kept id and token of the payment that this customer's session opened; null: it opened none
     */
    public static function tell(?Service $service, ?array $kept): array
    {
        if ($service === null || $kept === null) {
            return self::words('UNKNOWN', '', 0);
        }
        try {
            $client = Desk::client($service);
            $seen = $client->glance($kept['id'], (string) $kept['token']);
            $sight = self::SIGHTS[$seen['status']] ?? 'PENDING';
            $why = $sight === 'DECLINED' ? $client->payment($kept['id'])['decline']['hint'] ?? 'other' : '';
            return self::words($sight, $why, $sight === 'PENDING' ? max(5, (int) $seen['poll_after_seconds']) : 0);
        } catch (RuntimeException $e) {
            return self::words('PENDING', '', 10); // Kassa cannot be reached just now: that says nothing of the payment
        }
    }

    private static function words(string $sight, string $hint, int $again): array
    {
        $why = $hint === '' ? '' : Desk::say('KASSA_HINT_' . strtoupper($hint));
        return [
            'sight' => strtolower($sight),
            'title' => Desk::utf8(Desk::say("KASSA_RETURN_{$sight}_TITLE")),
            'text' => Desk::utf8($why !== '' ? $why : Desk::say("KASSA_RETURN_$sight")),
            'again' => $again,
        ];
    }
}
