<?php

/**
 * The instalment badge for a product template or the cart. Including this file gives a function that makes the HTML:
 *
 *     echo (require $_SERVER['DOCUMENT_ROOT'] . '/local/php_interface/include/sale_payment/kassa/badge.php')([
 *         'shop' => 'myshop-by', 'api' => '<PublicApiUrl>', 'price' => 120.0,
 *         'follow' => '[data-entity="basket-total-price"]',
 *     ]);
 *
 * "price" is a float of the core. "follow" (optional) is a CSS selector of the element that shows the price or the
 * total: when its text changes, the badge does. "script" is where storefront/instalments.js was put.
 */

use Kassa\Checkout\Money;

require_once __DIR__ . '/money.php';

return static function (array $badge): string {
    // Every byte stays as the site has it.
    $escape = static fn (string $text): string => htmlspecialchars($text, ENT_QUOTES, 'ISO-8859-1');
    $script = $escape($badge['script'] ?? '/local/js/kassa/instalments.js');
    $attributes = '';
    foreach (['shop', 'api', 'terms', 'currency', 'lang'] as $name) {
        $attributes .= isset($badge[$name]) ? " $name=\"" . $escape((string) $badge[$name]) . '"' : '';
    }
    $attributes .= ' amount="' . Money::minor((float) ($badge['price'] ?? 0)) . '"';
    $attributes .= isset($badge['follow']) ? ' data-follow="' . $escape($badge['follow']) . '"' : '';
    return <<<HTML
<script type="module" src="$script"></script>
<style>kassa-instalments { display: block; min-height: 1.5em }</style>
<kassa-instalments$attributes></kassa-instalments>
<script>
(() => {
  const badge = document.currentScript.previousElementSibling, where = badge.dataset.follow;
  if (!where) return;
  // "1 234,50 p." and "1,234.5 BYN" are 123450: the last separator before one or two digits is the decimal one.
  const minor = (text) => {
    const parts = text.replace(/(\\d)[\\s']+(?=\\d{3}(?!\\d))/g, "$1").match(/\\d[\\d.,]*/);
    const [, whole, cents = ""] = (parts ? parts[0] : "").match(/^([\\d.,]*?)(?:[.,](\\d{1,2}))?[.,]?$/) || [];
    return whole ? whole.replace(/\\D/g, "") + cents.padEnd(2, "0") : "";
  };
  const follow = () => {
    const shown = document.querySelector(where), amount = shown ? minor(shown.textContent).replace(/^0+/, "") : "";
    if (amount && amount !== badge.getAttribute("amount")) badge.setAttribute("amount", amount);
  };
  const what = { subtree: true, childList: true, characterData: true };
  new MutationObserver(follow).observe(document.documentElement, what);
  follow();
})();
</script>
HTML;
};
