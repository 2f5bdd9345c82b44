package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// reading is the one place where the time package makes a time of the wall clock, as Go 1.26 has it: time.Now. Since,
// Until and every timer go by the monotonic clock, or by Now.
const reading = `
func Now() Time {
	sec, nsec, mono := runtimeNow()
	if mono == 0 {
`

// moved is reading with the clock moved. A bubble of testing/synctest has its own time and keeps it.
const moved = `
func Now() Time {
	sec, nsec, mono := runtimeNow()
	if !runtimeIsBubbled() {
		sec += calendarShift
	}
	if mono == 0 {
`

// addition is what stands behind the package's own text: the shift is read once, before anything can ask for the time,
// so a process has one clock. It stands in a file, for a child may get an environment without it, and a constant would
// have the whole standard library compiled anew for each day.
const addition = `
var calendarShift = readCalendarShift(%s)

func readCalendarShift(file string) (seconds int64) {
	text, err := readFile(file)
	if err != nil || len(text) == 0 {
		panic("this program was built by the calendar of the tests and runs only there: no " + file)
	}
	sign := int64(1)
	if text[0] == '-' {
		sign, text = -1, text[1:]
	}
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			panic("no number of seconds in " + file)
		}
		seconds = 10*seconds + int64(digit-'0')
	}
	return sign * seconds
}
`

// writeOverlay writes a time package whose clock is moved by the seconds in the file shift, and the description that
// makes the go command take it for that of goroot. It returns the description's path.
func writeOverlay(goroot, folder, shift string) (string, error) {
	original := filepath.Join(goroot, "src", "time", "time.go")
	source, err := os.ReadFile(original) //nolint:gosec // Go's own source
	if err != nil {
		return "", fmt.Errorf("the standard library's source is needed: %w", err)
	}
	source, err = patch(source, shift)
	if err != nil {
		return "", fmt.Errorf("%s: %w", original, err)
	}
	patched, overlay := filepath.Join(folder, "time.go"), filepath.Join(folder, "overlay.json")
	description, err := json.Marshal(map[string]map[string]string{"Replace": {original: patched}})
	if err != nil {
		return "", err
	}
	for path, text := range map[string][]byte{patched: source, overlay: description} {
		if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // nothing here is secret
			return "", err
		}
	}
	return overlay, nil
}

// patch moves the clock in the text of time.go. A text that reads the wall clock elsewhere, or otherwise, is refused: a
// clock that moves in some places only would prove nothing.
func patch(source []byte, shift string) ([]byte, error) {
	if bytes.Count(source, []byte(reading)) != 1 || bytes.Count(source, []byte("runtimeNow()")) != 2 ||
		bytes.Count(source, []byte(" now()")) != 1 {
		return nil, errors.New("this Go reads the clock in another way than the calendar knows: " +
			"look at Now there, then at reading in infra/calendar/overlay.go")
	}
	source = bytes.Replace(source, []byte(reading), []byte(moved), 1)
	return fmt.Appendf(source, addition, strconv.Quote(shift)), nil
}
