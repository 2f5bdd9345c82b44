<?php

echo '</body></html>';
