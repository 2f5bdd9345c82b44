<?php

echo '<html><body class="adm">';
