<?php

namespace Rig;

/**
 * A result of getList: filter, order, limit and select over rows of the book. A filter's prefixes are those of the core's ORM that are
 * written here; another one fails, and so does a column that no row has.
 */
final class Rows implements \IteratorAggregate
{
    private $rows;

    public function __construct(array $rows, array $parameters = [])
    {
        $unknown = array_diff(array_keys($parameters), ['filter', 'select', 'order', 'limit', 'offset', 'cache', 'runtime']);
        if ($unknown) {
            throw new \Bitrix\Main\ArgumentException('getList knows no ' . implode(', ', $unknown));
        }
        foreach ($parameters['filter'] ?? [] as $key => $wanted) {
            $rows = array_filter($rows, static function (array $row) use ($key, $wanted) {
                return self::fits($row, $key, $wanted);
            });
        }
        foreach (array_reverse($parameters['order'] ?? []) as $column => $way) {
            uasort($rows, static function (array $a, array $b) use ($column, $way) {
                return ($a[$column] <=> $b[$column]) * (strtoupper($way) === 'DESC' ? -1 : 1);
            });
        }
        $rows = array_slice(array_values($rows), (int) ($parameters['offset'] ?? 0), $parameters['limit'] ?? null);
        $select = array_diff($parameters['select'] ?? [], ['*']);
        $this->rows = $select === [] ? $rows : array_map(static function (array $row) use ($select) {
            $out = [];
            foreach ($select as $alias => $column) {
                $out[is_string($alias) ? $alias : $column] = self::column($row, $column);
            }
            return $out;
        }, $rows);
    }

    public function fetch()
    {
        return array_shift($this->rows) ?? false;
    }

    public function fetchAll()
    {
        return array_splice($this->rows, 0);
    }

    public function getIterator(): \Traversable
    {
        return new \ArrayIterator($this->fetchAll());
    }

    private static function fits(array $row, string $key, $wanted): bool
    {
        preg_match('/^(!=|!@|!|>=|<=|>|<|=|@|)(\w[\w.]*)$/', $key, $m);
        $value = self::column($row, $m[2]);
        $value = $value instanceof \Bitrix\Main\Type\Date ? $value->getTimestamp() : $value;
        $one = static function ($wanted) {
            return $wanted instanceof \Bitrix\Main\Type\Date ? $wanted->getTimestamp() : $wanted;
        };
        $in = in_array((string) $value, array_map('strval', array_map($one, is_array($wanted) ? $wanted : [$wanted])), true);
        $wanted = is_array($wanted) ? null : $one($wanted);
        if ($value === null && $m[1] !== '' && strpbrk($m[1], '<>')) {
            return false; // as SQL has it
        }
        switch ($m[1]) {
            case '!':
            case '!=':
            case '!@':
                return !$in;
            case '>':
                return $value > $wanted;
            case '<':
                return $value < $wanted;
            case '>=':
                return $value >= $wanted;
            case '<=':
                return $value <= $wanted;
        }
        return $in;
    }

    private static function column(array $row, string $name)
    {
        if (!array_key_exists($name, $row)) {
            throw new \Bitrix\Main\ArgumentException("Unknown field definition `$name`");
        }
        return $row[$name];
    }
}
