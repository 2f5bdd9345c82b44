<?php

namespace Rig;

/** Plain HTTP for the tests themselves: redirects are shown, not followed. */
final class Http
{
    /** @return array [status, body, headers by lower-case name] */
    public static function send(string $method, string $url, array $headers = [], ?string $body = null): array
    {
        $answered = [];
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => array_merge($headers, ['Expect:']),
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 60,
            CURLOPT_HEADERFUNCTION => static function ($curl, string $line) use (&$answered): int {
                if (strpos($line, ':') !== false) {
                    [$name, $value] = explode(':', $line, 2);
                    $answered[strtolower($name)] = trim($value);
                }
                return strlen($line);
            },
        ]);
        if ($body !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
        }
        $text = curl_exec($curl);
        if ($text === false) {
            throw new \RuntimeException("$method $url: " . curl_error($curl));
        }
        return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $text, $answered];
    }

    /** Sends a request and does not wait. @return resource for end() */
    public static function begin(string $method, string $url, array $headers = [], string $body = '')
    {
        ['host' => $host, 'port' => $port, 'path' => $path] = $to = parse_url($url);
        $stream = stream_socket_client("tcp://$host:$port");
        $line = "$method $path" . (isset($to['query']) ? "?$to[query]" : '') . ' HTTP/1.0';
        $lines = array_merge([$line, "Host: $host:$port", 'Content-Length: ' . strlen($body)], $headers);
        fwrite($stream, implode("\r\n", $lines) . "\r\n\r\n$body");
        return $stream;
    }

    /** Waits for the answer to what was begun. @return array [status, body] */
    public static function end($stream): array
    {
        [$head, $body] = explode("\r\n\r\n", stream_get_contents($stream), 2);
        return [(int) explode(' ', $head)[1], $body];
    }
}
