<?php

// Bitrix\Sale: payments and what follows from their fields. One step at a time as the core takes it, because that order is what a payment
// handler has to live with.

namespace Bitrix\Sale;

use Bitrix\Main\ArgumentOutOfRangeException;
use Bitrix\Main\Type\DateTime;
use Bitrix\Sale\PaySystem\Manager;
use Bitrix\Sale\PaySystem\ServiceResult;
use Rig\Book;
use Rig\Rows;

class PaymentCollection extends \ArrayIterator
{
    private $order;

    public function __construct(Order $order)
    {
        $this->order = $order;
        $rows = Book::rows('payments');
        parent::__construct(array_values(array_map(function (array $row) {
            return new Payment($row, $this);
        }, array_filter($rows, static function (array $row) use ($order) {
            return (int) $row['ORDER_ID'] === (int) $order->getId();
        }))));
    }

    public function getOrder()
    {
        return $this->order;
    }

    public function getItemById($id)
    {
        foreach ($this->getArrayCopy() as $payment) {
            if ((int) $payment->getId() === (int) $id) {
                return $payment;
            }
        }
        return null;
    }

    public function hasPaidPayment()
    {
        return $this->getPaidSum() > 0;
    }

    public function getPaidSum()
    {
        $sum = 0.0;
        foreach ($this->getArrayCopy() as $payment) {
            $sum += $payment->isPaid() ? $payment->getSum() : 0.0;
        }
        return $sum;
    }
}

class Payment extends Entity implements IBusinessValueProvider
{
    public const RETURN_NONE = 'N';
    public const RETURN_INNER = 'Y';
    public const RETURN_PS = 'P';

    private $collection;
    private $service;

    public function __construct(array $fields, PaymentCollection $collection)
    {
        parent::__construct($fields);
        $this->collection = $collection;
    }

    public static function getAvailableFields()
    {
        return ['PAID', 'DATE_PAID', 'EMP_PAID_ID', 'PAY_SYSTEM_ID', 'PS_STATUS', 'PS_STATUS_CODE', 'PS_STATUS_DESCRIPTION', 'PS_STATUS_MESSAGE',
            'PS_SUM', 'PS_CURRENCY', 'PS_RESPONSE_DATE', 'PS_RECURRING_TOKEN', 'PS_CARD_NUMBER', 'PAY_VOUCHER_NUM', 'PAY_VOUCHER_DATE',
            'DATE_PAY_BEFORE', 'DATE_BILL', 'XML_ID', 'SUM', 'CURRENCY', 'PAY_SYSTEM_NAME', 'COMPANY_ID', 'PAY_RETURN_NUM', 'PRICE_COD',
            'PAY_RETURN_DATE', 'EMP_RETURN_ID', 'PAY_RETURN_COMMENT', 'RESPONSIBLE_ID', 'EMP_RESPONSIBLE_ID', 'DATE_RESPONSIBLE_ID', 'IS_RETURN',
            'COMMENTS', 'ACCOUNT_NUMBER', 'UPDATED_1C', 'ID_1C', 'VERSION_1C', 'EXTERNAL_PAYMENT', 'PS_INVOICE_ID', 'MARKED', 'REASON_MARKED',
            'DATE_MARKED', 'EMP_MARKED_ID'];
    }

    public static function getList(array $parameters = [])
    {
        return new Rows(Book::rows('payments'), $parameters);
    }

    public static function getRegistryType()
    {
        return Registry::REGISTRY_TYPE_ORDER;
    }

    public function getCollection()
    {
        return $this->collection;
    }

    public function getOrder()
    {
        return $this->collection->getOrder();
    }

    public function getOrderId()
    {
        return $this->getField('ORDER_ID');
    }

    public function getSum()
    {
        return (float) $this->getField('SUM');
    }

    public function getPersonTypeId()
    {
        return $this->getOrder()->getPersonTypeId();
    }

    public function getPaymentSystemId()
    {
        return (int) $this->getField('PAY_SYSTEM_ID');
    }

    public function getPaymentSystemName()
    {
        return $this->getField('PAY_SYSTEM_NAME');
    }

    public function getPaySystem()
    {
        return $this->service = $this->service ?? Manager::getObjectById($this->getPaymentSystemId());
    }

    public function isPaid()
    {
        return $this->getField('PAID') === 'Y';
    }

    public function isReturn()
    {
        return in_array($this->getField('IS_RETURN'), [self::RETURN_INNER, self::RETURN_PS], true);
    }

    public function isInner()
    {
        return false;
    }

    public function getBusinessValueProviderInstance($mapping)
    {
        return $mapping['PROVIDER_KEY'] === 'PAYMENT' ? $this : $this->getOrder();
    }

    public function setPaid($value)
    {
        return $this->setField('PAID', $value);
    }

    public function setReturn($value)
    {
        if (!in_array($value, [self::RETURN_NONE, self::RETURN_INNER, self::RETURN_PS], true)) {
            throw new ArgumentOutOfRangeException('value');
        }
        return ($value !== self::RETURN_NONE) === $this->isReturn() ? new Result() : $this->setField('IS_RETURN', $value);
    }

    /** A payment that becomes unpaid does so first, one that becomes paid last. */
    public function setFields(array $values)
    {
        if (isset($values['PAID'])) {
            $paid = ['PAID' => $values['PAID']];
            unset($values['PAID']);
            $values = $paid['PAID'] === 'N' ? $paid + $values : $values + $paid;
        }
        return parent::setFields($values);
    }

    protected function onFieldModify($name, $old, $value)
    {
        $result = new Result();
        if ($name === 'PAID' && $value === 'Y') {
            $this->setField('DATE_PAID', new DateTime());
            $this->setField('EMP_PAID_ID', $GLOBALS['USER']->GetID());
            $this->setField('IS_RETURN', self::RETURN_NONE); // whoever pays a returned payment takes its return away
        } elseif ($name === 'IS_RETURN' && $value !== self::RETURN_NONE) {
            return $this->giveBack($value);
        } elseif ($name === 'SUM' && $this->isPaid()) {
            $result->addError(new ResultError('SALE_PAYMENT_NOT_ALLOWED_CHANGE_SUM'));
        } elseif ($name === 'MARKED' && $value === 'Y') {
            $this->setField('DATE_MARKED', new DateTime());
            $this->setField('EMP_MARKED_ID', $GLOBALS['USER']->GetID());
        }
        return $name === 'PAID' ? $this->getOrder()->onPaymentPaid() : $result;
    }

    /** The handler is asked at once, long before anything is saved. */
    private function giveBack(string $way): Result
    {
        $result = new Result();
        $this->setField('EMP_RETURN_ID', $GLOBALS['USER']->GetID());
        $service = $way === self::RETURN_PS ? $this->getPaySystem() : null;
        if (!$service || !$service->isRefundable()) {
            return $result->addError(new ResultError('SALE_ORDER_PAYMENT_RETURN_NO_SUPPORTED'));
        }
        $refund = $service->refund($this);
        if (!$refund->isSuccess()) {
            return $result->addErrors($refund->getErrors());
        }
        return $refund->getOperationType() === ServiceResult::MONEY_LEAVING ? $this->setField('PAID', 'N') : $result;
    }

    /** Columns have lengths and kinds, and the core refuses what does not fit. */
    private function verifyColumns(): Result
    {
        $result = new Result();
        $lengths = ['PS_STATUS' => 1, 'PS_STATUS_CODE' => 255, 'PS_STATUS_DESCRIPTION' => 512, 'PS_STATUS_MESSAGE' => 250, 'PS_CURRENCY' => 3,
            'PS_INVOICE_ID' => 255, 'PAY_VOUCHER_NUM' => 20, 'PAY_RETURN_NUM' => 20];
        foreach (array_intersect_key($lengths, $this->changed) as $name => $length) {
            $value = $this->getField($name);
            if ($value !== null && !is_scalar($value) || mb_strlen((string) $value, LANG_CHARSET) > $length) {
                $result->addError(new ResultError("The value of $name is longer than $length characters"));
            }
        }
        foreach (array_intersect_key(['PS_RESPONSE_DATE' => 1, 'DATE_PAID' => 1], $this->changed) as $name => $one) {
            if ($this->getField($name) !== null && !$this->getField($name) instanceof \Bitrix\Main\Type\Date) {
                throw new \Bitrix\Main\ArgumentTypeException("$name is no DateTime");
            }
        }
        return $result;
    }

    public function save()
    {
        if (!$this->getOrder()->isSaveRunning()) {
            trigger_error('Incorrect call to the save process. Use method save() on \Bitrix\Sale\Order entity', E_USER_WARNING);
        }
        $result = $this->verifyColumns();
        if ($result->isSuccess() && $this->isChanged()) {
            $this->write('payments');
            (new \Bitrix\Main\Event('sale', 'OnSalePaymentEntitySaved', ['ENTITY' => $this, 'VALUES' => []]))->send();
        }
        return $result;
    }
}
