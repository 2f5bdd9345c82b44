<?php

namespace Rig;

/**
 * Stands before Kassa's API and holds what a shop asks, so that a test says in which order things happen.
 */
final class Gate
{
    /** @var string what the shop has in place of Kassa's address */
    public $url;

    private $server;

    public function __construct()
    {
        $this->server = stream_socket_server('tcp://127.0.0.1:0');
        $this->url = 'http://' . stream_socket_get_name($this->server, false);
    }

    /** The next call that comes, or null when none does. @return array|null connection, method, path, key, body, Idempotency-Key */
    public function next(float $seconds = 15): ?array
    {
        [$ready, $none] = [[$this->server], []];
        if (!stream_select($ready, $none, $none, 0, (int) ($seconds * 1e6))) {
            return null;
        }
        $connection = stream_socket_accept($this->server);
        $head = '';
        while (substr($head, -4) !== "\r\n\r\n") {
            $head .= fgets($connection);
        }
        preg_match('/^(\S+) (\S+)/', $head, $line);
        preg_match('/^Authorization: Bearer (\S+)/mi', $head, $key);
        $length = preg_match('/^Content-Length: (\d+)/mi', $head, $digits) ? (int) $digits[1] : 0;
        $body = $length > 0 ? stream_get_contents($connection, $length) : '';
        $once = preg_match('/^Idempotency-Key: (\S+)/mi', $head, $found) ? $found[1] : '';
        return [$connection, $line[1], $line[2], $key[1], $body, $once];
    }

    /** What Kassa says to a call now. Nobody is told yet. */
    public function ask(array $call): array
    {
        [, $method, $path, $key, $body, $once] = $call;
        $headers = $once === '' ? [] : ["Idempotency-Key: $once"];
        return Stack::api($key, $method, $path, $body === '' ? null : json_decode($body, true), $headers);
    }

    public function answer(array $call, array $answer): void
    {
        $body = json_encode($answer[1]);
        fwrite($call[0], "HTTP/1.0 $answer[0] OK\r\nContent-Type: application/json\r\nContent-Length: " . strlen($body) . "\r\n\r\n$body");
        fclose($call[0]);
    }

    /** Kassa does what was asked, and the shop never hears of it. */
    public function lose(array $call): void
    {
        $this->ask($call);
        fclose($call[0]);
    }

    public function pass(array $call): void
    {
        $this->answer($call, $this->ask($call));
    }
}
