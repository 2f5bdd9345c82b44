<?php

// Bitrix\Main: results, events, options, modules, the request. Behaviour as of the core; what nobody needs is left out, so that a call
// of something that is not here fails.

namespace Bitrix\Main {

    use Rig\Book;

    class SystemException extends \Exception
    {
    }
    class ArgumentException extends SystemException
    {
    }
    class ArgumentNullException extends ArgumentException
    {
    }
    class ArgumentTypeException extends ArgumentException
    {
    }
    class ArgumentOutOfRangeException extends ArgumentException
    {
    }
    class ObjectNotFoundException extends SystemException
    {
    }
    class NotSupportedException extends SystemException
    {
    }

    class Error
    {
        protected $message;
        protected $code;

        public function __construct($message, $code = 0)
        {
            $this->message = $message;
            $this->code = $code;
        }

        public function getMessage()
        {
            return $this->message;
        }

        public function getCode()
        {
            return $this->code;
        }

        public function __toString()
        {
            return (string) $this->message;
        }
    }

    class Result
    {
        protected $errors = [];
        protected $data = [];

        public function isSuccess()
        {
            return $this->errors === [];
        }

        public function addError(Error $error)
        {
            $this->errors[] = $error;
            return $this;
        }

        public function addErrors(array $errors)
        {
            array_map([$this, 'addError'], $errors);
            return $this;
        }

        public function getErrors()
        {
            return $this->errors;
        }

        public function getErrorMessages()
        {
            return array_map(static function (Error $error) {
                return $error->getMessage();
            }, $this->errors);
        }

        public function setData(array $data)
        {
            $this->data = $data;
            return $this;
        }

        public function getData()
        {
            return $this->data;
        }
    }

    class EventResult
    {
        public const UNDEFINED = 0;
        public const SUCCESS = 1;
        public const ERROR = 2;

        private $type;
        private $parameters;

        public function __construct($type, $parameters = null, $moduleId = null)
        {
            $this->type = $type;
            $this->parameters = $parameters;
        }

        public function getType()
        {
            return $this->type;
        }

        public function getParameters()
        {
            return $this->parameters;
        }
    }

    class Event
    {
        private $module;
        private $type;
        private $parameters;
        private $results = [];

        public function __construct($moduleId, $type, $parameters = [])
        {
            $this->module = $moduleId;
            $this->type = $type;
            $this->parameters = $parameters;
        }

        public function getParameter($name)
        {
            return $this->parameters[$name] ?? null;
        }

        public function getParameters()
        {
            return $this->parameters;
        }

        public function getEventType()
        {
            return $this->type;
        }

        public function getResults()
        {
            return $this->results;
        }

        public function send($sender = null)
        {
            foreach (EventManager::getInstance()->findEventHandlers($this->module, $this->type) as $handler) {
                $result = $handler['VERSION'] === 1
                    ? call_user_func_array($handler['CALLBACK'], array_values($this->parameters))
                    : call_user_func($handler['CALLBACK'], $this);
                if ($result instanceof EventResult) {
                    $this->results[] = $result;
                }
            }
        }
    }

    class EventManager
    {
        private static $instance;
        private $own = [];

        public static function getInstance()
        {
            return self::$instance = self::$instance ?? new self();
        }

        public function addEventHandler($fromModule, $type, $callback, $includeFile = false, $sort = 100)
        {
            return $this->add($fromModule, $type, $callback, 2);
        }

        public function addEventHandlerCompatible($fromModule, $type, $callback, $includeFile = false, $sort = 100)
        {
            return $this->add($fromModule, $type, $callback, 1);
        }

        private function add($fromModule, $type, $callback, int $version)
        {
            $this->own[] = ['FROM' => $fromModule, 'TYPE' => $type, 'CALLBACK' => $callback, 'VERSION' => $version];
            return array_key_last($this->own);
        }

        public function registerEventHandler(
            $fromModule,
            $type,
            $toModule,
            $class = '',
            $method = '',
            $sort = 100,
            $path = '',
            $args = []
        ) {
            $this->register(2, $fromModule, $type, $toModule, $class, $method);
        }

        public function registerEventHandlerCompatible(
            $fromModule,
            $type,
            $toModule,
            $class = '',
            $method = '',
            $sort = 100,
            $path = '',
            $args = []
        ) {
            $this->register(1, $fromModule, $type, $toModule, $class, $method);
        }

        private function register(int $version, ...$row): void
        {
            $row = array_combine(['FROM', 'TYPE', 'TO', 'CLASS', 'METHOD'], $row);
            $key = strtolower(implode('|', $row)); // a second registration changes nothing
            Book::put('module_to_module', $key, ['VERSION' => $version] + $row);
        }

        public function unRegisterEventHandler(
            $fromModule,
            $type,
            $toModule,
            $class = '',
            $method = '',
            $path = '',
            $args = []
        ) {
            $key = strtolower(implode('|', [$fromModule, $type, $toModule, $class, $method]));
            Book::delete('module_to_module', static function (array $row) use ($key) {
                return $row['ID'] === $key;
            });
        }

        /** What the core finds: registered handlers (their module is included, or they are passed by), then those of this hit. */
        public function findEventHandlers($module, $type)
        {
            $found = [];
            foreach (Book::rows('module_to_module') as $row) {
                $fits = $row['FROM'] === $module && strcasecmp($row['TYPE'], $type) === 0;
                if ($fits && Loader::includeModule($row['TO'])) {
                    $found[] = ['CALLBACK' => [$row['CLASS'], $row['METHOD']], 'VERSION' => $row['VERSION']];
                }
            }
            foreach ($this->own as $handler) {
                if ($handler['FROM'] === $module && strcasecmp($handler['TYPE'], $type) === 0) {
                    $found[] = $handler;
                }
            }
            return $found;
        }
    }

    class ModuleManager
    {
        public static function isModuleInstalled($id)
        {
            return in_array($id, ['main', 'sale', 'catalog', 'currency', 'iblock'], true) || Book::row('modules', $id) !== null;
        }

        public static function registerModule($id)
        {
            Book::put('modules', $id, []);
        }

        public static function unRegisterModule($id)
        {
            foreach (['modules' => 'ID', 'options' => 'MODULE', 'module_to_module' => 'TO'] as $table => $column) {
                if ($table !== 'options') { // the core leaves options to the module
                    Book::delete($table, static function (array $row) use ($id, $column) {
                        return $row[$column] === $id;
                    });
                }
            }
        }
    }

    class Loader
    {
        private static $included = ['main' => true];

        public static function isIncluded(string $id): bool
        {
            return isset(self::$included[$id]);
        }

        public static function includeModule($id)
        {
            if (isset(self::$included[$id])) {
                return true;
            }
            if (!ModuleManager::isModuleInstalled($id)) {
                return false;
            }
            self::$included[$id] = true;
            $folder = self::getLocal("modules/$id");
            if ($folder !== false) {
                self::registerNamespace(implode('\\', array_map('ucfirst', explode('.', $id))), "$folder/lib");
                if (is_file("$folder/include.php") && (include "$folder/include.php") === false) {
                    unset(self::$included[$id]);
                    return false;
                }
            }
            return true;
        }

        public static function getLocal($path, $root = null)
        {
            foreach (['local', 'bitrix'] as $where) {
                $full = Application::getDocumentRoot() . "/$where/$path";
                if (file_exists($full)) {
                    return $full;
                }
            }
            return false;
        }

        public static function registerNamespace($namespace, $path)
        {
            $prefix = strtolower(trim($namespace, '\\')) . '\\';
            spl_autoload_register(static function (string $class) use ($prefix, $path): void {
                if (strpos(strtolower($class), $prefix) !== 0) {
                    return;
                }
                $rest = str_replace('\\', '/', substr($class, strlen($prefix)));
                foreach ([strtolower($rest), $rest] as $name) {
                    if (is_file("$path/$name.php")) {
                        require_once "$path/$name.php";
                        return;
                    }
                }
            });
        }

        public static function registerAutoLoadClasses($module, array $classes)
        {
            $folder = $module === null ? Application::getDocumentRoot() : self::getLocal("modules/$module");
            spl_autoload_register(static function (string $class) use ($classes, $folder): void {
                foreach ($classes as $name => $file) {
                    if (strcasecmp(trim($name, '\\'), $class) === 0) {
                        require_once $folder . '/' . ltrim($file, '/');
                    }
                }
            });
        }
    }

    class Application
    {
        private static $instance;

        public static function getInstance()
        {
            return self::$instance = self::$instance ?? new self();
        }

        public static function getConnection($name = '')
        {
            return new DB\Connection();
        }

        public static function getDocumentRoot()
        {
            return rtrim($_SERVER['DOCUMENT_ROOT'], '/');
        }

        public static function isUtfMode()
        {
            return defined('BX_UTF');
        }

        public function getContext()
        {
            return Context::getCurrent();
        }

        public function end($status = 0, ?Response $response = null)
        {
            if ($response) {
                $response->send();
            }
            exit($status);
        }
    }

    class SiteTable
    {
        public static function getList(array $parameters = [])
        {
            return new \Rig\Rows(Book::rows('sites'), $parameters);
        }

        public static function getById($id)
        {
            return self::getList(['filter' => ['=LID' => $id]]);
        }
    }
}

namespace Bitrix\Main\Entity {

    class Result extends \Bitrix\Main\Result
    {
    }

    class EntityError extends \Bitrix\Main\Error
    {
    }
}

namespace Bitrix\Main\IO {

    class File
    {
        public static function isFileExists($path)
        {
            return is_file($path);
        }
    }
}

namespace Bitrix\Main\Config {

    use Rig\Book;

    class Option
    {
        public static function get($module, $name, $default = '', $site = false)
        {
            $row = Book::row('options', self::key($module, $name, $site)) ?? Book::row('options', self::key($module, $name, false));
            return $row['VALUE'] ?? $default;
        }

        public static function set($module, $name, $value = '', $site = '')
        {
            $fields = ['MODULE' => $module, 'NAME' => $name, 'VALUE' => (string) $value];
            Book::put('options', self::key($module, $name, $site), $fields);
        }

        public static function delete($module, array $filter = [])
        {
            Book::delete('options', static function (array $row) use ($module, $filter) {
                return $row['MODULE'] === $module && (!isset($filter['name']) || $row['NAME'] === $filter['name']);
            });
        }

        private static function key($module, $name, $site): string
        {
            return implode('|', [$module, $name, (string) $site]);
        }
    }
}

namespace Bitrix\Main\DB {

    /** Of the database connection, the locks that bear a name. They end with the hit, as the real ones do. */
    class Connection
    {
        private static $held = [];

        public function lock($name, $timeout = 0)
        {
            $file = fopen(\Rig\Book::path() . '.' . md5($name), 'c');
            for ($end = microtime(true) + $timeout; !flock($file, LOCK_EX | LOCK_NB); usleep(10000)) {
                if (microtime(true) >= $end) {
                    return false;
                }
            }
            self::$held[$name] = $file;
            return true;
        }

        public function unlock($name)
        {
            $held = isset(self::$held[$name]);
            unset(self::$held[$name]);
            return $held;
        }
    }
}
