// Package proof holds no code: its tests show what template.yaml makes in an account, without one. They need Python and
// run by `make template`, `make moto` and `make iam`, which install what they need at the versions that tools/*.txt
// pin.
//
// The rules are ours: each is a function over the translated template with plain values, and each is held by at least
// one row of the table of spoiled templates, so that no rule can fall asleep.
package proof
