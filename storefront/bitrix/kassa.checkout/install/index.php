<?php

use Bitrix\Main\Config\Option;
use Bitrix\Main\EventManager;
use Bitrix\Main\Loader;
use Bitrix\Main\Localization\Loc;
use Bitrix\Main\ModuleManager;

if (class_exists('kassa_checkout')) {
    return;
}

/**
 * The module. All of its code stays in its own folder: what it puts elsewhere are files of one line that require it, so
 * that an update of the module is an update of everything, and uninstalling takes exactly those files away again.
 */
class kassa_checkout extends CModule
{
    public $MODULE_ID = 'kassa.checkout';
    public $MODULE_GROUP_RIGHTS = 'N';
    public $MODULE_VERSION;
    public $MODULE_VERSION_DATE;
    public $MODULE_NAME;
    public $MODULE_DESCRIPTION;
    public $PARTNER_NAME = 'Kassa';
    public $PARTNER_URI = '';

    public function __construct()
    {
        $arModuleVersion = [];
        include __DIR__ . '/version.php';
        $this->MODULE_VERSION = $arModuleVersion['VERSION'];
        $this->MODULE_VERSION_DATE = $arModuleVersion['VERSION_DATE'];
        Loc::loadMessages(__FILE__);
        $this->MODULE_NAME = (string) Loc::getMessage('KASSA_MODULE_NAME');
        $this->MODULE_DESCRIPTION = (string) Loc::getMessage('KASSA_MODULE_DESCRIPTION');
    }

    public function DoInstall()
    {
        global $APPLICATION;
        if (!Loader::includeModule('sale')) {
            $APPLICATION->ThrowException(Loc::getMessage('KASSA_MODULE_NEEDS_SALE'));
            return false;
        }
        if (!$this->InstallFiles()) {
            $this->UnInstallFiles();
            $APPLICATION->ThrowException(Loc::getMessage('KASSA_MODULE_NO_WRITING'));
            return false;
        }
        ModuleManager::registerModule($this->MODULE_ID);
        $this->InstallEvents();
        return true;
    }

    public function DoUninstall()
    {
        $this->UnInstallEvents();
        $this->UnInstallFiles();
        Option::delete($this->MODULE_ID);
        ModuleManager::unRegisterModule($this->MODULE_ID);
        return true;
    }

    public function InstallEvents()
    {
        EventManager::getInstance()->registerEventHandlerCompatible(...$this->button());
        CAgent::AddAgent($this->agent(), $this->MODULE_ID, 'N', 300, '', 'Y', '', 100, false, false);
    }

    public function UnInstallEvents()
    {
        EventManager::getInstance()->unRegisterEventHandler(...$this->button());
        CAgent::RemoveModuleAgents($this->MODULE_ID);
        CAgent::RemoveAgent($this->agent()); // one that the handler has registered anew
    }

    public function InstallFiles()
    {
        foreach ($this->stubs() as $stub => $file) {
            CheckDirPath($stub);
            // The class is declared once, by whoever asks first; the other files run each time.
            $require = basename($stub) === 'handler.php' ? 'require_once' : 'require';
            if (file_put_contents($stub, "<?php\n\n$require '" . addcslashes($file, "'\\") . "';\n") === false) {
                return false;
            }
        }
        return true;
    }

    public function UnInstallFiles()
    {
        foreach (array_keys($this->stubs()) as $stub) {
            if (is_file($stub)) {
                unlink($stub);
            }
        }
        foreach (array_unique(array_map('dirname', array_reverse(array_keys($this->stubs())))) as $folder) {
            if (is_dir($folder) && count(scandir($folder)) === 2) {
                rmdir($folder); // unless somebody has put something of his own there
            }
        }
        return true;
    }

    /** The event at which the form of an order gets its button. */
    private function button(): array
    {
        return ['main', 'OnAdminContextMenuShow', $this->MODULE_ID, 'Kassa\\Checkout\\Admin', 'button'];
    }

    /** What stands where the core and the web look for it, and what it requires. */
    private function stubs(): array
    {
        $code = str_replace('\\', '/', dirname(__DIR__)) . '/handler/kassa/';
        $root = rtrim($_SERVER['DOCUMENT_ROOT'], '/');
        $default = BX_PERSONAL_ROOT . '/php_interface/include/sale_payment/';
        $handler = $root . rtrim(Option::get('sale', 'path2user_ps_files', $default), '/') . '/kassa/';
        $stubs = [];
        foreach (['handler.php', '.description.php', 'template/template.php'] as $name) {
            $stubs[$handler . $name] = $code . $name;
        }
        foreach (['notify.php', 'return.php', 'refund.php'] as $name) {
            $stubs[$root . '/bitrix/tools/kassa.checkout/' . $name] = $code . $name;
        }
        return $stubs;
    }

    /** As Poll::call() says it: the handler cannot be loaded where the shop has been taken away. */
    private function agent(): string
    {
        $code = str_replace('\\', '/', dirname(__DIR__)) . '/handler/kassa';
        return 'include "' . addcslashes($code, '"$') . '/agent.php";';
    }
}
