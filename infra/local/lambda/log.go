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

// turnLog begins the log anew once it is too large: what it held is then in the file of the same name with .1 behind
// it, in place of what was there. Processes write at its end, wherever that is, so none has to be told; what one writes
// between the copy and the cut is lost.
func (f *Function) turnLog() {
	f.turning.Lock()
	defer f.turning.Unlock()
	if f.logSize() < f.options.MaxLog {
		return
	}
	err := copyFile(f.log.Name(), f.log.Name()+".1")
	if err == nil {
		err = os.Truncate(f.log.Name(), 0)
	}
	if err != nil {
		f.note("begin the log anew: %v", err)
	}
}

func copyFile(from, to string) error {
	in, err := os.Open(from) //nolint:gosec // the host's own log
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()                                      // only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // beside it
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
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
