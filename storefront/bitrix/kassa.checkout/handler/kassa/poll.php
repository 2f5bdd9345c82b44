<?php

namespace Kassa\Checkout;

use Bitrix\Main\Type\DateTime;
use Bitrix\Sale\Payment;
use Bitrix\Sale\PaySystem\Logger;
use Bitrix\Sale\PaySystem\Manager;
use Throwable;

/**
 * The agent: what a lost message left open is found out by asking. It never throws, for that would stop all agents.
 */
final class Poll
{
    /** Seconds after which no further payment is begun. One call may last half a minute. */
    private const BUDGET = 20;

    /** Days that a payment page and a return are looked after. */
    private const DAYS = ['page' => 1, 'return' => 7];

    /**
     * What the core evaluates every five minutes. It needs no class to be loaded before, and when this folder is gone
     * it yields nothing, which makes the core delete the agent.
     */
    public static function call(): string
    {
        return 'include "' . addcslashes(str_replace('\\', '/', __DIR__), '"$') . '/agent.php";';
    }

    public static function run(): string
    {
        try {
            self::checkAll(microtime(true) + self::BUDGET);
        } catch (Throwable $e) {
            Logger::addError('Kassa, agent: ' . $e->getMessage());
        }
        return self::call();
    }

    private static function checkAll(float $end): void
    {
        foreach (self::open() as $id) {
            if (microtime(true) > $end) {
                return;
            }
            try {
                Desk::alone($id, static fn () => self::check($id));
            } catch (Throwable $e) {
                Logger::addError("Kassa, agent, payment $id: " . $e->getMessage());
            }
        }
    }

    private static function check(int $id): void
    {
        $payment = Desk::find($id);
        $service = $payment === null ? null : Manager::getObjectById($payment->getPaymentSystemId());
        if (Desk::isOurs($service)) {
            $service->check($payment); // the core saves what is new, and pays
        }
    }

    /** Ids of payments that are open and of returns that are under way, the newest first. */
    private static function open(): array
    {
        $services = array_column(Manager::getList(['select' => ['ID'], 'filter' => [
            '=ACTION_FILE' => basename(__DIR__),
        ]])->fetchAll(), 'ID');
        if ($services === []) {
            return [];
        }
        $pages = ['=PAID' => 'N', '=IS_RETURN' => 'N'];
        $pages['@PS_STATUS_CODE'] = ['created', 'pending', 'paid', 'partially_refunded'];
        $returns = ['=PAID' => 'Y', '=IS_RETURN' => 'P'];
        $ids = [];
        foreach ([[$pages, self::DAYS['page']], [$returns, self::DAYS['return']]] as [$filter, $days]) {
            $filter['@PAY_SYSTEM_ID'] = $services;
            $filter['>=PS_RESPONSE_DATE'] = (new DateTime())->add("-$days days");
            $query = ['select' => ['ID'], 'filter' => $filter, 'order' => ['ID' => 'DESC'], 'limit' => 100];
            $ids = array_merge($ids, array_column(Payment::getList($query)->fetchAll(), 'ID'));
        }
        return array_map('intval', $ids);
    }
}
