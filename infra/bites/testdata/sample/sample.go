// Package sample has each kind of mistake that can be made in a package, beside tests that notice some of them.
package sample

import (
	"errors"
	"time"
)

const most = 3

var errMany = errors.New("too many")

// Take gives what is left after n were taken.
func Take(have, n int) (int, error) {
	if n > most {
		return 0, errMany
	}
	if have > 0 && n > 0 {
		have -= n
	}
	return have, nil
}

// Pause is long where somebody waits.
func Pause(waits bool, times int) (d time.Duration) {
	for range times {
		d += 2 * time.Second
	}
	switch {
	case waits:
		d++
	case times < 0:
		select {
		default:
			d = d + 1
		}
	}
	return d
}

// Unseen is not tested.
func Unseen(a []string) string { return a[1] }
