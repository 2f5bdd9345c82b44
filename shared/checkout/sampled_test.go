//go:build !race

package checkout_test

const sampled = false
