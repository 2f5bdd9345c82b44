<?php

require_once __DIR__ . '/modules/main/include/prolog_before.php';
echo '<!DOCTYPE html><html lang="', LANGUAGE_ID, '"><head><meta charset="', LANG_CHARSET, '"></head><body>';
