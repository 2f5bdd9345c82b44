<?php

namespace Rig;

/**
 * Another module of the shop, which stops the first hit that comes by, and asks at an address when it may go on.
 */
final class Pause
{
    public static function first(): void
    {
        $url = Book::row('pauses', 1)['URL'] ?? '';
        $mine = Book::delete('pauses', static function (): bool {
            return true;
        });
        if ($mine > 0) {
            file_get_contents($url, false, stream_context_create(['http' => ['header' => 'Authorization: Bearer nobody']]));
        }
    }
}
