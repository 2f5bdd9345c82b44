<?php

namespace Kassa\Checkout;

use RuntimeException;

/**
 * The calls of Kassa's API that a shop needs. Amounts are minor units, texts are UTF-8.
 *
 * Nothing of Bitrix is in here. What carries the bytes is handed in: a callable that takes method, address, headers
 * and body and gives [HTTP status, body], with status 0 when no answer came.
 */
final class Client
{
    /** @var string */
    private $url;

    /** @var string */
    private $key;

    /** @var callable */
    private $transport;

    public function __construct(string $url, string $key, callable $transport)
    {
        $this->url = rtrim($url, '/');
        $this->key = $key;
        $this->transport = $transport;
    }

    /** Opens a payment, or finds the one that is open: the same order_ref never makes two that count. */
    public function open(array $order): Answer
    {
        return $this->call('POST', '/v1/payments', $this->key, $order);
    }

    /** Gives money back. One key is one refund, however often it is sent; without an amount all that remains. */
    public function refund(string $id, string $idempotencyKey, array $order): Answer
    {
        $path = '/v1/payments/' . rawurlencode($id) . '/refunds';
        return $this->call('POST', $path, $this->key, $order, ['Idempotency-Key' => $idempotencyKey]);
    }

    /**
     * The payment as it stands now. While it is open, Kassa asks the bank before it answers.
     *
     * @throws RuntimeException when Kassa does not show it
     */
    public function payment(string $id): array
    {
        return $this->read('/v1/payments/' . rawurlencode($id), $this->key, 'id');
    }

    /**
     * All attempts to pay one order, the newest first, as they are on record.
     *
     * @throws RuntimeException when Kassa does not show them
     */
    public function attempts(string $orderRef): array
    {
        return $this->read('/v1/payments?order_ref=' . rawurlencode($orderRef), $this->key, 'payments')['payments'];
    }

    /**
     * The few fields that the customer may see, by the token that came with the open payment.
     *
     * @throws RuntimeException when Kassa does not show them
     */
    public function glance(string $id, string $clientToken): array
    {
        return $this->read('/v1/payments/' . rawurlencode($id), $clientToken, 'id');
    }

    private function read(string $path, string $bearer, string $field): array
    {
        $answer = $this->call('GET', $path, $bearer);
        if (!$answer->isGood() || !isset($answer->body[$field])) {
            throw new RuntimeException($answer->summary());
        }
        return $answer->body;
    }

    private function call(string $method, string $path, string $bearer, ?array $body = null, array $more = []): Answer
    {
        $headers = ['Authorization' => 'Bearer ' . $bearer, 'Content-Type' => 'application/json'] + $more;
        $flags = JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
        $json = $body === null ? '' : json_encode((object) $body, $flags);
        [$status, $text] = ($this->transport)($method, $this->url . $path, $headers, $json);
        $read = json_decode($text, true);
        if (!is_array($read)) {
            // Good news that cannot be read may be half of an answer: what it says is not known.
            return new Answer($status < 300 ? 0 : $status, []);
        }
        return new Answer($status, $read);
    }
}
