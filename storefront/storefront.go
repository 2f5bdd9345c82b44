// Package storefront holds what shops put on their pages: the instalment badge, a custom element without dependencies.
package storefront

import _ "embed" // for the script

//go:embed instalments.js
var instalments string

// Instalments is the script of the badge, a JavaScript module in UTF-8.
func Instalments() string { return instalments }
