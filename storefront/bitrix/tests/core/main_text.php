<?php

// Bitrix\Main: languages, charsets, dates, rows.

namespace Bitrix\Main\Text {

    class Encoding
    {
        /** Arrays are converted within; what is no text stays. */
        public static function convertEncoding($data, $from, $to, &$errorMessage = '')
        {
            if (strcasecmp($from, $to) === 0 || !is_string($data) && !is_array($data)) {
                return $data;
            }
            if (is_string($data)) {
                return mb_convert_encoding($data, $to, $from);
            }
            foreach ($data as $key => $value) {
                $data[$key] = self::convertEncoding($value, $from, $to);
            }
            return $data;
        }

        public static function detectUtf8($string, $replaceHex = true)
        {
            return preg_match('/[\x80-\xff]/', $string) === 1 && mb_check_encoding($string, 'UTF-8');
        }
    }

    class HtmlFilter
    {
        public static function encode($string, $flags = ENT_COMPAT, $doubleEncode = true)
        {
            return htmlspecialcharsbx($string);
        }
    }
}

namespace Bitrix\Main\Localization {

    /** Finds lang/<language>/<path> in the folder of a file or above it. A language other than ru, en and de is laid over the default. */
    class Loc
    {
        private static $files = [];
        private static $messages = [];

        public static function loadMessages($file)
        {
            self::$files[str_replace('\\', '/', $file)] = true;
        }

        public static function loadLanguageFile($file, $language = null, $normalize = true)
        {
            self::loadMessages($file);
            return self::read(str_replace('\\', '/', $file), $language ?? LANGUAGE_ID);
        }

        public static function getMessage($code, $replace = null, $language = null)
        {
            $language = $language ?? LANGUAGE_ID;
            foreach (array_keys(self::$files) as $file) {
                self::$messages[$language] = self::read($file, $language) + (self::$messages[$language] ?? []);
            }
            $text = self::$messages[$language][$code] ?? null;
            return $text === null || !$replace ? $text : strtr($text, $replace);
        }

        public static function getCurrentLang()
        {
            return LANGUAGE_ID;
        }

        private static function read(string $file, string $language): array
        {
            static $known = [];
            if (isset($known[$language][$file])) {
                return $known[$language][$file];
            }
            $MESS = [];
            $default = ['ua' => 'ru', 'by' => 'ru', 'kz' => 'ru'][$language] ?? 'en';
            $wanted = in_array($language, ['ru', 'en', 'de'], true) ? [$language] : [$default, $language];
            for ($folder = dirname($file); $folder !== '/' && $folder !== '.'; $folder = dirname($folder)) {
                if (!is_dir("$folder/lang")) {
                    continue;
                }
                foreach ($wanted as $one) {
                    $path = "$folder/lang/$one" . substr($file, strlen($folder));
                    if (is_file($path)) {
                        include $path;
                    }
                }
                break;
            }
            return $known[$language][$file] = $MESS;
        }
    }
}

namespace Bitrix\Main\Type {

    class ParameterDictionary extends \ArrayObject
    {
        public function get($name)
        {
            return $this[$name] ?? null;
        }

        public function toArray()
        {
            return $this->getArrayCopy();
        }
    }

    class Date
    {
        protected $value;

        public function __construct($date = null, $format = null)
        {
            $this->value = $date === null ? new \DateTime() : \DateTime::createFromFormat($format ?? 'd.m.Y H:i:s', $date);
            if (!$this->value) {
                throw new \Bitrix\Main\ObjectNotFoundException("Incorrect date: $date");
            }
        }

        public static function createFromTimestamp($timestamp)
        {
            $date = new static();
            $date->value->setTimestamp($timestamp);
            return $date;
        }

        public function getTimestamp()
        {
            return $this->value->getTimestamp();
        }

        public function format($format)
        {
            return $this->value->format($format);
        }

        public function add($interval)
        {
            $this->value->modify($interval[0] === '-' || $interval[0] === '+' ? $interval : "+$interval");
            return $this;
        }

        public function toString()
        {
            return $this->value->format('d.m.Y H:i:s');
        }

        public function __toString()
        {
            return $this->toString();
        }
    }

    class DateTime extends Date
    {
    }
}
