<?php

namespace Rig;

use PHPUnit\Framework\TestCase;

/**
 * What can be seen of the product's files without running them.
 */
final class SourceTest extends TestCase
{
    private const PRODUCT = __DIR__ . '/../../kassa.checkout';

    /** Lines of code that a reader has before him: without texts, installation, settings, comments and blank lines. */
    private const BUDGET = 700;

    /** @return string[] paths of the product's files of a kind, by their place in it */
    private static function files(string $ending = 'php'): array
    {
        $files = [];
        $all = new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(self::PRODUCT, \FilesystemIterator::SKIP_DOTS));
        foreach ($all as $file) {
            if ($file->getExtension() === $ending) {
                $files[substr($file->getPathname(), strlen(self::PRODUCT) + 1)] = $file->getPathname();
            }
        }
        ksort($files);
        return $files;
    }

    private static function isText(string $place): bool
    {
        return strpos("/$place", '/lang/') !== false;
    }

    /** @return array [exit code, output] */
    private static function run(array $command): array
    {
        $process = proc_open($command, [1 => ['pipe', 'w'], 2 => ['redirect', 1]], $pipes);
        $text = stream_get_contents($pipes[1]);
        return [proc_close($process), $text];
    }

    /** Every warning and deprecation that compiling gives is an error here. */
    public function testCompilesWithoutAWord(): void
    {
        foreach (self::files() as $place => $path) {
            self::assertSame([0, ''], self::lint($path), $place);
        }
    }

    /** @return array [exit code, what PHP says] */
    private static function lint(string $path): array
    {
        $words = ['-n', '-d', 'error_reporting=-1', '-d', 'display_errors=1', '-d', 'short_open_tag=0', '-l', $path];
        [$code, $text] = self::run(array_merge([PHP_BINARY], $words));
        return [$code, trim(preg_replace('/^No syntax errors detected in .*$/m', '', $text))];
    }

    public function testTheCompilersWordsAreHeard(): void
    {
        $deprecated = self::sample('<?php function f($a = 1, $b) { return $a + $b; }');
        [, $said] = self::lint($deprecated);
        self::assertStringContainsString('Deprecated', $said);
    }

    public function testSyntaxIsThatOfPhp74(): void
    {
        self::assertSame([0, ''], self::syntax(array_values(self::files())));
    }

    /** @dataProvider laterSyntax */
    public function testLaterSyntaxIsFound(string $code): void
    {
        [$exit, $said] = self::syntax([self::sample("<?php\n\n$code\n")]);
        self::assertSame(1, $exit, $said);
        self::assertMatchesRegularExpression('/\.php:\d+: \S/', $said);
    }

    public static function laterSyntax(): array
    {
        return array_map(static function (string $code): array {
            return [$code];
        }, [
            'enum' => 'enum A { case B; }',
            'readonly property' => 'class A { public readonly int $x; }',
            'readonly class' => 'readonly class A {}',
            'named argument' => 'f(a: 1);',
            'mixed' => 'function f(mixed $x) {}',
            'mixed property' => 'class A { private mixed $x; }',
            'returns mixed' => 'function f(): mixed {}',
            'match' => '$a = match($b) { 1 => 2 };',
            'nullsafe property' => '$a?->b;',
            'nullsafe method' => '$a?->b();',
            'constructor promotion' => 'class A { public function __construct(private int $x) {} }',
            'trailing comma in parameters' => 'function f($a, $b,) {}',
            'trailing comma in parameters on lines' => "function f(\n    \$a,\n    \$b,\n) {}",
            'trailing comma in use' => '$f = function () use ($a,) {};',
            'union' => 'function f(int|string $x) {}',
            'intersection' => 'function f(A&B $x) {}',
            'static as a type' => 'class A { function f(): static {} }',
            'never' => 'function f(): never {}',
            'false' => 'function f(): false {}',
            'throw as an expression' => '$a = $b ?? throw new E();',
            'catch without a variable' => 'try { a(); } catch (E) {}',
            'class of an object' => '$a::class;',
            'first-class callable' => '$f = strlen(...);',
            'attribute' => "#[A]\nfunction f() {}",
            'new in a default' => 'function f($x = new A()) {}',
            'octal with 0o' => '$a = 0o17;',
            'final constant' => 'class A { final const B = 1; }',
            'constant with a type' => 'class A { const int B = 1; }',
            'property hook' => 'class A { public int $x { get => 1; } }',
            'pipe' => '$a |> b(...);',
            'function of PHP 8' => 'str_contains($a, $b);',
            'class of PHP 8' => 'class A implements \Stringable {}',
        ]);
    }

    public function testSyntaxOf74IsTaken(): void
    {
        $code = 'class A { private ?int $x = null; function f(?string ...$a): ?array { return [...$a, fn($x) => $x ?? 1_000]; } }';
        self::assertSame([0, ''], self::syntax([self::sample("<?php\n\n$code\n")]));
    }

    private static function syntax(array $files): array
    {
        [$code, $text] = self::run(array_merge(['node', __DIR__ . '/syntax.js'], $files));
        return [$code, trim($text)];
    }

    private static function sample(string $code): string
    {
        $path = tempnam(sys_get_temp_dir(), 'kassa') . '.php';
        file_put_contents($path, $code);
        register_shutdown_function('unlink', $path);
        register_shutdown_function('unlink', substr($path, 0, -4));
        return $path;
    }

    /** The dotted file that the core reads is given by name, for phpcs passes such files by. */
    public function testIsWrittenAsPsr12Says(): void
    {
        $files = array_filter(self::files(), static function (string $place): bool {
            return !self::isText($place);
        }, ARRAY_FILTER_USE_KEY);
        $rules = '--standard=' . __DIR__ . '/../phpcs.xml';
        [$code, $text] = self::run(array_merge(['phpcs', '-q', '-n', '--report=emacs', $rules], array_values($files)));
        self::assertSame(0, $code, $text);
    }

    public function testCodeIsAscii(): void
    {
        foreach (self::files() as $place => $path) {
            if (!self::isText($place)) {
                self::assertDoesNotMatchRegularExpression('/[^\x09\x0a\x20-\x7e]/', file_get_contents($path), $place);
            } else {
                self::assertMatchesRegularExpression('//u', file_get_contents($path), $place);
            }
        }
    }

    /** Nothing is hidden, nothing is evaluated, no certificate is let pass. */
    public function testNoDangerousWords(): void
    {
        $words = ['eval', 'create_function', 'assert', 'unserialize', 'extract', 'system', 'exec', 'shell_exec', 'passthru', 'proc_open', 'popen',
            'utf8_encode', 'utf8_decode', 'var_dump', 'print_r', 'md5', 'mt_rand', 'rand', 'uniqid', 'curl_init', 'disablesslverification'];
        foreach (self::files() as $place => $path) {
            $tokens = token_get_all(file_get_contents($path));
            foreach ($tokens as $i => $token) {
                self::assertNotSame('@', $token, "$place hides errors");
                self::assertNotSame('`', $token, "$place runs a program");
                $text = is_array($token) ? strtolower(trim($token[1], '\'"\\')) : '';
                $call = is_array($token) && in_array($token[0], [T_STRING, T_EVAL, T_NAME_FULLY_QUALIFIED, T_CONSTANT_ENCAPSED_STRING], true);
                self::assertFalse($call && in_array($text, $words, true), "$place, line " . ($token[2] ?? 0) . " says $text");
            }
        }
    }

    public function testTextsAreWholeInRussianAndEnglish(): void
    {
        $russian = array_filter(array_keys(self::files()), static function (string $place): bool {
            return strpos("/$place", '/lang/ru/') !== false;
        });
        self::assertNotEmpty($russian);
        foreach ($russian as $place) {
            $ours = self::messages($place);
            self::assertSame([], array_diff_key($ours, array_filter($ours, 'strlen')), "$place says nothing");
            self::assertSame(array_keys($ours), array_keys(self::messages(str_replace('lang/ru/', 'lang/en/', $place))), "$place, en");
            foreach (self::messages(str_replace('lang/ru/', 'lang/en/', $place)) as $code => $text) {
                self::assertSame(self::holes($ours[$code]), self::holes($text), "$place, en, $code");
            }
            foreach (['az', 'be'] as $language) {
                $more = self::messages(str_replace('lang/ru/', "lang/$language/", $place));
                self::assertSame([], array_diff_key($more, $ours), "$place, $language");
                foreach ($more as $code => $text) {
                    self::assertSame(self::holes($ours[$code]), self::holes($text), "$place, $language, $code");
                }
            }
        }
        $english = preg_grep('~(^|/)lang/en/~', array_keys(self::files()));
        self::assertSame(count($russian), count($english), 'a file stands in one language alone');
    }

    private static function messages(string $place): array
    {
        $MESS = [];
        if (is_file(self::PRODUCT . "/$place")) {
            include self::PRODUCT . "/$place";
        }
        ksort($MESS);
        return $MESS;
    }

    private static function holes(string $text): array
    {
        preg_match_all('/#[A-Z_]+#/', $text, $found);
        sort($found[0]);
        return array_values(array_unique($found[0]));
    }

    /** Whoever says a message finds one, and whoever has one says it. Names that are made at run time are known by their beginnings. */
    public function testEveryMessageIsThere(): void
    {
        $known = [];
        foreach (array_keys(self::files()) as $place) {
            $known += strpos("/$place", '/lang/ru/') !== false ? self::messages($place) : [];
        }
        foreach (self::files() as $place => $path) {
            if (self::isText($place)) {
                continue;
            }
            preg_match_all('/(?:getMessage|say|GetMessage)\(\'([A-Z0-9_]*[A-Z0-9])\'[,)]/', file_get_contents($path), $said);
            foreach ($said[1] as $code) {
                self::assertArrayHasKey($code, $known, $place);
            }
        }
    }

    public function testBudgetOfLines(): void
    {
        $lines = 0;
        foreach (self::files() as $place => $path) {
            if (self::isText($place) || strpos($place, 'install/') === 0 || preg_match('~(options|\.description)\.php$~', $place)) {
                continue;
            }
            $code = '';
            foreach (token_get_all(file_get_contents($path)) as $token) {
                $code .= is_array($token) ? (in_array($token[0], [T_COMMENT, T_DOC_COMMENT], true) ? '' : $token[1]) : $token;
            }
            $lines += count(array_filter(explode("\n", $code), static function (string $line): bool {
                return preg_match('/[\w$]/', $line) === 1;
            }));
        }
        fwrite(STDERR, "\nstorefront/bitrix: $lines lines of code\n");
        self::assertLessThanOrEqual(self::BUDGET, $lines);
    }
}
