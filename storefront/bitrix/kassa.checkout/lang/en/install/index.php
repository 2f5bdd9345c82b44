<?php

$MESS['KASSA_MODULE_NAME'] = 'Kassa: cards and instalments';
$MESS['KASSA_MODULE_DESCRIPTION'] = 'Takes payments through Kassa: by card (Kapital Bank) and by instalments (Karta Pokupok).';
$MESS['KASSA_MODULE_NEEDS_SALE'] = 'The module "sale" (online store) is needed.';
$MESS['KASSA_MODULE_NO_WRITING'] = 'Files could not be written below /bitrix. Nothing was installed.';
