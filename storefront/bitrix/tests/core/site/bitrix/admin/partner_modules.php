<?php

// Marketplace, installed solutions: installs and uninstalls a module that lies in /local/modules or /bitrix/modules.

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_before.php';

if (!$USER->IsAdmin() || !check_bitrix_sessid()) {
    $APPLICATION->AuthForm('ACCESS_DENIED');
}
$module = CModule::CreateModuleObject($_REQUEST['id']);
if (!$module) {
    exit('RIG: no such module');
}
$done = isset($_REQUEST['uninstall']) ? $module->DoUninstall() : $module->DoInstall();
$error = $APPLICATION->GetException();
echo 'RIG: ', $error ? 'error ' . $error->GetString() : 'done', ' ', $module->MODULE_NAME, ' ', $module->MODULE_VERSION;
