<?php

namespace Rig;

/**
 * A webhook message made by hand, as somebody may make it who has no, an old or a stolen secret.
 */
final class Message
{
    /** @var string */
    public $id;

    /** @var string */
    public $body;

    /** @var int Unix seconds */
    public $at;

    /** @var array kassa's payment, maybe altered, as the message tells it */
    public function __construct(array $data, string $type = 'payment.paid')
    {
        $this->id = "evt_$data[id]_$data[sequence]";
        $this->at = time();
        $this->body = json_encode(['type' => $type, 'timestamp' => gmdate('Y-m-d\TH:i:s\Z'), 'sequence' => $data['sequence'], 'data' => $data]);
    }

    /** @return string[] headers with a signature of each secret */
    public function headers(string ...$secrets): array
    {
        $signatures = array_map(function (string $secret): string {
            $key = base64_decode(substr($secret, strlen('whsec_')));
            return 'v1,' . base64_encode(hash_hmac('sha256', "$this->id.$this->at.$this->body", $key, true));
        }, $secrets);
        return ["Webhook-Id: $this->id", "Webhook-Timestamp: $this->at", 'Webhook-Signature: ' . implode(' ', $signatures), 'Content-Type: application/json'];
    }

    /** @return array [status, answer] */
    public function post(string $url, string ...$secrets): array
    {
        [$status, $text] = Http::send('POST', $url, $this->headers(...$secrets), $this->body);
        return [$status, json_decode($text, true)];
    }
}
