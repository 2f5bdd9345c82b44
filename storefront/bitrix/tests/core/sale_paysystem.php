<?php

// Bitrix\Sale\PaySystem around the handler: where it is found, what it inherits, what its result holds.

namespace Bitrix\Sale\PaySystem {

    use Bitrix\Main\Application;
    use Bitrix\Main\Config\Option;
    use Bitrix\Main\Request;
    use Bitrix\Sale\BusinessValue;
    use Bitrix\Sale\Payment;
    use Rig\Book;
    use Rig\Rows;

    interface IRefund
    {
        public function refund(Payment $payment, $refundableSum);
    }

    interface ICheckable
    {
        public function check(Payment $payment);
    }

    class Error extends \Bitrix\Main\Error
    {
        private $forBuyer = false;

        public static function create($message, $code = 0)
        {
            return new self($message, $code);
        }

        public static function createForBuyer($message, $code = 0)
        {
            $error = new self($message, $code);
            $error->forBuyer = true;
            return $error;
        }

        public function isVisibleForBuyer()
        {
            return $this->forBuyer;
        }
    }

    class Logger
    {
        public const LOG_LEVEL_DEBUG = 0;

        public static function addError($message)
        {
            Book::add('err_log', ['MESSAGE' => $message]);
        }

        public static function addDebugInfo($message)
        {
            if ((int) Option::get('sale', 'pay_system_log_level', '1') === self::LOG_LEVEL_DEBUG) {
                self::addError($message);
            }
        }
    }

    class Context
    {
        private $url = '';

        /** The page that is being rendered, as the core has it: its host without its port. */
        public function getUrl()
        {
            $request = Application::getInstance()->getContext()->getRequest();
            $page = ($request->isHttps() ? 'https://' : 'http://') . $request->getHttpHost() . $request->getRequestUri();
            return $this->url ?: $page;
        }

        public function setUrl($url)
        {
            $this->url = $url;
            return $this;
        }
    }

    final class Manager
    {
        public static function getHandlerDirectories()
        {
            return [
                'CUSTOM' => Option::get('sale', 'path2user_ps_files', '/bitrix/php_interface/include/sale_payment/'),
                'LOCAL' => '/local/php_interface/include/sale_payment/',
                'SYSTEM' => '/bitrix/modules/sale/handlers/paysystem/',
                'SYSTEM_OLD' => '/bitrix/modules/sale/payment/',
            ];
        }

        public static function getList(array $parameters = [])
        {
            return new Rows(Book::rows('pay_systems'), $parameters);
        }

        public static function getById($id)
        {
            return (int) $id > 0 ? self::getList(['filter' => ['ID' => (int) $id]])->fetch() : false;
        }

        public static function getObjectById($id)
        {
            $row = self::getById($id);
            return $row ? new Service($row) : null;
        }

        public static function getInnerPaySystemId()
        {
            return 0;
        }

        /** @return array class and kind of place; the first place that has the handler wins */
        public static function includeHandler($name)
        {
            $class = 'Sale\\Handlers\\PaySystem\\' . $name . 'Handler';
            foreach (self::getHandlerDirectories() as $type => $folder) {
                $file = Application::getDocumentRoot() . $folder . $name . '/handler.php';
                if (is_file($file)) {
                    require_once $file;
                    return [$class, $type];
                }
            }
            throw new \Bitrix\Main\SystemException("no handler $name");
        }

        public static function searchByRequest(Request $request)
        {
            foreach (self::getList(['filter' => ['ACTIVE' => 'Y']]) as $row) {
                [$class] = self::includeHandler($row['ACTION_FILE']);
                if ($class::isMyResponse($request, $row['ID'])) {
                    return $row;
                }
            }
            return false;
        }

        public static function getIdsByPayment($paymentId, $registryType = 'ORDER')
        {
            $column = (int) $paymentId . '|' === "$paymentId|" ? 'ID' : 'ACCOUNT_NUMBER';
            $row = Payment::getList(['select' => ['ID', 'ORDER_ID'], 'filter' => [$column => $paymentId]])->fetch();
            return $row ? [(int) $row['ORDER_ID'], (int) $row['ID']] : [0, 0];
        }
    }

    abstract class BaseServiceHandler
    {
        public const STREAM = 1;
        public const STRING = 2;

        protected $handlerType = '';
        protected $service;
        protected $extraParams = [];
        protected $initiateMode = self::STREAM;

        public function __construct($type, Service $service)
        {
            $this->handlerType = $type;
            $this->service = $service;
        }

        // The core writes `Request $request = null`; what a handler may declare under it is the same.
        abstract public function initiatePay(Payment $payment, ?Request $request = null);

        abstract public function getCurrencyList();

        public static function getHandlerModeList()
        {
            return [];
        }

        public function getClientType($psMode)
        {
            return 'b2c';
        }

        public function setInitiateMode($mode)
        {
            $this->initiateMode = $mode;
        }

        public function getHandlerType()
        {
            return $this->handlerType;
        }

        public function setExtraParams(array $values)
        {
            $this->extraParams = $values;
        }

        protected function getExtraParams()
        {
            return $this->extraParams;
        }

        public function isTuned()
        {
            return true;
        }

        public function getDemoParams()
        {
            return [];
        }

        protected function isTestMode(?Payment $payment = null)
        {
            return false;
        }

        protected function getUrlList()
        {
            return [];
        }

        public function creditNoDemand(Payment $payment)
        {
            return new ServiceResult();
        }

        public function getDescription()
        {
            $mode = $this->service->getField('PS_MODE');
            $data = $this->includeDescription();
            $data['CODES'] = array_filter($data['CODES'] ?? [], static function (array $code) use ($mode) {
                return !isset($code['HANDLER_MODE']) || in_array($mode, $code['HANDLER_MODE'], true);
            });
            return $data;
        }

        private function includeDescription(): array
        {
            $data = null;
            $folder = Application::getDocumentRoot() . Manager::getHandlerDirectories()[$this->handlerType] . static::getName();
            if (is_file("$folder/.description.php")) {
                require "$folder/.description.php";
            }
            return is_array($data) ? $data : [];
        }

        protected static function getName()
        {
            $parts = explode('\\', static::class);
            return strtolower(str_replace('Handler', '', end($parts)));
        }

        protected function getBusinessValue(?Payment $payment, $code)
        {
            $value = BusinessValue::get($code, $this->service->getConsumerName(), $payment);
            return is_string($value) ? trim($value) : $value;
        }

        /** As cores of 2021 do: the first handler of a hit decides which codes there are. */
        public function getParamsBusValue(?Payment $payment = null)
        {
            static $codes;
            $codes = $codes ?? array_keys($this->includeDescription()['CODES'] ?? []);
            $params = [];
            foreach ($codes as $code) {
                $params[$code] = $this->getBusinessValue($payment, $code);
            }
            return $params;
        }

        public function showTemplate(?Payment $payment, $template = '')
        {
            global $APPLICATION, $USER, $DB;
            $result = new ServiceResult();
            $path = $this->searchTemplate($template);
            if ($path === '') {
                return $result->addError(new \Bitrix\Main\Error('SALE_PS_BASE_SERVICE_TEMPLATE_ERROR'));
            }
            $params = array_merge($this->getParamsBusValue($payment), $this->getExtraParams());
            if ($this->initiateMode === self::STREAM) {
                require $path;
                return $result;
            }
            ob_start();
            $content = require $path;
            $buffer = ob_get_clean();
            $result->setTemplate($buffer !== '' ? $buffer : $content);
            return $result;
        }

        private function searchTemplate(string $template): string
        {
            $root = Application::getDocumentRoot();
            $name = static::getName();
            $own = Manager::getHandlerDirectories()[$this->handlerType] . "$name/template";
            $site = SITE_TEMPLATE_ID;
            foreach (["/local/templates/$site/payment/$name/template", "/local/templates/.default/payment/$name/template", $own] as $folder) {
                if (is_file("$root$folder/$template.php")) {
                    return "$root$folder/$template.php";
                }
            }
            return '';
        }
    }
}

namespace Bitrix\Sale {

    use Rig\Book;

    /** Settings of a pay system, by kind of person. What is not set has the DEFAULT of the handler's description; an empty one is null. */
    final class BusinessValue
    {
        public static function get($code, $consumer = null, $person = null, $instance = null)
        {
            $provider = $person instanceof IBusinessValueProvider ? $person : null;
            $type = $provider ? $provider->getPersonTypeId() : $person;
            $mapping = Book::row('bizval', "$consumer|" . strtoupper($code) . "|$type")
                ?? Book::row('bizval', "$consumer|" . strtoupper($code) . '|')
                ?? self::ofDescription($code, (string) $consumer);
            if (!$mapping || !$mapping['PROVIDER_VALUE']) {
                return null;
            }
            switch ($mapping['PROVIDER_KEY']) {
                case 'VALUE':
                case 'INPUT':
                    return $mapping['PROVIDER_VALUE'];
                case 'PAYMENT':
                    return $provider->getField($mapping['PROVIDER_VALUE']);
                case 'ORDER':
                    return $provider->getOrder()->getField($mapping['PROVIDER_VALUE']);
            }
            throw new \Bitrix\Main\SystemException("provider $mapping[PROVIDER_KEY] is not in the rig");
        }

        public static function setMapping($code, $consumer, $person, array $mapping, $withCommon = false)
        {
            $key = "$consumer|" . strtoupper($code) . "|$person";
            $mapping ? Book::put('bizval', $key, $mapping) : Book::delete('bizval', static function (array $row) use ($key) {
                return $row['ID'] === $key;
            });
            return new Result();
        }

        private static function ofDescription(string $code, string $consumer): ?array
        {
            $service = PaySystem\Manager::getObjectById((int) substr($consumer, strlen('PAYSYSTEM_')));
            return $service ? $service->getHandlerDescription()['CODES'][$code]['DEFAULT'] ?? null : null;
        }
    }
}
