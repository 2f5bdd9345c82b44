<?php

namespace Rig;

use PHPUnit\Framework\TestCase;

/**
 * What a compiler, a parser of PHP 7.4 and a reader see of the product's files; unit/SourceTest has what they say.
 */
final class SyntaxTest extends TestCase
{
    private const PRODUCT = __DIR__ . '/../../kassa.checkout';

    /** Lines of code that a reader has before him: without texts, installation, comments, HTML and blank lines. */
    private const BUDGET = 925;

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
    private static function execute(array $command): array
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
        [$code, $text] = self::execute(array_merge([PHP_BINARY], $words));
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
        [$code, $text] = self::execute(array_merge(['node', __DIR__ . '/syntax.js'], $files));
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
        [$code, $text] = self::execute(array_merge(['phpcs', '-q', '-n', '--report=emacs', $rules], array_values($files)));
        self::assertSame(0, $code, $text);
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

    /** A pay system asks for five values, and for nothing that a bank has given: certificates and its keys are Kassa's. */
    public function testNoBankSecretStandsInBitrix(): void
    {
        $form = file_get_contents(self::PRODUCT . '/handler/kassa/.description.php');
        preg_match('/foreach \(\[(.*?)\] as/s', $form, $codes);
        self::assertSame("'API_URL', 'API_KEY', 'WEBHOOK_SECRET', 'TERM', 'STATUS_FAILED'", $codes[1]);
        foreach (self::files() as $place => $path) {
            if (!self::isText($place)) {
                self::assertDoesNotMatchRegularExpression('/certificate_file|private_key|\.pem|\.crt|local_cert|sslcert/i', file_get_contents($path), $place);
            }
        }
    }

    /** Pages' HTML, style and script are no code of the handler's. */
    public function testBudgetOfLines(): void
    {
        $lines = [];
        foreach (self::files() as $place => $path) {
            if (self::isText($place) || strpos($place, 'install/') === 0) {
                continue;
            }
            $code = '';
            foreach (token_get_all(file_get_contents($path)) as $token) {
                $left = is_array($token) && in_array($token[0], [T_COMMENT, T_DOC_COMMENT, T_INLINE_HTML], true);
                $code .= $left ? "\n" : (is_array($token) ? $token[1] : $token);
            }
            $lines[basename($place)] = count(array_filter(explode("\n", $code), static function (string $line): bool {
                return preg_match('/[\w$]/', $line) === 1;
            }));
        }
        arsort($lines);
        self::assertLessThanOrEqual(self::BUDGET, array_sum($lines), print_r($lines, true));
    }
}
