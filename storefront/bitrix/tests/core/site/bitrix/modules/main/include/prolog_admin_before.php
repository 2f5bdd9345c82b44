<?php

define('ADMIN_SECTION', true);
require_once getenv('KASSA_RIG_CORE') . '/start.php';
