<?php

namespace Rig;

/**
 * A Bitrix site on this machine: a document root with the product in one of its two forms, the web server before it, the database, and
 * the pay systems, each with a Kassa shop of its own, set up by the operator's command.
 */
final class Shop
{
    private const PRODUCT = __DIR__ . '/../../kassa.checkout';

    /** @var string */
    public $root;

    /** @var string name, which begins the names of its Kassa shops */
    public $name;

    /** @var string folder or module */
    public $form;

    /** @var string[] bases of the sites by their ids, such as s1 => http://127.0.0.1:4711 */
    public $urls = [];

    /** @var array by pay system: shop, api_key, webhook_secret, bank, currency, site */
    public $systems = [];

    private $servers = [];

    public function __construct(string $name, string $form, string $charset, array $sites = ['s1'])
    {
        [$this->name, $this->form] = [$name, $form];
        $this->root = getenv('KASSA_DATA') . "/bitrix-$name";
        mkdir("$this->root/www", 0700, true);
        self::copy(__DIR__ . '/../core/site', "$this->root/www");
        foreach ($sites as $site) {
            $this->urls[$site] = 'http://127.0.0.1:' . self::freePort();
        }
        $this->inBook(function () use ($charset): void {
            foreach ($this->urls as $site => $url) {
                $host = substr($url, strlen('http://'));
                Book::put('sites', $site, ['LID' => $site, 'LANGUAGE_ID' => $site === 's2' ? 'en' : 'ru', 'CHARSET' => $charset, 'ACTIVE' => 'Y',
                    'NAME' => $site, 'SERVER_NAME' => $host, 'DOMAINS' => [$host], 'DEF' => $site === 's1' ? 'Y' : 'N', 'SORT' => 1]);
            }
            foreach (['N', 'P', 'F', 'X'] as $status) {
                Book::put('statuses', $status, ['STATUS_ID' => $status, 'NAME' => $status]);
            }
            Book::put('sessions', 'boss', ['USER_ID' => 1, 'ADMIN' => true, 'RIGHTS' => []]);
            Book::put('sessions', 'clerk', ['USER_ID' => 2, 'ADMIN' => false, 'RIGHTS' => ['sale' => 'U']]);
            Book::put('sessions', 'elsewhere', ['USER_ID' => 4, 'ADMIN' => false, 'RIGHTS' => ['sale' => 'U'], 'SITES' => ['s2']]);
            Book::put('sessions', 'viewer', ['USER_ID' => 3, 'ADMIN' => false, 'RIGHTS' => ['sale' => 'D']]);
        });
        foreach ($this->urls as $url) {
            $this->serve(substr($url, strlen('http://')));
        }
        $this->installProduct($charset);
    }

    /** As docs/bitrix.md tells: the folder is copied, or the module is copied and installed in the admin section. */
    private function installProduct(string $charset): void
    {
        if ($this->form === 'folder') {
            $folder = '/local/php_interface/include/sale_payment/kassa';
            self::copy(self::PRODUCT . '/handler/kassa', "$this->root/www$folder");
            $line = "<?php\n\nrequire_once \$_SERVER['DOCUMENT_ROOT'] . '$folder/init.php';\n";
            file_put_contents("$this->root/www/local/php_interface/init.php", $line);
            return;
        }
        self::copy(self::PRODUCT, "$this->root/www/bitrix/modules/kassa.checkout");
        $this->install();
    }

    public function install(): string
    {
        return $this->admin('/bitrix/admin/partner_modules.php', 'boss', ['id' => 'kassa.checkout', 'install' => 'Y'])[1];
    }

    public function uninstall(): string
    {
        return $this->admin('/bitrix/admin/partner_modules.php', 'boss', ['id' => 'kassa.checkout', 'uninstall' => 'Y'])[1];
    }

    /** Address that the Kassa shop's settings name. */
    public function notifyUrl(string $site = 's1'): string
    {
        $path = $this->form === 'module' ? '/bitrix/tools/kassa.checkout' : '/local/php_interface/include/sale_payment/kassa';
        return $this->urls[$site] . "$path/notify.php";
    }

    /** A pay system with a new Kassa shop, filled in as the pay system's form. @return int its id */
    public function sell(string $bank, string $site = 's1', array $more = []): int
    {
        $currency = $bank === 'kapital' ? 'AZN' : 'BYN';
        $id = $this->inBook(function () use ($bank, $site): int {
            return Book::add('pay_systems', ['NAME' => "Kassa $bank", 'PSA_NAME' => "Kassa $bank", 'ACTION_FILE' => 'kassa', 'PS_MODE' => $bank,
                'ACTIVE' => 'Y', 'SORT' => 1, 'ENTITY_REGISTRY_TYPE' => 'ORDER', 'CAN_PRINT_CHECK' => 'N', 'IS_CASH' => 'N', 'CODE' => null]);
        });
        $shop = "$this->name-$id";
        $terms = $bank === 'kartapokupok' ? ['--terms', '3,6,12'] : [];
        $folder = "$this->root/$shop";
        $webhook = ['--webhook-url', $this->notifyUrl($site), '--webhook-acknowledge'];
        Stack::kassa('shop', 'init', $folder, '--bank', $bank, '--origin', $this->urls[$site], ...$webhook, ...$terms);
        $told = Stack::kassa('shop', 'put', $folder);
        preg_match('/KASSA_API_KEY=(\S+)/', $told, $key);
        preg_match('/KASSA_WEBHOOK_SECRET=(\S+)/', $told, $secret);
        $this->systems[$id] = ['shop' => $shop, 'api_key' => $key[1], 'webhook_secret' => $secret[1],
            'bank' => $bank, 'currency' => $currency, 'site' => $site];
        $this->set($id, $more + ['KASSA_API_URL' => Stack::info()['api_url'], 'KASSA_API_KEY' => $key[1], 'KASSA_WEBHOOK_SECRET' => $secret[1]]);
        return $id;
    }

    /** Fills fields of a pay system's form in. */
    public function set(int $system, array $values): void
    {
        $this->inBook(static function () use ($system, $values): void {
            foreach ($values as $code => $value) {
                Book::put('bizval', "PAYSYSTEM_$system|$code|", ['PROVIDER_KEY' => 'VALUE', 'PROVIDER_VALUE' => $value]);
            }
        });
    }

    /** Runs something with this shop's database. */
    public function inBook(callable $run)
    {
        putenv("KASSA_RIG_BOOK=$this->root/book");
        return $run();
    }

    public function row(string $table, $id): ?array
    {
        return $this->inBook(static function () use ($table, $id) {
            return Book::row($table, $id);
        });
    }

    public function rows(string $table): array
    {
        return $this->inBook(static function () use ($table) {
            return Book::rows($table);
        });
    }

    public function put(string $table, $id, array $fields): void
    {
        $this->inBook(static function () use ($table, $id, $fields): void {
            Book::put($table, $id, $fields);
        });
    }

    /** Another module of the shop that lets no order be saved. */
    public function stubborn(bool $is): void
    {
        if ($is) {
            $this->plug('OnSaleOrderBeforeSaved', 'Stubborn', 'refuse');
            return;
        }
        $this->inBook(static function (): void {
            Book::delete('module_to_module', static function (array $row): bool {
                return $row['ID'] === 'Stubborn';
            });
        });
    }

    /** Another module of the shop stops the next hit that comes by this event, until a call that it makes is answered. */
    public function pause(string $event, Gate $until): void
    {
        $this->put('pauses', 1, ['URL' => $until->url]);
        $this->plug($event, 'Pause', 'first');
    }

    private function plug(string $event, string $class, string $method): void
    {
        $this->put('modules', 'rig.other', []);
        $this->put('module_to_module', $class, ['VERSION' => 2, 'FROM' => 'sale', 'TYPE' => $event, 'TO' => 'rig.other',
            'CLASS' => "\\Rig\\$class", 'METHOD' => $method]);
    }

    /** An order with one payment of its whole price, two kilograms and a half among its goods. @return int the payment's id */
    public function order(int $system, float $price = 150.0, array $fields = []): int
    {
        $s = $this->systems[$system];
        $delivery = 5.0;
        $rest = (string) ($price - 20.0 - $delivery);
        $basket = [
            ['ID' => 1, 'PRODUCT_ID' => 77, 'NAME' => $this->text('Чашка'), 'QUANTITY' => '1.0000', 'PRICE' => $rest],
            ['ID' => 2, 'PRODUCT_ID' => 78, 'NAME' => $this->text('Чай'), 'QUANTITY' => '2.5000', 'PRICE' => '8.0000'],
        ];
        $property = static function (string $code, string $value, array $flags): array {
            return ['CODE' => $code, 'NAME' => $code, 'VALUE' => $value] + $flags;
        };
        $order = $this->inBook(static function () use ($s, $price, $fields): int {
            return Book::add('orders', $fields + ['LID' => $s['site'], 'PRICE' => $price, 'CURRENCY' => $s['currency'], 'PAYED' => 'N', 'SUM_PAID' => 0.0,
                'CANCELED' => 'N', 'STATUS_ID' => 'N', 'MARKED' => 'N', 'PERSON_TYPE_ID' => 1, 'USER_ID' => 9, 'COMMENTS' => '']);
        });
        $this->put('orders', $order, $fields + ['ACCOUNT_NUMBER' => (string) $order, 'PRICE_DELIVERY' => $delivery, 'BASKET' => $basket,
            'SHIPMENTS' => [
                ['ID' => 1, 'SYSTEM' => 'Y', 'PRICE_DELIVERY' => '0.0000', 'DELIVERY_NAME' => ''],
                ['ID' => 2, 'SYSTEM' => 'N', 'PRICE_DELIVERY' => '5.0000', 'DELIVERY_NAME' => $this->text('Курьер')],
            ],
            'PROPERTIES' => [
                $property('FIO', $this->text('Коваленко Ганна'), ['IS_PAYER' => 'Y']),
                $property('EMAIL', 'hanna@mail.example', ['IS_EMAIL' => 'Y']),
                $property('PHONE', '8 029 123-45-67', ['IS_PHONE' => 'Y']),
            ]]);
        return $this->inBook(static function () use ($order, $system, $s, $price): int {
            $id = Book::add('payments', ['ORDER_ID' => $order, 'ACCOUNT_NUMBER' => "$order/1", 'PAY_SYSTEM_ID' => $system, 'PAY_SYSTEM_NAME' => 'Kassa',
                'SUM' => (string) number_format($price, 4, '.', ''), 'CURRENCY' => $s['currency'], 'PAID' => 'N', 'IS_RETURN' => 'N', 'MARKED' => 'N',
                'PS_STATUS' => null, 'PS_STATUS_CODE' => null, 'PS_STATUS_DESCRIPTION' => null, 'PS_STATUS_MESSAGE' => null, 'PS_INVOICE_ID' => null,
                'PS_SUM' => null, 'PS_CURRENCY' => null, 'PS_RESPONSE_DATE' => null]);
            return $id;
        });
    }

    /** Splits a payment in two of half its sum, which the buyer makes one after the other. @return int the second one's id */
    public function split(int $payment): int
    {
        $row = $this->payment($payment);
        $half = ['SUM' => number_format($row['SUM'] / 2, 4, '.', '')];
        $this->put('payments', $payment, $half);
        return $this->inBook(static function () use ($row, $half): int {
            unset($row['ID']);
            return Book::add('payments', $half + ['ACCOUNT_NUMBER' => "$row[ORDER_ID]/2"] + $row);
        });
    }

    /** A text in the charset of this installation. */
    public function text(string $utf8): string
    {
        return mb_convert_encoding($utf8, $this->rows('sites')['s1']['CHARSET'], 'UTF-8');
    }

    public function payment(int $id): array
    {
        return $this->row('payments', $id);
    }

    public function orderOf(int $payment): array
    {
        return $this->row('orders', $this->payment($payment)['ORDER_ID']);
    }

    /** The buyer opens the payment page. @return array [status, page, headers] */
    public function visit(int $payment, string $mode = 'STREAM', string $session = ''): array
    {
        $row = $this->payment($payment);
        $query = http_build_query(['ORDER_ID' => $row['ORDER_ID'], 'PAYMENT_ID' => $payment, 'MODE' => $mode]);
        $url = $this->urls[$this->orderOf($payment)['LID']] . "/personal/order/payment/?$query";
        return Http::send('GET', $url, ['Cookie: PHPSESSID=' . ($session ?: "buyer$payment")]);
    }

    /** Something in the admin section, by somebody who is logged in. A body makes it a POST that carries the session's own sign. */
    public function admin(string $path, string $session, ?array $post = null, ?string $sign = null): array
    {
        $headers = ["Cookie: PHPSESSID=$session"];
        $body = $post === null ? null : http_build_query($post + ['sessid' => $sign ?? md5("sessid $session")]);
        return Http::send($body === null ? 'GET' : 'POST', reset($this->urls) . $path, $headers, $body);
    }

    /** Staff press something in the order form. @return array ok and errors */
    public function press(int $payment, string $action, array $more = [], string $session = 'clerk'): array
    {
        $post = $more + ['ID' => $this->payment($payment)['ORDER_ID'], 'PAYMENT_ID' => $payment, 'action' => $action];
        [, $text] = $this->admin('/bitrix/admin/sale_order_view.php', $session, $post);
        $said = json_decode($text, true);
        if ($said === null) {
            throw new \RuntimeException("$action: $text " . implode("\n", $this->complaints()));
        }
        return $said;
    }

    /** Staff press something, and do not wait. @return resource for Http::end() */
    public function begin(int $payment, string $action, array $more = [])
    {
        $post = $more + ['ID' => $this->payment($payment)['ORDER_ID'], 'PAYMENT_ID' => $payment, 'action' => $action, 'sessid' => md5('sessid clerk')];
        $form = ['Cookie: PHPSESSID=clerk', 'Content-Type: application/x-www-form-urlencoded'];
        return Http::begin('POST', reset($this->urls) . '/bitrix/admin/sale_order_view.php', $form, http_build_query($post));
    }

    public function runAgents(): void
    {
        Http::send('GET', reset($this->urls) . '/cron_events.php');
    }

    /** Kassa's payment, as Kassa tells it to this shop. */
    public function atKassa(int $payment): array
    {
        $row = $this->payment($payment);
        return Stack::api($this->systems[$row['PAY_SYSTEM_ID']]['api_key'], 'GET', "/v1/payments/$row[PS_INVOICE_ID]")[1];
    }

    /** What PHP complained about on any page of this shop so far. */
    public function complaints(): array
    {
        return array_column($this->rows('complaints'), 'TEXT');
    }

    private function serve(string $host): void
    {
        $environment = ['KASSA_RIG_BOOK' => "$this->root/book", 'KASSA_RIG_CORE' => realpath(__DIR__ . '/../core'), 'PHP_CLI_SERVER_WORKERS' => '3'] + getenv();
        $command = [PHP_BINARY, '-d', 'zend.assertions=1', '-d', 'opcache.enable_cli=0', '-S', $host, '-t', "$this->root/www"];
        $log = ['file', "$this->root/server.log", 'a'];
        $this->servers[$host] = proc_open($command, [0 => ['file', '/dev/null', 'r'], 1 => $log, 2 => $log], $pipes, null, $environment);
        Stack::await("$host listens", static function () use ($host) {
            set_error_handler(static function () {
                return true;
            });
            $socket = stream_socket_client("tcp://$host", $errno, $message, 1);
            restore_error_handler();
            return $socket !== false;
        });
    }

    /** The web server is there again after stop. */
    public function start(): void
    {
        foreach ($this->urls as $url) {
            $this->serve(substr($url, strlen('http://')));
        }
    }

    public function stop(): void
    {
        foreach ($this->servers as $server) {
            $status = proc_get_status($server);
            if ($status['running']) {
                $children = glob("/proc/$status[pid]/task/$status[pid]/children");
                foreach ($children ? array_filter(explode(' ', (string) file_get_contents($children[0]))) : [] as $worker) {
                    posix_kill((int) $worker, SIGKILL);
                }
                proc_terminate($server, SIGKILL);
            }
            proc_close($server);
        }
        $this->servers = [];
    }

    public static function copy(string $from, string $to): void
    {
        if (!is_dir($from)) {
            throw new \RuntimeException("there is no folder $from");
        }
        if (!is_dir($to)) {
            mkdir($to, 0700, true);
        }
        foreach (array_diff(scandir($from), ['.', '..']) as $name) {
            is_dir("$from/$name") ? self::copy("$from/$name", "$to/$name") : copy("$from/$name", "$to/$name");
        }
    }

    private static function freePort(): int
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $name = stream_socket_get_name($socket, false);
        fclose($socket);
        return (int) substr($name, strrpos($name, ':') + 1);
    }
}
