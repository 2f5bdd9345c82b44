<?php

use Kassa\Checkout\Desk;

/** @var array $params URL (empty when it is paid) and SUM, set by the handler; nothing else is read */

if ($params['URL'] === '') : ?>
<p><?= htmlspecialcharsbx(Desk::say('KASSA_TEMPLATE_PAID')) ?></p>
<?php else : ?>
<p><?= htmlspecialcharsbx(Desk::say('KASSA_TEMPLATE_SUM', ['#SUM#' => $params['SUM']])) ?></p>
<p><a class="btn btn-primary" rel="nofollow" href="<?= htmlspecialcharsbx($params['URL']) ?>"><?=
    htmlspecialcharsbx(Desk::say('KASSA_TEMPLATE_PAY')) ?></a></p>
<?php endif ?>
