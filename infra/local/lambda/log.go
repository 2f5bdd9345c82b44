package lambda

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// note writes a line of the host's own into the function's log.
func (f *Function) note(format string, args ...any) {
	if _, err := fmt.Fprintf(f.log, "host: "+format+"\n", args...); err != nil {
		fmt.Fprintf(os.Stderr, "kassa: write the log of %s: %v\n", f.spec.Name, err)
	}
}

// logSize is where the next line will stand; 0 where that cannot be told: firstLine is a hint, and looks at the whole
// log then.
func (f *Function) logSize() int64 {
	info, err := f.log.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// firstLine returns the first line that stands in the log at or after an offset: what a process says when it cannot
// start. It is a hint for a person, so an unreadable log is an empty one.
func (f *Function) firstLine(offset int64) string {
	file, err := os.Open(f.log.Name())
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // only read
	start := make([]byte, 2048)
	n, err := file.ReadAt(start, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(start[:n])), "\n")
	return strings.TrimSpace(line)
}
