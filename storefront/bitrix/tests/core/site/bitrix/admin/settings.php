<?php

// The settings of a module, as /bitrix/admin/settings.php?mid=... shows them: it includes the module's options.php.

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_before.php';

$mid = preg_replace('/[^a-z0-9._]/', '', $_REQUEST['mid']);
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_after.php';
include Bitrix\Main\Loader::getLocal("modules/$mid/options.php");
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/epilog_admin.php';
