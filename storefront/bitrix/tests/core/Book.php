<?php

namespace Rig;

/**
 * The shop's database, one file for all processes of the shop: the web server, the tests, agents. Tables are arrays of rows by id. Strings
 * are kept byte for byte, since a windows-1251 site stores 1251. Each change is atomic.
 */
final class Book
{
    public static function path(): string
    {
        $path = getenv('KASSA_RIG_BOOK');
        if (!$path) {
            throw new \LogicException('KASSA_RIG_BOOK names no file');
        }
        return $path;
    }

    /** @return mixed what $change returns; it gets all tables by reference */
    public static function change(callable $change)
    {
        $lock = fopen(self::path() . '.lock', 'c');
        flock($lock, LOCK_EX);
        $before = is_file(self::path()) ? file_get_contents(self::path()) : '';
        $all = $before === '' ? [] : unserialize($before);
        try {
            $result = $change($all);
            $text = serialize($all);
            if ($text !== $before) { // whoever is killed while he writes leaves the old one
                file_put_contents(self::path() . '.new', $text);
                rename(self::path() . '.new', self::path());
            }
            return $result;
        } finally {
            fclose($lock);
        }
    }

    public static function rows(string $table): array
    {
        return self::change(static function (array &$all) use ($table) {
            return $all[$table] ?? [];
        });
    }

    public static function row(string $table, $id): ?array
    {
        return self::rows($table)[$id] ?? null;
    }

    /** Lays fields over a row, or makes it. */
    public static function put(string $table, $id, array $fields): void
    {
        self::change(static function (array &$all) use ($table, $id, $fields): void {
            $all[$table][$id] = $fields + ($all[$table][$id] ?? ['ID' => $id]);
        });
    }

    /** @return int the new row's id, counted on for ever */
    public static function add(string $table, array $fields): int
    {
        return self::change(static function (array &$all) use ($table, $fields) {
            $id = $all['counters'][$table] = ($all['counters'][$table] ?? 0) + 1;
            $all[$table][$id] = $fields + ['ID' => $id];
            return $id;
        });
    }

    /** @return int how many rows went */
    public static function delete(string $table, callable $which): int
    {
        return self::change(static function (array &$all) use ($table, $which) {
            $before = count($all[$table] ?? []);
            $all[$table] = array_filter($all[$table] ?? [], static function ($row) use ($which) {
                return !$which($row);
            });
            return $before - count($all[$table]);
        });
    }
}
