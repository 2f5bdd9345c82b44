<?php

namespace Rig;

use Bitrix\Main\EventResult;
use Bitrix\Sale\ResultError;

/**
 * Another module of the shop, which refuses that an order is saved.
 */
final class Stubborn
{
    public static function refuse(): EventResult
    {
        return new EventResult(EventResult::ERROR, new ResultError('the warehouse does not allow it'), 'sale');
    }
}
