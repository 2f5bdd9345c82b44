<?php

namespace Kassa\Checkout\Tests;

use Kassa\Checkout\Signature;
use PHPUnit\Framework\TestCase;

final class SignatureTest extends TestCase
{
    private const OLD = 'whsec_b2xkIHNlY3JldCBvZiB0aGUgc2hvcCwgMzIgYnl0ZXM=';
    private const NEW = 'whsec_bmV3IHNlY3JldCBvZiB0aGUgc2hvcCwgMzIgYnl0ZXM=';
    private const NOW = 1795291200;
    private const BODY = '{"data":{"id":"pay_a-1"}}';

    private static function sign(string $secret, string $body = self::BODY, int $at = self::NOW): string
    {
        $key = base64_decode(substr($secret, 6));
        return 'v1,' . base64_encode(hash_hmac('sha256', "evt_1.$at.$body", $key, true));
    }

    private static function covers(string $secrets, string $given, string $at = '', string $body = self::BODY): bool
    {
        $at = $at === '' ? (string) self::NOW : $at;
        return (new Signature($secrets))->covers($body, 'evt_1', $at, $given, self::NOW);
    }

    public function testTheBytesOfStandardWebhooks(): void
    {
        $secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'; // the example of the specification
        $body = '{"test": 2432232314}';
        $given = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
        $signature = new Signature($secret);
        self::assertTrue($signature->covers($body, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', $given, 1614265330));
        self::assertFalse($signature->covers($body, 'msg_other', '1614265330', $given, 1614265330));
    }

    public function testAnyOfTwoSecretsAndAnyOfTwoSignatures(): void
    {
        foreach ([self::OLD, self::NEW, self::NEW . ' ' . self::OLD, self::NEW . "\n" . self::OLD] as $secrets) {
            $both = self::sign(self::NEW) . ' ' . self::sign(self::OLD);
            self::assertTrue(self::covers($secrets, $both), $secrets);
        }
        self::assertTrue(self::covers(self::NEW . ' ' . self::OLD, self::sign(self::OLD)));
        self::assertFalse(self::covers(self::NEW, self::sign(self::OLD)));
    }

    public function testFiveMinutesEitherWay(): void
    {
        foreach ([-301 => false, -300 => true, 0 => true, 300 => true, 301 => false] as $off => $good) {
            $at = self::NOW + $off;
            $given = self::sign(self::OLD, self::BODY, $at);
            self::assertSame($good, self::covers(self::OLD, $given, (string) $at), "$off s");
        }
    }

    /** @dataProvider forgeries */
    public function testForgeries(string $secrets, string $given, string $at, string $body): void
    {
        self::assertFalse(self::covers($secrets, $given, $at, $body));
    }

    public function forgeries(): array
    {
        $good = self::sign(self::OLD);
        $empty = 'v1,' . base64_encode(hash_hmac('sha256', 'evt_1.' . self::NOW . '.' . self::BODY, '', true));
        return [
            'another body' => [self::OLD, $good, '', self::BODY . ' '],
            'no signature' => [self::OLD, '', '', self::BODY],
            'another version' => [self::OLD, str_replace('v1,', 'v2,', $good), '', self::BODY],
            'no version' => [self::OLD, substr($good, 3), '', self::BODY],
            'time in letters' => [self::OLD, $good, 'now', self::BODY],
            'time with a sign' => [self::OLD, $good, '+' . self::NOW, self::BODY],
            'no secret is set, the key is empty' => ['', $empty, '', self::BODY],
            'the secret is a bare prefix' => ['whsec_', $empty, '', self::BODY],
            'the secret is no base64' => ['whsec_%%%', $empty, '', self::BODY],
        ];
    }
}
