<?php

require_once getenv('KASSA_RIG_CORE') . '/start.php';
