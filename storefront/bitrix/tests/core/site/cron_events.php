<?php

// Runs the agents, as cron does where a site lets it.

define('BX_CRONTAB', true);
define('NO_AGENT_CHECK', true);
define('NOT_CHECK_PERMISSIONS', true);

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_before.php';

CAgent::runAll();
echo 'RIG: agents ran';
