//go:build !linux

package main

import (
	"errors"
	"time"
)

var errNotLinux = errors.New("what a running process has used is read from Linux: run make bench there")

func cpuTime(int) (time.Duration, error) { return 0, errNotLinux }

func peakKB(int) (int, error) { return 0, errNotLinux }
