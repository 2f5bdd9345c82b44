<?php

// What the core has in the global namespace, old and still in use: modules and their installation, agents, users and their rights, the
// admin's pieces of a page, files, sessions.

use Bitrix\Main\Application;
use Bitrix\Main\Loader;
use Bitrix\Main\Localization\Loc;
use Bitrix\Main\ModuleManager;
use Rig\Book;

abstract class CModule
{
    public $MODULE_ID;
    public $MODULE_VERSION;
    public $MODULE_VERSION_DATE;
    public $MODULE_NAME;
    public $MODULE_DESCRIPTION;
    public $MODULE_GROUP_RIGHTS = 'N';
    public $PARTNER_NAME;
    public $PARTNER_URI;

    public static function IncludeModule($id)
    {
        return Loader::includeModule($id);
    }

    public static function CreateModuleObject($id)
    {
        $file = Loader::getLocal("modules/$id/install/index.php");
        $class = str_replace('.', '_', $id);
        if ($file === false) {
            return false;
        }
        require_once $file;
        return class_exists($class, false) ? new $class() : false;
    }
}

class CAgent
{
    /** The same call is there once, whatever module it is of. */
    public static function AddAgent(
        $name,
        $module = '',
        $period = 'N',
        $interval = 86400,
        $check = '',
        $active = 'Y',
        $next = '',
        $sort = 100,
        $user = false,
        $existError = true
    ) {
        foreach (Book::rows('agents') as $row) {
            if ($row['NAME'] === $name) {
                return $existError ? $GLOBALS['APPLICATION']->ThrowException('MAIN_AGENT_ERROR_EXIST_EXT') : $row['ID'];
            }
        }
        $row = ['NAME' => $name, 'MODULE_ID' => $module, 'IS_PERIOD' => $period, 'AGENT_INTERVAL' => $interval, 'ACTIVE' => $active];
        return Book::add('agents', $row);
    }

    public static function RemoveAgent($name, $module = '', $user = false)
    {
        Book::delete('agents', static function (array $row) use ($name, $module) {
            return $row['NAME'] === $name && $row['MODULE_ID'] === $module;
        });
    }

    public static function RemoveModuleAgents($module)
    {
        Book::delete('agents', static function (array $row) use ($module) {
            return $row['MODULE_ID'] === $module;
        });
    }

    /** As the core evaluates them: what an agent gives is its next call, and nothing is its end. */
    public static function runAll(): void
    {
        foreach (Book::rows('agents') as $row) {
            if ($row['MODULE_ID'] !== '' && !Loader::includeModule($row['MODULE_ID'])) {
                continue;
            }
            $next = '';
            eval('$next=' . $row['NAME']);
            $next ? Book::put('agents', $row['ID'], ['NAME' => $next]) : Book::delete('agents', static function (array $other) use ($row) {
                return $other['ID'] === $row['ID'];
            });
        }
    }
}

/** Who makes this hit: the session cookie names a row of the rig's users, or nobody. */
class CUser
{
    private $row;

    public function __construct()
    {
        $this->row = Book::row('sessions', $_COOKIE['PHPSESSID'] ?? '') ?? ['USER_ID' => null, 'ADMIN' => false, 'RIGHTS' => []];
    }

    public function GetID()
    {
        return $this->row['USER_ID'];
    }

    public function IsAuthorized()
    {
        return $this->row['USER_ID'] !== null;
    }

    public function IsAdmin()
    {
        return $this->row['ADMIN'];
    }

    public function GetUserGroupArray()
    {
        return $this->row['ADMIN'] ? [1, 2] : [2];
    }

    public function serves(string $site): bool
    {
        return in_array($site, $this->row['SITES'] ?? [$site], true);
    }

    public function right(string $module): string
    {
        return $this->row['ADMIN'] ? 'W' : $this->row['RIGHTS'][$module] ?? 'D';
    }
}

class CMain
{
    private $exception;

    public function GetGroupRight($module)
    {
        return $GLOBALS['USER']->right($module);
    }

    public static function GetUserRight($module)
    {
        return $GLOBALS['USER']->right($module);
    }

    public function RestartBuffer()
    {
        while (ob_get_level() > 0) {
            ob_end_clean();
        }
        ob_start();
    }

    public function ThrowException($message, $id = false)
    {
        $this->exception = new class ((string) $message) {
            private $text;

            public function __construct(string $text)
            {
                $this->text = $text;
            }

            public function GetString()
            {
                return $this->text;
            }
        };
        return false;
    }

    public function GetException()
    {
        return $this->exception ?? false;
    }

    public function ResetException()
    {
        $this->exception = null;
    }

    public function AuthForm($message)
    {
        $this->RestartBuffer();
        echo 'AUTH: ', htmlspecialcharsbx(is_array($message) ? $message['MESSAGE'] : $message);
        exit;
    }

    public function IncludeAdminFile($title, $file)
    {
        global $APPLICATION, $USER;
        $this->SetTitle($title);
        include $file;
        exit;
    }

    public function SetTitle($title)
    {
    }

    public function SetPageProperty($name, $value)
    {
    }

    public function ShowTitle()
    {
    }

    public function GetCurPage($index = null)
    {
        return parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
    }

    public function GetCurPageParam($add = '', $kill = [])
    {
        parse_str((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_QUERY), $query);
        $rest = http_build_query(array_diff_key($query, array_flip($kill)));
        return $this->GetCurPage() . '?' . implode('&', array_filter([$add, $rest]));
    }
}

class CSite
{
    public static function GetByID($id)
    {
        return Bitrix\Main\SiteTable::getById($id);
    }

    public static function GetList($by = 'sort', $order = 'asc', $filter = [])
    {
        return Bitrix\Main\SiteTable::getList();
    }

    public static function GetCurTemplate()
    {
        return SITE_TEMPLATE_ID;
    }
}

class CSaleOrder
{
    /** Whoever has no more than the right U needs the order's site, too. */
    public static function CanUserUpdateOrder($id, $groups = false, $site = false)
    {
        $right = $GLOBALS['APPLICATION']->GetGroupRight('sale');
        return $right >= 'W' || $right === 'U' && $GLOBALS['USER']->serves(Book::row('orders', $id)['LID']);
    }

    public static function CanUserViewOrder($id, $groups = false, $user = 0)
    {
        return $GLOBALS['USER']->IsAdmin() || $GLOBALS['APPLICATION']->GetGroupRight('sale') >= 'U';
    }
}

class CSaleStatus
{
    public static function GetList($order = [], $filter = [], $group = false, $nav = false, $select = [])
    {
        return new Rig\Rows(Book::rows('statuses'));
    }
}

class CHTTP
{
    public static function SetStatus($status)
    {
        header("HTTP/1.1 $status");
    }
}

class CEventLog
{
    public static function Add($fields)
    {
        return Book::add('event_log', $fields);
    }
}

class CAdminMessage
{
    private $message;

    public function __construct($message, $exception = false)
    {
        $this->message = $message;
    }

    public function Show()
    {
        $m = is_array($this->message) ? $this->message + ['MESSAGE' => '', 'DETAILS' => '', 'TYPE' => 'ERROR'] : null;
        $text = $m ? htmlspecialcharsbx($m['MESSAGE']) . ' ' . (empty($m['HTML']) ? htmlspecialcharsbx($m['DETAILS']) : $m['DETAILS'])
            : htmlspecialcharsbx($this->message);
        return '<div class="adm-info-message ' . ($m['TYPE'] ?? 'ERROR') . '">' . $text . '</div>';
    }

    public static function ShowMessage($message)
    {
        echo (new self($message))->Show();
    }

    public static function ShowNote($message)
    {
        echo (new self(['MESSAGE' => $message, 'TYPE' => 'OK']))->Show();
    }
}

class CAdminTabControl
{
    private $tabs;

    public function __construct($name, $tabs, $expandable = true, $denyAutosave = false)
    {
        $this->tabs = $tabs;
    }

    public function Begin()
    {
        echo '<div class="adm-detail-block">';
    }

    public function BeginNextTab()
    {
        $tab = array_shift($this->tabs);
        echo '<h2>', htmlspecialcharsbx($tab['TITLE'] ?? $tab['TAB']), '</h2><table>';
    }

    public function Buttons($params = false)
    {
        echo '</table>';
        if ($params !== false) {
            echo '<input type="submit" name="save">';
        }
    }

    public function End()
    {
        echo '</div>';
    }
}

class CAdminContextMenu
{
    public $items;

    public function __construct($items)
    {
        $this->items = $items;
    }

    /** Handlers may change what stands in the menu. */
    public function Show()
    {
        foreach (Bitrix\Main\EventManager::getInstance()->findEventHandlers('main', 'OnAdminContextMenuShow') as $handler) {
            call_user_func_array($handler['CALLBACK'], [&$this->items]);
        }
        foreach ($this->items as $item) {
            echo '<a class="adm-btn" href="', htmlspecialcharsbx($item['LINK'] ?? '#'), '">', htmlspecialcharsbx($item['TEXT']), '</a>';
        }
    }
}

function htmlspecialcharsbx($string, $flags = ENT_COMPAT, $doubleEncode = true)
{
    return htmlspecialchars((string) $string, $flags, defined('BX_UTF') ? 'UTF-8' : 'ISO-8859-1', $doubleEncode);
}

function htmlspecialcharsEx($string)
{
    return htmlspecialcharsbx($string, ENT_COMPAT, false);
}

function GetMessage($code, $replace = null)
{
    return (string) Loc::getMessage($code, $replace);
}

function IncludeModuleLangFile($file, $language = false)
{
    Loc::loadMessages($file);
}

function IsModuleInstalled($id)
{
    return ModuleManager::isModuleInstalled($id);
}

function RegisterModule($id)
{
    ModuleManager::registerModule($id);
}

function UnRegisterModule($id)
{
    ModuleManager::unRegisterModule($id);
}

function RegisterModuleDependences($from, $type, $to, $class = '', $method = '', $sort = 100, $path = '', $args = [])
{
    Bitrix\Main\EventManager::getInstance()->registerEventHandlerCompatible($from, $type, $to, $class, $method);
}

function UnRegisterModuleDependences($from, $type, $to, $class = '', $method = '', $path = '', $args = [])
{
    Bitrix\Main\EventManager::getInstance()->unRegisterEventHandler($from, $type, $to, $class, $method);
}

function bitrix_sessid()
{
    return md5('sessid ' . ($_COOKIE['PHPSESSID'] ?? ''));
}

function bitrix_sessid_get($name = 'sessid')
{
    return $name . '=' . bitrix_sessid();
}

function bitrix_sessid_post($name = 'sessid', $return = false)
{
    $field = '<input type="hidden" name="' . $name . '" id="' . $name . '" value="' . bitrix_sessid() . '" />';
    if ($return) {
        return $field;
    }
    echo $field;
}

function check_bitrix_sessid($name = 'sessid')
{
    return ($_REQUEST[$name] ?? '') === bitrix_sessid();
}

function LocalRedirect($url, $skip = false, $status = '302 Found')
{
    header("HTTP/1.1 $status");
    header("Location: $url");
    exit;
}

function CheckDirPath($path)
{
    $folder = substr($path, -1) === '/' ? $path : dirname($path);
    return is_dir($folder) || mkdir($folder, 0755, true);
}

/** Copies a file, or what stands in a folder; what is below that only when it is asked to go down. */
function CopyDirFiles($from, $to, $rewrite = true, $recursive = false, $deleteAfter = false, $exclude = '')
{
    if (is_file($from)) {
        return CheckDirPath($to) && ($rewrite || !file_exists($to)) && copy($from, $to);
    }
    if (!is_dir($from)) {
        return true;
    }
    CheckDirPath("$to/");
    foreach (array_diff(scandir($from), ['.', '..']) as $name) {
        if (is_dir("$from/$name") ? $recursive : $rewrite || !file_exists("$to/$name")) {
            is_dir("$from/$name") ? CopyDirFiles("$from/$name", "$to/$name", $rewrite, true) : copy("$from/$name", "$to/$name");
        }
    }
    return true;
}

/** Takes files away from the second folder that have a namesake in the first. */
function DeleteDirFiles($from, $to, $exclude = [])
{
    foreach (is_dir($from) ? array_diff(scandir($from), ['.', '..']) : [] as $name) {
        if (is_file("$to/$name")) {
            unlink("$to/$name");
        }
    }
}

/** Takes a file or a folder away, whole, by its path on the site. */
function DeleteDirFilesEx($path, $root = false)
{
    $full = ($root ?: Application::getDocumentRoot()) . '/' . trim($path, '/');
    if (trim($path, '/') === '' || !file_exists($full)) {
        return trim($path, '/') !== '';
    }
    if (is_dir($full) && !is_link($full)) {
        foreach (array_diff(scandir($full), ['.', '..']) as $name) {
            DeleteDirFilesEx(trim($path, '/') . "/$name", $root);
        }
        return rmdir($full);
    }
    return unlink($full);
}
