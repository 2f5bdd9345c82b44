package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is what a process has used of processors until now, as its parent would be told of it by rusage when it has
// ended: user and system together, of all threads that it has or had. The clock of another process has its number in
// it, as clock_getcpuclockid(3) makes it.
func cpuTime(pid int) (time.Duration, error) {
	const ofProcess = 2
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|ofProcess), &used); err != nil { //nolint:gosec // a pid has 22 bits
		return 0, fmt.Errorf("read the processor time of process %d: %w", pid, err)
	}
	return time.Duration(used.Nano()), nil
}

// peakKB is the most memory that a process has held.
func peakKB(pid int) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, after, found := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(after)
	if !found || len(fields) == 0 {
		return 0, fmt.Errorf("/proc/%d/status names no VmHWM", pid)
	}
	return strconv.Atoi(fields[0])
}
