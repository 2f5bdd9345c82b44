<?php

require_once __DIR__ . '/prolog_admin_before.php';
require_once __DIR__ . '/prolog_admin_after.php';
