<?php

/**
 * Where the customer comes back to. What stands in the address proves nothing, so nothing of it is believed: the page
 * asks Kassa about the payment that this very session opened. It works wherever on the site it is copied.
 */

use Bitrix\Main\Application;
use Bitrix\Main\Loader;
use Bitrix\Sale\PaySystem\Manager;
use Kassa\Checkout\Desk;
use Kassa\Checkout\Waiting;

define('STOP_STATISTICS', true);
define('NO_AGENT_CHECK', true);
define('NOT_CHECK_PERMISSIONS', true);
require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_before.php';
Loader::includeModule('sale');
Manager::includeHandler('kassa'); // which brings the classes beside it
$request = Application::getInstance()->getContext()->getRequest();
$kept = $_SESSION['KASSA_PAYMENTS'][(int) $request->get('bx_payment')] ?? null;
session_write_close(); // the customer's other pages do not wait for Kassa
$service = Manager::getObjectById((int) ($kept['pay_system'] ?? 0));
$told = Waiting::tell($service, $kept);
header('Cache-Control: no-store');
header('X-Robots-Tag: noindex');
if ($request->get('ask') === 'Y') {
    header('Content-Type: application/json; charset=UTF-8');
    echo json_encode($told, JSON_UNESCAPED_UNICODE);
    return;
}
$escape = static fn (string $text): string => htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
header('Content-Type: text/html; charset=UTF-8');
?><!DOCTYPE html>
<html lang="<?= $escape(LANGUAGE_ID) ?>">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title><?= $escape($told['title']) ?></title>
<?php if ($told['again']) : ?>
<noscript><meta http-equiv="refresh" content="<?= $told['again'] ?>"></noscript>
<?php endif ?>
<style>
:root { color-scheme: light dark; --ink: #1c2530; --soft: #5d6b7a; --card: #fff; --ground: #eef1f5; --tone: #3569c8 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eef2f7; --soft: #a7b3c2; --card: #1d252f; --ground: #12171d }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem; background: var(--ground);
  color: var(--ink); font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { width: 100%; max-width: 27rem; padding: 2.25rem 1.5rem; border-radius: 1.25rem; background: var(--card);
  text-align: center; box-shadow: 0 1.25rem 3rem rgb(20 30 50 / .12) }
.sign { width: 4.5rem; height: 4.5rem; margin: 0 auto 1.25rem; border-radius: 50%; display: grid; place-items: center;
  background: var(--tone); color: #fff; font-size: 2.25rem; line-height: 1 }
.paid { --tone: #1f8a4c } .declined, .cancelled, .expired { --tone: #c0392b } .refunded, .unknown { --tone: #66758a }
.pending .sign { background: none; border: .35rem solid rgb(127 140 160 / .3); border-top-color: var(--tone);
  animation: turn 1s linear infinite }
.pending .sign span { display: none }
@keyframes turn { to { transform: rotate(1turn) } }
@media (prefers-reduced-motion: reduce) { .pending .sign { animation-duration: 6s } }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0; color: var(--soft) }
a { display: block; margin-top: 1.75rem; padding: .85rem 1rem; border-radius: .75rem; background: var(--tone);
  color: #fff; font-weight: 600; text-decoration: none }
a:focus-visible { outline: .2rem solid var(--ink); outline-offset: .2rem }
</style>
</head>
<body>
<main class="<?= $told['sight'] ?>" id="kassa">
<div class="sign" aria-hidden="true"><span></span></div>
<div role="status">
<h1><?= $escape($told['title']) ?></h1>
<p><?= $escape($told['text']) ?></p>
</div>
<a href="<?= $escape(SITE_DIR) ?>"><?= $escape(Desk::utf8(Desk::say('KASSA_RETURN_BACK'))) ?></a>
</main>
<script>
const box = document.getElementById("kassa"), signs = { paid: "\u2713", refunded: "\u21BA", unknown: "i" };
const show = (told) => {
  box.className = told.sight;
  box.querySelector(".sign span").textContent = signs[told.sight] || "!";
  if (box.querySelector("h1").textContent !== told.title) {
    document.title = box.querySelector("h1").textContent = told.title;
  }
  box.querySelector("p").textContent = told.text;
  if (told.again) setTimeout(ask, told.again * 1000, told);
};
const ask = async (last) => {
  const address = new URL(location.href);
  address.searchParams.set("ask", "Y");
  try {
    show(await (await fetch(address, { cache: "no-store", credentials: "same-origin" })).json());
  } catch {
    show(last);
  }
};
show(<?= json_encode($told, JSON_UNESCAPED_UNICODE | JSON_HEX_TAG | JSON_HEX_AMP) ?>);
</script>
</body>
</html>
