<?php

// Finds the fakes of the core's classes, a group of small ones to a file. Those of module sale are there only once it is included, as on
// the real core.

spl_autoload_register(static function (string $class): void {
    $groups = [
        'Rig\\Book' => 'Book',
        'Rig\\Rows' => 'Rows',
        'Rig\\Pause' => 'Pause',
        'Rig\\Stubborn' => 'Stubborn',
        'Bitrix\\Main\\Web\\' => 'main_web',
        'Bitrix\\Main\\Localization\\' => 'main_text',
        'Bitrix\\Main\\Text\\' => 'main_text',
        'Bitrix\\Main\\Type\\' => 'main_text',
        'Bitrix\\Main\\Context' => 'main_request',
        'Bitrix\\Main\\Server' => 'main_request',
        'Bitrix\\Main\\Request' => 'main_request',
        'Bitrix\\Main\\Response' => 'main_request',
        'Bitrix\\Main\\Http' => 'main_request',
        'Bitrix\\Main\\' => 'main',
        'Bitrix\\Sale\\PaySystem\\Service' => 'sale_service',
        'Bitrix\\Sale\\PaySystem\\' => 'sale_paysystem',
        'Bitrix\\Sale\\Payment' => 'sale_payment',
        'Bitrix\\Sale\\BusinessValue' => 'sale_paysystem',
        'Bitrix\\Sale\\Basket' => 'sale_parts',
        'Bitrix\\Sale\\Shipment' => 'sale_parts',
        'Bitrix\\Sale\\Property' => 'sale_parts',
        'Bitrix\\Sale\\' => 'sale_order',
    ];
    foreach ($groups as $prefix => $file) {
        if (strpos($class, $prefix) === 0) {
            if ($file[0] === 's' && !\Bitrix\Main\Loader::isIncluded('sale')) {
                return;
            }
            require_once __DIR__ . "/$file.php";
            return;
        }
    }
});
