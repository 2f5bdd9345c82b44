<?php

// The form of an order that is made new: it has no number yet, and the same menu.

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_before.php';
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_admin_after.php';
(new CAdminContextMenu([['TEXT' => 'Back', 'LINK' => '/bitrix/admin/sale_order.php']]))->Show();
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/epilog_admin.php';
