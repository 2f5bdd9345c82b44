<?php

use Kassa\Checkout\Desk;

require_once __DIR__ . '/desk.php';

$data = [
    'NAME' => Desk::say('KASSA_NAME'),
    'SORT' => 500,
    'CODES' => [],
];
foreach (['API_URL', 'API_KEY', 'WEBHOOK_SECRET', 'TERM', 'STATUS_FAILED'] as $sort => $code) {
    $data['CODES']['KASSA_' . $code] = [
        'NAME' => Desk::say('KASSA_SET_' . $code),
        'DESCRIPTION' => Desk::say('KASSA_SET_' . $code . '_HELP'),
        'SORT' => 100 + 100 * $sort,
        'GROUP' => 'GENERAL_SETTINGS',
    ];
}
$data['CODES']['KASSA_TERM']['HANDLER_MODE'] = ['kartapokupok'];
