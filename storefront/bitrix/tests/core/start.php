<?php

// What the core's prolog does for a page of the shop: whose site it is by the host, its language and charset, the two global objects.
// Whatever PHP complains about goes into the book, where the tests look for it: a warning or a deprecation fails them.

use Rig\Book;

require_once __DIR__ . '/autoload.php';

ini_set('display_errors', '0');
error_reporting(E_ALL);
set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
    Book::add('complaints', ['TEXT' => "$message in $file:$line"]);
    return true;
});
register_shutdown_function(static function (): void {
    $last = error_get_last();
    if ($last !== null) {
        Book::add('complaints', ['TEXT' => "$last[message] in $last[file]:$last[line]"]);
    }
});

(static function (): void {
    $host = $_SERVER['HTTP_HOST'] ?? '';
    $sites = Book::rows('sites');
    $site = reset($sites);
    foreach ($sites as $row) {
        $site = in_array($host, $row['DOMAINS'], true) ? $row : $site;
    }
    $admin = defined('ADMIN_SECTION');
    define('SITE_ID', $admin ? 'ru' : $site['LID']); // in the admin section it is the language
    define('SITE_SERVER_NAME', $site['SERVER_NAME']);
    define('SITE_DIR', '/');
    define('SITE_TEMPLATE_ID', 'main');
    define('LANGUAGE_ID', $admin ? 'ru' : $site['LANGUAGE_ID']);
    define('LANG_CHARSET', $site['CHARSET']);
    define('SITE_CHARSET', $site['CHARSET']);
    if ($site['CHARSET'] === 'UTF-8') {
        define('BX_UTF', true);
    }
    define('BX_ROOT', '/bitrix');
    define('BX_PERSONAL_ROOT', '/bitrix');
    define('B_PROLOG_INCLUDED', true);
    if (PHP_SAPI !== 'cli') {
        session_save_path(dirname(Book::path()));
        session_start();
        header('Content-Type: text/html; charset=' . LANG_CHARSET);
    }
})();

require_once __DIR__ . '/legacy.php';
$APPLICATION = $GLOBALS['APPLICATION'] = new CMain();
foreach (['/local', '/bitrix'] as $where) { // the shop's own lines, before it is known who asks
    if (is_file(Bitrix\Main\Application::getDocumentRoot() . "$where/php_interface/init.php")) {
        include_once Bitrix\Main\Application::getDocumentRoot() . "$where/php_interface/init.php";
        break;
    }
}
$USER = $GLOBALS['USER'] = new CUser();
ob_start();
if (defined('ADMIN_SECTION') && !$USER->IsAuthorized()) {
    $APPLICATION->AuthForm('ACCESS_DENIED');
}
$declared = ['STOP_STATISTICS', 'NO_AGENT_CHECK', 'NOT_CHECK_PERMISSIONS', 'DisableEventsCheck', 'NO_KEEP_STATISTIC', 'NO_AGENT_STATISTIC'];
Book::add('hits', ['PATH' => $_SERVER['SCRIPT_NAME'] ?? '', 'DEFINED' => array_values(array_filter($declared, 'defined'))]);
