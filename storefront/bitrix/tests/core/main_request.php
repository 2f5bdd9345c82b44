<?php

// Bitrix\Main: this hit, its request and its answer.

namespace Bitrix\Main {

    class Response
    {
        protected $status = 200;
        protected $content = '';
        protected $headers = [];

        public function setStatus($status)
        {
            $this->status = (int) $status;
            return $this;
        }

        public function addHeader($name, $value = '')
        {
            $this->headers[$name] = $value;
            return $this;
        }

        public function setContent($content)
        {
            $this->content = $content;
            return $this;
        }

        public function send()
        {
            http_response_code($this->status);
            foreach ($this->headers as $name => $value) {
                header("$name: $value");
            }
            echo $this->content;
        }
    }

    class HttpResponse extends Response
    {
    }

    class Context
    {
        private static $current;
        private $request;
        private $response;

        public static function getCurrent()
        {
            return self::$current = self::$current ?? new self();
        }

        public function getRequest()
        {
            return $this->request = $this->request ?? HttpRequest::ofThisHit();
        }

        public function getResponse()
        {
            return $this->response = $this->response ?? new HttpResponse();
        }

        public function getServer()
        {
            return new Server($_SERVER);
        }

        public function getSite()
        {
            return defined('ADMIN_SECTION') ? null : SITE_ID;
        }

        public function getLanguage()
        {
            return LANGUAGE_ID;
        }

        public function getCulture()
        {
            return new Context\Culture();
        }
    }

    class Server
    {
        private $values;

        public function __construct(array $values)
        {
            $this->values = $values;
        }

        public function get($name)
        {
            return $this->values[$name] ?? null;
        }

        public function getDocumentRoot()
        {
            return Application::getDocumentRoot();
        }

        public function getServerName()
        {
            return $this->values['SERVER_NAME'] ?? null;
        }

        public function getHttpHost()
        {
            return $this->values['HTTP_HOST'] ?? null;
        }

        public function getRequestMethod()
        {
            return $this->values['REQUEST_METHOD'] ?? null;
        }

        public function getRequestUri()
        {
            return $this->values['REQUEST_URI'] ?? null;
        }
    }

    abstract class Request implements \ArrayAccess, \IteratorAggregate, \Countable
    {
        protected $server;
        protected $values;

        public function __construct(Server $server, array $values)
        {
            $this->server = $server;
            $this->values = $values;
        }

        public function get($name)
        {
            return $this->values[$name] ?? null;
        }

        public function toArray()
        {
            return $this->values;
        }

        public function getRequestMethod()
        {
            return $this->server->getRequestMethod();
        }

        public function isPost()
        {
            return $this->getRequestMethod() === 'POST';
        }

        public function getServer()
        {
            return $this->server;
        }

        public function getRequestUri()
        {
            return $this->server->getRequestUri();
        }

        public function getIterator(): \Traversable
        {
            return new \ArrayIterator($this->values);
        }

        public function count(): int
        {
            return count($this->values);
        }

        public function offsetExists($offset): bool
        {
            return isset($this->values[$offset]);
        }

        #[\ReturnTypeWillChange]
        public function offsetGet($offset)
        {
            return $this->values[$offset] ?? null;
        }

        public function offsetSet($offset, $value): void
        {
            throw new NotSupportedException('Can not set readonly value');
        }

        public function offsetUnset($offset): void
        {
            throw new NotSupportedException('Can not unset readonly value');
        }
    }

    class HttpRequest extends Request
    {
        private $query;
        private $post;

        public static function ofThisHit(): self
        {
            return new self(new Server($_SERVER), $_GET, $_POST, [], $_COOKIE);
        }

        public function __construct(Server $server, array $query, array $post, array $files, array $cookies)
        {
            parent::__construct($server, $post + $query);
            $this->query = $query;
            $this->post = $post;
        }

        public function getQuery($name)
        {
            return $this->query[$name] ?? null;
        }

        public function getPost($name)
        {
            return $this->post[$name] ?? null;
        }

        public function getPostList()
        {
            return new Type\ParameterDictionary($this->post);
        }

        public function getQueryList()
        {
            return new Type\ParameterDictionary($this->query);
        }

        public static function getInput()
        {
            return file_get_contents('php://input');
        }

        /** The host without its port; the server's has it. */
        public function getHttpHost()
        {
            return (string) parse_url('http://' . $this->server->getHttpHost(), PHP_URL_HOST);
        }

        public function isHttps()
        {
            return $this->server->get('HTTPS') === 'on';
        }

        public function isAdminSection()
        {
            return defined('ADMIN_SECTION') && ADMIN_SECTION === true;
        }

        public function isAjaxRequest()
        {
            return $this->server->get('HTTP_BX_AJAX') !== null;
        }

        public function getHeaders()
        {
            $headers = new Web\HttpHeaders();
            foreach ($_SERVER as $name => $value) {
                if (strpos($name, 'HTTP_') === 0) {
                    $headers->add(str_replace('_', '-', substr($name, 5)), $value);
                }
            }
            return $headers;
        }

        public function getHeader($name)
        {
            return $this->getHeaders()->get($name);
        }
    }
}

namespace Bitrix\Main\Context {

    class Culture
    {
        public function getCharset()
        {
            return LANG_CHARSET;
        }
    }
}
