<?php

// The classes that know nothing of Bitrix, and nothing else: they must work alone.
foreach (['answer', 'client', 'draft', 'money', 'outcome', 'signature'] as $part) {
    require_once __DIR__ . "/../../kassa.checkout/handler/kassa/$part.php";
}
error_reporting(E_ALL);
