//go:build race

package checkout_test

// sampled says that each kind of story is enough: the race detector makes them ten times as dear, and its finds lie in
// the code that they run and not in their number.
const sampled = true
