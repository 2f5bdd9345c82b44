<?php

$MESS['KASSA_MODULE_NAME'] = 'Kassa: карты і растэрміноўка';
$MESS['KASSA_MODULE_DESCRIPTION'] = 'Прымае плацяжы праз Kassa: картай (Kapital Bank) і ў растэрміноўку («Карта пакупак»).';
$MESS['KASSA_MODULE_NEEDS_SALE'] = 'Патрэбны модуль «Інтэрнэт-крама» (sale).';
$MESS['KASSA_MODULE_NO_WRITING'] = 'Не ўдалося запісаць файлы ў /bitrix. Нічога не ўсталявана.';
