<?php

// Bitrix\Sale: an order and what belongs to it. An order is a copy of its rows, its own and, once they are asked for, its payments'.
// Saving writes the fields that this copy changed, the order's own first and then its payments', in no transaction. What is paid of it is
// counted in the copy, when a payment becomes paid or unpaid or the price changes, and not when it is saved.

namespace Bitrix\Sale {

    use Bitrix\Main\ArgumentOutOfRangeException;
    use Bitrix\Main\Event;
    use Bitrix\Main\EventResult;
    use Rig\Book;
    use Rig\Rows;

    class Result extends \Bitrix\Main\Entity\Result
    {
        private $warnings = [];

        public function addWarnings(array $warnings)
        {
            $this->warnings = array_merge($this->warnings, $warnings);
        }

        public function getWarnings()
        {
            return $this->warnings;
        }

        public function hasWarnings()
        {
            return $this->warnings !== [];
        }
    }

    class ResultError extends \Bitrix\Main\Entity\EntityError
    {
    }

    class PriceMaths
    {
        public static function roundPrecision($value)
        {
            return round((float) $value, 2);
        }
    }

    interface IBusinessValueProvider
    {
        public function getPersonTypeId();
    }

    /** A row whose changes are known. */
    abstract class Entity
    {
        protected $fields;
        protected $changed = [];

        public function __construct(array $fields)
        {
            $this->fields = $fields;
        }

        abstract public static function getAvailableFields();

        public function getId()
        {
            return $this->fields['ID'] ?? null;
        }

        public function getField($name)
        {
            return $this->fields[$name] ?? null;
        }

        public function getFieldValues()
        {
            return $this->fields;
        }

        public function setField($name, $value)
        {
            if (!in_array($name, static::getAvailableFields(), true)) {
                throw new ArgumentOutOfRangeException("name=$name");
            }
            $old = $this->getField($name);
            if ($old == $value && !($old === null && $value !== null)) {
                return new Result();
            }
            $this->setFieldNoDemand($name, $value);
            $result = $this->onFieldModify($name, $old, $value);
            if (!$result->isSuccess()) {
                $this->setFieldNoDemand($name, $old);
            }
            return $result;
        }

        public function setFields(array $values)
        {
            $result = new Result();
            foreach ($values as $name => $value) {
                $result->addErrors($this->setField($name, $value)->getErrors());
            }
            return $result;
        }

        /** @internal as in the core: no consequences */
        public function setFieldNoDemand($name, $value)
        {
            $this->fields[$name] = $value;
            $this->changed[$name] = true;
        }

        public function isChanged()
        {
            return $this->changed !== [];
        }

        protected function onFieldModify($name, $old, $value)
        {
            return new Result();
        }

        protected function write(string $table): void
        {
            Book::put($table, $this->getId(), array_intersect_key($this->fields, $this->changed));
            $this->changed = [];
        }
    }

    class Order extends Entity implements IBusinessValueProvider
    {
        private $payments;
        private $saving = false;
        private $paidOrUnpaid = false;

        public static function getAvailableFields()
        {
            return ['ACCOUNT_NUMBER', 'STATUS_ID', 'DATE_STATUS', 'CANCELED', 'DATE_CANCELED', 'REASON_CANCELED', 'MARKED', 'REASON_MARKED',
                'COMMENTS', 'USER_DESCRIPTION', 'ADDITIONAL_INFO', 'PRICE', 'PRICE_DELIVERY', 'CURRENCY', 'RESPONSIBLE_ID', 'PAY_VOUCHER_NUM',
                'EXTERNAL_ORDER', 'TRACKING_NUMBER', 'XML_ID'];
        }

        /** @return static|null */
        public static function load($id)
        {
            if ((int) $id <= 0) {
                throw new \Bitrix\Main\ArgumentNullException('id');
            }
            $row = Book::row('orders', (int) $id);
            return $row ? new static($row) : null;
        }

        public static function loadByAccountNumber($number)
        {
            $row = self::getList(['filter' => ['=ACCOUNT_NUMBER' => $number]])->fetch();
            return $row ? new static($row) : null;
        }

        public static function getList(array $parameters = [])
        {
            return new Rows(Book::rows('orders'), $parameters);
        }

        public function getSiteId()
        {
            return $this->getField('LID');
        }

        public function getCurrency()
        {
            return $this->getField('CURRENCY');
        }

        public function getPrice()
        {
            return (float) $this->getField('PRICE');
        }

        public function getDeliveryPrice()
        {
            return (float) $this->getField('PRICE_DELIVERY');
        }

        public function getPersonTypeId()
        {
            return $this->getField('PERSON_TYPE_ID');
        }

        public function getUserId()
        {
            return $this->getField('USER_ID');
        }

        public function isCanceled()
        {
            return $this->getField('CANCELED') === 'Y';
        }

        public function isPaid()
        {
            return $this->getField('PAYED') === 'Y';
        }

        public function getSumPaid()
        {
            return (float) $this->getField('SUM_PAID');
        }

        public function getPaymentCollection()
        {
            return $this->payments = $this->payments ?? new PaymentCollection($this);
        }

        public function getPropertyCollection()
        {
            return new PropertyValueCollection($this->getField('PROPERTIES'));
        }

        public function getBasket()
        {
            return new Basket($this->getField('BASKET'));
        }

        public function getShipmentCollection()
        {
            return new ShipmentCollection($this->getField('SHIPMENTS'));
        }

        public function getBusinessValueProviderInstance($mapping)
        {
            return $this;
        }

        public function isSaveRunning()
        {
            return $this->saving;
        }

        protected function onFieldModify($name, $old, $value)
        {
            $result = new Result();
            if ($name === 'CANCELED' && $value === 'Y' && $this->getPaymentCollection()->hasPaidPayment()) {
                $result->addError(new ResultError('SALE_ORDER_CANCEL_ORDER_EXIST_PAID_PAYMENTS'));
            }
            if ($name === 'STATUS_ID' && Book::row('statuses', $value) === null) {
                $result->addError(new ResultError('SALE_ORDER_STATUS_NOT_EXIST'));
            }
            if ($name === 'PRICE') {
                $this->settle();
            }
            return $result;
        }

        public function save()
        {
            $result = new Result();
            $this->saving = true;
            try {
                $event = new Event('sale', 'OnSaleOrderBeforeSaved', ['ENTITY' => $this, 'VALUES' => []]);
                $event->send();
                foreach ($event->getResults() as $answer) {
                    if ($answer->getType() === EventResult::ERROR) {
                        $error = $answer->getParameters();
                        return $result->addError($error instanceof ResultError ? $error : new ResultError('SALE_EVENT_ON_BEFORE_ORDER_SAVED_ERROR'));
                    }
                }
                $this->write('orders');
                (new Event('sale', 'OnSaleOrderEntitySaved', ['ENTITY' => $this, 'VALUES' => []]))->send();
                foreach ($this->getPaymentCollection() as $payment) {
                    $saved = $payment->save();
                    $result->addErrors($saved->getErrors());
                }
                if ($this->paidOrUnpaid) {
                    $this->paidOrUnpaid = false;
                    Book::add('announced', ['ORDER_ID' => $this->getId()]); // letters, receipts, goods off the shelf
                    (new Event('sale', 'OnSaleOrderPaid', ['ENTITY' => $this]))->send();
                }
                (new Event('sale', 'OnSaleOrderSaved', ['ENTITY' => $this, 'IS_NEW' => false]))->send();
                return $result;
            } finally {
                $this->saving = false;
            }
        }

        /** A payment of it has become paid or unpaid. */
        public function onPaymentPaid(): Result
        {
            if ($this->isCanceled()) {
                return (new Result())->addError(new ResultError('SALE_ORDER_PAID_ORDER_CANCELED'));
            }
            $this->settle();
            return new Result();
        }

        /** PAYED and SUM_PAID follow the payments; the shop's setting says what status a paid order has. */
        private function settle(): void
        {
            $sum = $this->getPaymentCollection()->getPaidSum();
            $payed = $sum > 0 && PriceMaths::roundPrecision($sum) >= PriceMaths::roundPrecision($this->getPrice()) ? 'Y' : 'N';
            $was = $this->getField('PAYED');
            if ($sum !== $this->getSumPaid()) {
                $this->setFieldNoDemand('SUM_PAID', $sum);
            }
            if ($was === $payed) {
                return;
            }
            $this->paidOrUnpaid = true;
            $this->setFieldNoDemand('PAYED', $payed);
            $status = \Bitrix\Main\Config\Option::get('sale', 'status_on_paid', '');
            if ($payed === 'Y' && $status !== '') {
                $this->setField('STATUS_ID', $status);
            }
        }
    }

    class OrderHistory
    {
        public static function addAction($entity, $orderId, $type, $id = null, $object = null, array $data = [], $level = null)
        {
            Book::add('history', ['ENTITY' => $entity, 'ORDER_ID' => $orderId, 'TYPE' => $type, 'ENTITY_ID' => $id, 'DATA' => $data]);
        }

        public static function addLog($entity, $orderId, $type, $id = null, $object = null, array $data = [], $level = null)
        {
            self::addAction($entity, $orderId, $type, $id, $object, $data);
        }
    }

    class EntityMarker
    {
        public static function addMarker($order, $entity, Result $result)
        {
            foreach ($result->getWarnings() as $warning) {
                Book::add('markers', ['ORDER_ID' => $order->getId(), 'ENTITY_ID' => $entity->getId(), 'MESSAGE' => $warning->getMessage()]);
            }
            $order->setField('MARKED', 'Y');
        }
    }

    class OrderStatus
    {
        /** Ids of the statuses in which a user may do something with an order. */
        public static function getStatusesUserCanDoOperations($userId, array $operations)
        {
            return $GLOBALS['USER']->right('sale') >= 'U' ? array_keys(Book::rows('statuses')) : [];
        }
    }

    class Registry
    {
        public const REGISTRY_TYPE_ORDER = 'ORDER';

        public static function getInstance($type)
        {
            return new self();
        }

        public function getOrderClassName()
        {
            return Order::class;
        }

        public function getPaymentClassName()
        {
            return Payment::class;
        }

        public function getEntityMarkerClassName()
        {
            return EntityMarker::class;
        }
    }
}
