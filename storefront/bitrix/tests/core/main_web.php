<?php

// Bitrix\Main\Web. HttpClient makes real requests: `socketTimeout` is for connecting, `streamTimeout` for a silence while reading, the
// certificate is looked at unless somebody switches that off, and a redirect is followed unless somebody switches that off.

namespace Bitrix\Main\Web;

use Bitrix\Main\ArgumentException;

class HttpHeaders
{
    private $values = [];

    public function add($name, $value)
    {
        $this->values[strtolower($name)][] = $value;
    }

    public function set($name, $value)
    {
        $this->values[strtolower($name)] = [$value];
    }

    public function get($name, $returnArray = false)
    {
        $values = $this->values[strtolower($name)] ?? null;
        return $values === null || $returnArray ? $values : $values[0];
    }

    public function toArray()
    {
        $rows = [];
        foreach ($this->values as $name => $values) {
            $rows[$name] = ['name' => $name, 'values' => $values];
        }
        return $rows;
    }
}

class HttpClient
{
    public const HTTP_GET = 'GET';
    public const HTTP_POST = 'POST';

    private $options;
    private $headers = [];
    private $status = 0;
    private $result = '';
    private $error = [];
    private $answered;

    public function __construct(?array $options = null)
    {
        if (isset($options['redirect'])) {
            $this->setRedirect($options['redirect'], $options['redirectMax']); // both are read, as in the core
        }
        $this->options = ($options ?? []) + ['redirect' => true, 'redirectMax' => 5, 'waitResponse' => true, 'socketTimeout' => 30,
            'streamTimeout' => 60, 'version' => '1.0', 'disableSslVerification' => false, 'headers' => []];
        $this->setHeaders($this->options['headers']);
        $this->answered = new HttpHeaders();
    }

    public function setHeader($name, $value, $replace = true)
    {
        if ($replace || !isset($this->headers[$name])) {
            $this->headers[$name] = $value;
        }
        return $this;
    }

    public function setHeaders(array $headers)
    {
        foreach ($headers as $name => $value) {
            $this->setHeader($name, $value);
        }
        return $this;
    }

    public function clearHeaders()
    {
        $this->headers = [];
    }

    public function setRedirect($value, $max = null)
    {
        $this->options['redirect'] = (bool) $value;
        return $this;
    }

    public function setTimeout($seconds)
    {
        $this->options['socketTimeout'] = (int) $seconds;
        return $this;
    }

    public function setStreamTimeout($seconds)
    {
        $this->options['streamTimeout'] = (int) $seconds;
        return $this;
    }

    public function setCharset($value)
    {
        $this->options['charset'] = $value;
        return $this;
    }

    public function get($url)
    {
        return $this->query(self::HTTP_GET, $url) ? $this->result : false;
    }

    public function post($url, $postData = null, $multipart = false)
    {
        return $this->query(self::HTTP_POST, $url, $postData) ? $this->result : false;
    }

    public function query($method, $url, $entityBody = null)
    {
        [$this->status, $this->result, $this->error, $this->answered] = [0, '', [], new HttpHeaders()];
        if ((string) parse_url($url, PHP_URL_HOST) === '') {
            $this->error = ['URI' => "Incorrect URI: $url"];
            return false;
        }
        $body = is_array($entityBody) ? http_build_query($entityBody) : (string) $entityBody;
        $lines = [];
        if ($method === self::HTTP_POST) {
            $this->setHeader('Content-Type', 'application/x-www-form-urlencoded', false);
        }
        foreach ($this->headers as $name => $value) {
            $lines[] = "$name: $value";
        }
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => array_merge($lines, ['Expect:', 'Accept:']),
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => $this->options['redirect'],
            CURLOPT_CONNECTTIMEOUT => $this->options['socketTimeout'],
            CURLOPT_LOW_SPEED_LIMIT => 1,
            CURLOPT_LOW_SPEED_TIME => $this->options['streamTimeout'],
            CURLOPT_SSL_VERIFYPEER => !$this->options['disableSslVerification'],
            CURLOPT_SSL_VERIFYHOST => $this->options['disableSslVerification'] ? 0 : 2,
            CURLOPT_HEADERFUNCTION => function ($curl, string $line): int {
                if (strpos($line, ':') !== false) {
                    [$name, $value] = explode(':', $line, 2);
                    $this->answered->set($name, trim($value));
                }
                return strlen($line);
            },
        ]);
        if ($method !== self::HTTP_GET) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
        }
        $answer = curl_exec($curl);
        $this->status = (int) curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($answer === false) {
            $kind = curl_errno($curl) === CURLE_COULDNT_CONNECT ? 'CONNECTION' : 'STREAM_TIMEOUT';
            $this->error = [$kind => curl_error($curl)];
            return false;
        }
        $this->result = $answer;
        return true;
    }

    public function getStatus()
    {
        return $this->status;
    }

    public function getResult()
    {
        return $this->result;
    }

    public function getError()
    {
        return $this->error;
    }

    public function getHeaders()
    {
        return $this->answered;
    }

    public function getContentType()
    {
        return trim(explode(';', (string) $this->answered->get('Content-Type'))[0]);
    }
}

/** Converts from and to the site's charset, as the core does. */
class Json
{
    public static function encode($data, $options = null)
    {
        $utf8 = \Bitrix\Main\Text\Encoding::convertEncoding($data, LANG_CHARSET, 'UTF-8');
        $text = json_encode($utf8, $options ?? JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT);
        if ($text === false) {
            throw new ArgumentException('JSON encode: ' . json_last_error_msg());
        }
        return $text;
    }

    public static function decode($data)
    {
        $value = json_decode($data, true);
        if (json_last_error() !== JSON_ERROR_NONE) {
            throw new ArgumentException('JSON decode: ' . json_last_error_msg());
        }
        return \Bitrix\Main\Text\Encoding::convertEncoding($value, 'UTF-8', LANG_CHARSET);
    }
}

class Uri
{
    private $parts;

    public function __construct($url)
    {
        $this->parts = (parse_url($url) ?: []) + ['path' => '/'];
    }

    public function getHost()
    {
        return $this->parts['host'] ?? '';
    }

    public function getScheme()
    {
        return $this->parts['scheme'] ?? 'http';
    }

    public function getPath()
    {
        return $this->parts['path'];
    }

    public function addParams(array $params)
    {
        parse_str($this->parts['query'] ?? '', $query);
        $this->parts['query'] = http_build_query($params + $query, '', '&', PHP_QUERY_RFC3986);
        return $this;
    }

    public function deleteParams(array $params)
    {
        parse_str($this->parts['query'] ?? '', $query);
        $this->parts['query'] = http_build_query(array_diff_key($query, array_flip($params)), '', '&', PHP_QUERY_RFC3986);
        return $this;
    }

    public function getUri()
    {
        $p = $this->parts;
        $host = isset($p['host']) ? $this->getScheme() . "://$p[host]" . (isset($p['port']) ? ":$p[port]" : '') : '';
        return $host . $p['path'] . (($p['query'] ?? '') === '' ? '' : "?$p[query]");
    }

    public function getLocator()
    {
        return $this->getUri();
    }
}
