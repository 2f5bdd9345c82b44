// Package bitrix holds no code: its test starts the whole checkout on this machine and lets the scenarios of
// storefront/bitrix/tests/stack run against it. Those are PHP, shops as they would be, and drive the payment handler
// for 1C-Bitrix. `make bitrix` runs it, with PHP.
package bitrix
