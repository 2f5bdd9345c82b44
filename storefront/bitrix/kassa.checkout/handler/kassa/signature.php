<?php

namespace Kassa\Checkout;

/**
 * The signature of a message from Kassa (Standard Webhooks 1.0.0): HMAC-SHA256 over "id.timestamp.body".
 */
final class Signature
{
    /** Seconds that a message may be off this server's clock, either way. */
    private const TOLERANCE = 300;

    /** @var string[] */
    private $secrets;

    /** @param string $secrets as Kassa printed them (whsec_...), two with a blank between while they are changed */
    public function __construct(string $secrets)
    {
        $this->secrets = preg_split('/[\s,]+/', $secrets, -1, PREG_SPLIT_NO_EMPTY);
    }

    /**
     * Says whether Kassa sent exactly these bytes within the last five minutes.
     *
     * @param string $signatures the header Webhook-Signature: one for each secret, blanks between; one good one will do
     * @param int $now Unix seconds
     */
    public function covers(string $body, string $id, string $timestamp, string $signatures, int $now): bool
    {
        if ($id === '' || !ctype_digit($timestamp) || abs($now - (int) $timestamp) > self::TOLERANCE) {
            return false;
        }
        foreach ($this->secrets as $secret) {
            $key = base64_decode((string) preg_replace('/^whsec_/', '', $secret), true);
            if ($key === false || $key === '') {
                continue;
            }
            $want = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
            foreach (explode(' ', $signatures) as $given) {
                if (hash_equals($want, $given)) {
                    return true;
                }
            }
        }
        return false;
    }
}
