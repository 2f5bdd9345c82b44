<?php

namespace Kassa\Checkout;

/**
 * What came back from Kassa: the HTTP status (0 when nothing came) and the JSON that stood in the body.
 */
final class Answer
{
    /** @var int */
    public $status;

    /** @var array */
    public $body;

    public function __construct(int $status, array $body)
    {
        $this->status = $status;
        $this->body = $body;
    }

    /** Whether what was asked is done or known: 200, 201 and 202. */
    public function isGood(): bool
    {
        return $this->status >= 200 && $this->status < 300;
    }

    /** Whether the same request would be answered in the same way: waiting does not help, and nothing was done. */
    public function isFinal(): bool
    {
        return in_array($this->status, [400, 401, 403, 404, 413, 422], true);
    }

    /** Kassa's stable word for what went wrong; empty where only a gateway spoke, or nobody. */
    public function code(): string
    {
        return (string) ($this->body['code'] ?? '');
    }

    /** Wrong fields as JSON pointers, such as /customer/phone. Their values are never repeated. */
    public function pointers(): array
    {
        return array_column($this->body['errors'] ?? [], 'pointer');
    }

    /** One line for a log: no key, no secret and nothing of a customer's is in it. */
    public function summary(): string
    {
        $words = ['Kassa answered', $this->status ?: 'nothing', $this->code(), implode(' ', $this->pointers())];
        $words[] = isset($this->body['request_id']) ? 'request ' . $this->body['request_id'] : '';
        return implode(' ', array_filter($words));
    }
}
