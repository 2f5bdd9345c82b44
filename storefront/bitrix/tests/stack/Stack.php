<?php

namespace Rig;

/**
 * The running checkout, from outside: its API with a shop's key, the banks by their control API, the operator's command, and the clock.
 */
final class Stack
{
    /** What make run writes for scripts. */
    public static function info(): array
    {
        return json_decode(file_get_contents(getenv('KASSA_DATA') . '/local.json'), true);
    }

    /** Types a line of the command kassa. @return string what it printed */
    public static function kassa(string ...$words): string
    {
        $line = array_merge([getenv('KASSA_COMMAND')], $words, ['--stage', 'local']);
        $process = proc_open($line, [1 => ['pipe', 'w'], 2 => ['pipe', 'w']], $pipes);
        [$out, $complaints] = [stream_get_contents($pipes[1]), stream_get_contents($pipes[2])];
        if (proc_close($process) !== 0) {
            throw new \RuntimeException('kassa ' . implode(' ', $words) . ": $out $complaints");
        }
        return $out;
    }

    /** Calls Kassa's API. @return array [status, answer] */
    public static function api(string $key, string $method, string $path, ?array $body = null, array $headers = []): array
    {
        $headers[] = "Authorization: Bearer $key";
        [$status, $text] = Http::send($method, self::info()['api_url'] . $path, $headers, $body === null ? null : json_encode((object) $body));
        return [$status, json_decode($text, true)];
    }

    /** Calls a bank's control API. */
    public static function bank(string $bank, string $method, string $path, ?array $body = null): array
    {
        $url = self::info()['simulators'][$bank]['page_url'] . $path;
        $text = $body === null ? null : json_encode((object) $body);
        [$status, $answer] = Http::send($method, $url, ['Content-Type: application/json'], $text);
        if ($status !== 200) {
            throw new \RuntimeException("$bank $method $path: $status $answer");
        }
        return json_decode($answer, true) ?? [];
    }

    /** Lets time go by for one payment: all its times move back. Its shop has heard of what is new before. */
    public static function age(string $payment, int $seconds): void
    {
        self::rig('age', ['payment' => $payment, 'seconds' => $seconds]);
    }

    /** What the schedule does each minute: ask banks about what is due, tell shops what they have not taken. */
    public static function sweep(): void
    {
        self::rig('sweep', []);
    }

    /** Lets the minute pass after which a message that was not taken is sent again. */
    public static function retry(string $payment): void
    {
        self::age($payment, 61);
        self::sweep();
    }

    private static function rig(string $path, array $body): void
    {
        [$status, $text] = Http::send('POST', getenv('KASSA_RIG') . "/$path", [], json_encode((object) $body));
        if ($status !== 200) {
            throw new \RuntimeException("$path: $status $text");
        }
    }

    /** Waits until $look gives something. */
    public static function await(string $what, callable $look)
    {
        for ($deadline = microtime(true) + 15; microtime(true) < $deadline; usleep(20000)) {
            $found = $look();
            if ($found) {
                return $found;
            }
        }
        throw new \RuntimeException("this did not happen: $what");
    }
}
