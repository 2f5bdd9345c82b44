<?php

$MESS['KASSA_MODULE_NAME'] = 'Kassa: карты и рассрочка';
$MESS['KASSA_MODULE_DESCRIPTION'] = 'Принимает платежи через Kassa: картой (Kapital Bank) и в рассрочку («Карта покупок»).';
$MESS['KASSA_MODULE_NEEDS_SALE'] = 'Нужен модуль «Интернет-магазин» (sale).';
$MESS['KASSA_MODULE_NO_WRITING'] = 'Не удалось записать файлы в /bitrix. Ничего не установлено.';
