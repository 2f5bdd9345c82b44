<?php

namespace Kassa\Checkout\Tests;

use Kassa\Checkout\Client;
use PHPUnit\Framework\TestCase;
use RuntimeException;

final class ClientTest extends TestCase
{
    /** @var array what was sent: method, address, headers, body */
    private $sent = [];

    private function client(int $status, string $body): Client
    {
        $transport = function (...$call) use ($status, $body): array {
            $this->sent[] = $call;
            return [$status, $body];
        };
        return new Client('https://kassa.example/', 'sk_shop_k1_secret', $transport);
    }

    public function testOpensAPayment(): void
    {
        $name = "\u{41A}\u{443}\u{431}\u{43E}\u{43A}";
        $answer = $this->client(201, '{"id":"pay_a-1"}')->open(['order_ref' => 'bx-s1-11', 'description' => $name]);
        self::assertTrue($answer->isGood());
        self::assertSame('pay_a-1', $answer->body['id']);
        [$method, $url, $headers, $body] = $this->sent[0];
        self::assertSame(['POST', 'https://kassa.example/v1/payments'], [$method, $url]);
        self::assertSame('Bearer sk_shop_k1_secret', $headers['Authorization']);
        self::assertSame('{"order_ref":"bx-s1-11","description":"' . $name . '"}', $body);
    }

    public function testARefundOfAllIsAnObjectAndBearsItsKey(): void
    {
        $this->client(202, '{"status":"processing"}')->refund('pay_a-1', 'bx-11-return-pay_a-1', []);
        [, $url, $headers, $body] = $this->sent[0];
        self::assertSame('https://kassa.example/v1/payments/pay_a-1/refunds', $url);
        self::assertSame('bx-11-return-pay_a-1', $headers['Idempotency-Key']);
        self::assertSame('{}', $body);
    }

    public function testACustomersTokenIsSentInThePlaceOfTheKey(): void
    {
        $client = $this->client(200, '{"id":"pay_a-1","status":"paid"}');
        self::assertSame('paid', $client->glance('pay_a-1', 'ct_x')['status']);
        self::assertSame('Bearer ct_x', $this->sent[0][2]['Authorization']);
    }

    public function testWhatStandsInAnAddressIsEncoded(): void
    {
        $this->client(200, '{"payments":[]}')->attempts('bx-s1-11&order_ref=other');
        self::assertSame('https://kassa.example/v1/payments?order_ref=bx-s1-11%26order_ref%3Dother', $this->sent[0][1]);
        $this->client(200, '{"id":"x"}')->payment('../v1/else?');
        self::assertStringEndsWith('/v1/payments/..%2Fv1%2Felse%3F', $this->sent[1][1]);
    }

    /** @dataProvider unreadable */
    public function testNoPaymentIsReadFromAnythingElse(int $status, string $body): void
    {
        $this->expectException(RuntimeException::class);
        $this->client($status, $body)->payment('pay_a-1');
    }

    public function unreadable(): array
    {
        return [
            'no answer' => [0, ''], 'a redirect' => [302, ''], 'not found' => [404, '{"code":"not_found"}'],
            'half of it' => [200, '{"id":"pay_'], 'no object' => [200, '"pay_a-1"'],
            'another object' => [200, '{"x":1}'],
            'the page of a proxy' => [200, '<html>'], 'down' => [503, '{"code":"unavailable"}'],
        ];
    }

    /** The core's client gives what it has when a connection breaks: a refund of which so much is known may be done. */
    public function testHalfAnAnswerIsNone(): void
    {
        foreach ([[201, '{"id":"rf_1","sta'], [202, ''], [200, '<html>'], [201, '"rf_1"']] as [$status, $body]) {
            $answer = $this->client($status, $body)->refund('pay_a-1', 'bx-11-part-1', ['amount' => 100]);
            self::assertSame([0, false, false], [$answer->status, $answer->isGood(), $answer->isFinal()], $body);
        }
        self::assertSame(403, $this->client(403, '<html>')->refund('pay_a-1', 'bx-11-part-1', [])->status);
    }

    public function testAProblemIsToldWithoutWhatWasSent(): void
    {
        $problem = '{"code":"invalid_fields","request_id":"R1=","detail":"...",'
            . '"errors":[{"pointer":"/customer/phone","code":"bad_format","detail":"..."}]}';
        $answer = $this->client(422, $problem)->open(['customer' => ['phone' => '12']]);
        self::assertFalse($answer->isGood());
        self::assertSame(['invalid_fields', ['/customer/phone']], [$answer->code(), $answer->pointers()]);
        self::assertSame('Kassa answered 422 invalid_fields /customer/phone request R1=', $answer->summary());
        self::assertSame('Kassa answered nothing', $this->client(0, '')->open([])->summary());
    }
}
