<?php

// Bitrix\Sale\PaySystem\Service: what the core calls in which order, and what it saves.

namespace Bitrix\Sale\PaySystem;

use Bitrix\Main\Event;
use Bitrix\Main\Request;
use Bitrix\Main\SystemException;
use Bitrix\Sale\Order;
use Bitrix\Sale\Payment;
use Bitrix\Sale\Result;
use Bitrix\Sale\ResultError;

class ServiceResult extends \Bitrix\Main\Entity\Result
{
    public const MONEY_COMING = 'money_coming';
    public const MONEY_LEAVING = 'money_leaving';

    private $psData = [];
    private $resultApplied = true;
    private $operationType;
    private $template = '';
    private $paymentUrl = '';

    public function setPsData($psData)
    {
        $this->psData = $psData;
    }

    public function getPsData()
    {
        return $this->psData;
    }

    public function isResultApplied()
    {
        return $this->resultApplied;
    }

    public function setResultApplied($applied)
    {
        $this->resultApplied = $applied;
    }

    public function setOperationType($type)
    {
        $this->operationType = $type;
    }

    public function getOperationType()
    {
        return $this->operationType;
    }

    public function setTemplate($template)
    {
        $this->template = $template;
    }

    public function getTemplate()
    {
        return $this->template;
    }

    public function setPaymentUrl($url): void
    {
        $this->paymentUrl = $url;
    }

    public function getPaymentUrl(): string
    {
        return $this->paymentUrl;
    }

    public function getBuyerErrorMessages(): array
    {
        $shown = array_filter($this->errors, static function ($error) {
            return $error instanceof Error && $error->isVisibleForBuyer();
        });
        return array_values(array_map('strval', $shown));
    }
}

abstract class ServiceHandler extends BaseServiceHandler
{
    public static function getIndicativeFields()
    {
        return [];
    }

    public static function isMyResponse(Request $request, $paySystemId)
    {
        return false; // nothing indicates a handler that names no fields
    }

    abstract public function processRequest(Payment $payment, Request $request);

    abstract public function getPaymentIdFromRequest(Request $request);

    public function sendResponse(ServiceResult $result, Request $request)
    {
        return '';
    }
}

class Service
{
    private $handler;
    private $fields;
    private $context;

    public function __construct($fields)
    {
        [$class, $type] = Manager::includeHandler($fields['ACTION_FILE']);
        $this->fields = $fields;
        $this->handler = new $class($type, $this);
        $this->context = new Context();
    }

    public function getField($name)
    {
        return $this->fields[$name] ?? null;
    }

    public function getConsumerName()
    {
        return 'PAYSYSTEM_' . $this->fields['ID'];
    }

    public function getContext(): Context
    {
        return $this->context;
    }

    public function getCurrency()
    {
        return $this->handler->getCurrencyList();
    }

    public function getHandlerDescription()
    {
        return $this->handler->getDescription();
    }

    public function isRefundable()
    {
        return $this->handler instanceof IRefund;
    }

    public function isCheckable()
    {
        return $this->handler instanceof ICheckable;
    }

    public function initiatePay(Payment $payment, ?Request $request = null, $mode = BaseServiceHandler::STREAM)
    {
        $this->handler->setInitiateMode($mode);
        $result = $this->handler->initiatePay($payment, $request);
        if ($result->getPsData()) {
            $set = $payment->setFields($result->getPsData());
            $result->addErrors($set->isSuccess() ? $payment->getOrder()->save()->getErrors() : $set->getErrors());
        }
        if (!$result->isSuccess()) {
            $this->log('. InitiatePay: ', $result);
        }
        return $result;
    }

    public function refund(Payment $payment, $sum = 0)
    {
        if (!$this->isRefundable()) {
            throw new SystemException('');
        }
        if (!$payment->isPaid()) {
            return (new Result())->addError(new ResultError('SALE_PS_SERVICE_PAYMENT_NOT_PAID'));
        }
        $result = $this->handler->refund($payment, $sum == 0 ? $payment->getSum() : $sum);
        if (!$result->isSuccess()) {
            $this->log(': refund: ', $result);
        }
        return $result;
    }

    public function check(Payment $payment)
    {
        $result = new ServiceResult();
        if (!$this->isCheckable()) {
            return $result;
        }
        $order = $payment->getOrder();
        if ($order->isCanceled()) {
            return $result->addError(new ResultError('SALE_PS_SERVICE_ORDER_CANCELED'));
        }
        $checked = $this->handler->check($payment);
        if ($checked instanceof ServiceResult && $checked->isSuccess()) {
            if ($checked->getPsData()) {
                $result->addErrors($payment->setFields($checked->getPsData())->getErrors());
            }
            if ($checked->getOperationType() === ServiceResult::MONEY_COMING) { // MONEY_LEAVING is not looked at
                $result->addErrors($payment->setPaid('Y')->getErrors());
            }
            $result->addErrors($order->save()->getErrors());
        } elseif (!$checked) {
            $result->addError(new \Bitrix\Main\Error('SALE_PS_SERVICE_ERROR_CONNECT_PS'));
        }
        return $result;
    }

    public function processRequest(Request $request)
    {
        $result = new Result();
        $asked = http_build_query($request->toArray(), '', "\n") ?: file_get_contents('php://input');
        Logger::addDebugInfo(get_class($this->handler) . " ProcessRequest. paySystemId={$this->fields['ID']}, request=" . ($asked ?: 'empty'));
        $id = $this->handler->getPaymentIdFromRequest($request);
        [$orderId, $paymentId] = empty($id) ? [0, 0] : Manager::getIdsByPayment($id);
        $order = $orderId ? Order::load($orderId) : null;
        $payment = $order ? $order->getPaymentCollection()->getItemById($paymentId) : null;
        $wrong = empty($id) ? 'PAYMENT_ERROR_EMPTY' : (!$order ? 'ORDER_ERROR' : ($order->isCanceled() ? 'ORDER_CANCELED' : null));
        if ($wrong !== null || !$payment) { // the handler hears nothing of it, not even sendResponse
            $result->addError(new \Bitrix\Main\Error('SALE_PS_SERVICE_' . ($wrong ?? 'PAYMENT_ERROR')));
            $this->log('. ProcessRequest: ', $result);
            return $result;
        }
        $served = $this->handler->processRequest($payment, $request);
        if ($served->isSuccess()) {
            $this->apply($served, $payment);
        } else {
            $served->setResultApplied(false);
            $result->addErrors($served->getErrors());
            $marker = new Result();
            $marker->addWarnings($served->getErrors());
            \Bitrix\Sale\EntityMarker::addMarker($order, $payment, $marker);
            $payment->setField('MARKED', 'Y');
            $order->save();
            $this->log('. ProcessRequest Error: ', $served);
        }
        $this->handler->sendResponse($served, $request);
        return $result; // without an error even where nothing could be saved: only isResultApplied tells
    }

    private function apply(ServiceResult $served, Payment $payment): void
    {
        $status = [ServiceResult::MONEY_COMING => 'Y', ServiceResult::MONEY_LEAVING => 'N'][$served->getOperationType() ?? ''] ?? null;
        $steps = [];
        if ($status !== null) {
            $told = ['payment' => $payment, 'status' => $status, 'pay_system_id' => $this->fields['ID']];
            (new Event('sale', 'OnSalePsServiceProcessRequestBeforePaid', $told))->send();
            $steps[] = $payment->setPaid($status);
        }
        if ($served->getPsData()) {
            $steps[] = $payment->setFields($served->getPsData());
        }
        $steps[] = $payment->getOrder()->save();
        foreach ($steps as $step) {
            if (!$step->isSuccess()) {
                $this->log('. ProcessRequest: ', $step);
                $served->setResultApplied(false);
            }
        }
    }

    private function log(string $where, \Bitrix\Main\Result $result): void
    {
        Logger::addError(get_class($this->handler) . $where . implode("\n", $result->getErrorMessages()));
    }
}
