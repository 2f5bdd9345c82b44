<?php

// Bitrix\Sale: the goods, the deliveries and the properties of an order, which a payment handler reads.

namespace Bitrix\Sale;

class Basket extends \ArrayIterator
{
    public function __construct(array $rows)
    {
        parent::__construct(array_map(static function (array $row) {
            return new BasketItem($row);
        }, $rows));
    }

    public static function loadItemsForOrder(Order $order)
    {
        return $order->getBasket();
    }

    public function getBasketItems()
    {
        return $this->getArrayCopy();
    }

    public function getPrice()
    {
        return array_sum(array_map(static function (BasketItem $item) {
            return $item->getFinalPrice();
        }, $this->getArrayCopy()));
    }
}

class BasketItem
{
    private $fields;

    public function __construct(array $fields)
    {
        $this->fields = $fields;
    }

    public function getId()
    {
        return $this->fields['ID'];
    }

    public function getField($name)
    {
        return $this->fields[$name] ?? null;
    }

    public function getProductId()
    {
        return $this->fields['PRODUCT_ID'];
    }

    public function getQuantity()
    {
        return (float) $this->fields['QUANTITY'];
    }

    /** With its discount. */
    public function getPrice()
    {
        return (float) $this->fields['PRICE'];
    }

    public function getFinalPrice()
    {
        return PriceMaths::roundPrecision($this->getPrice() * $this->getQuantity());
    }
}

class ShipmentCollection extends \ArrayIterator
{
    public function __construct(array $rows)
    {
        parent::__construct(array_map(static function (array $row) {
            return new Shipment($row);
        }, $rows));
    }

    public function getNotSystemItems()
    {
        return array_filter($this->getArrayCopy(), static function (Shipment $shipment) {
            return !$shipment->isSystem();
        });
    }
}

class Shipment
{
    private $fields;

    public function __construct(array $fields)
    {
        $this->fields = $fields;
    }

    public function getId()
    {
        return $this->fields['ID'];
    }

    public function isSystem()
    {
        return $this->fields['SYSTEM'] === 'Y';
    }

    public function getPrice()
    {
        return (float) $this->fields['PRICE_DELIVERY'];
    }

    public function getDeliveryName()
    {
        return $this->fields['DELIVERY_NAME'];
    }

    public function getField($name)
    {
        return $this->fields[$name] ?? null;
    }
}

/** Finds properties by their flags, as the core does; null where the shop has none. */
class PropertyValueCollection extends \ArrayIterator
{
    public function __construct(array $rows)
    {
        parent::__construct(array_map(static function (array $row) {
            return new PropertyValue($row);
        }, $rows));
    }

    public function getPayerName()
    {
        return $this->flagged('IS_PAYER');
    }

    public function getUserEmail()
    {
        return $this->flagged('IS_EMAIL');
    }

    public function getPhone()
    {
        return $this->flagged('IS_PHONE');
    }

    private function flagged(string $flag)
    {
        foreach ($this->getArrayCopy() as $value) {
            if (($value->getProperty()[$flag] ?? 'N') === 'Y') {
                return $value;
            }
        }
        return null;
    }
}

class PropertyValue
{
    private $fields;

    public function __construct(array $fields)
    {
        $this->fields = $fields;
    }

    public function getValue()
    {
        return $this->fields['VALUE'];
    }

    public function getProperty()
    {
        return array_diff_key($this->fields, ['VALUE' => 1]);
    }

    public function getField($name)
    {
        return $this->fields[$name] ?? null;
    }
}
