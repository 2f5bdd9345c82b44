<?php

$MESS['KASSA_MODULE_NAME'] = 'Kassa: kartla və hissə-hissə ödəniş';
$MESS['KASSA_MODULE_DESCRIPTION'] = 'Kassa ilə ödəniş qəbul edir: kartla (Kapital Bank) və hissə-hissə (Karta Pokupok).';
$MESS['KASSA_MODULE_NEEDS_SALE'] = '"sale" (onlayn mağaza) modulu lazımdır.';
$MESS['KASSA_MODULE_NO_WRITING'] = '/bitrix qovluğuna fayl yazmaq olmadı. Heç nə quraşdırılmadı.';
