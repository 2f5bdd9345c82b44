//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ready is how long `make run` takes, in milliseconds, once all is compiled: the first of two starts does that. Both
// have a new folder, as somebody has who tries Kassa out.
func (p plan) ready(ctx context.Context, folder string) (ms int, err error) {
	for _, name := range []string{"first", "second"} {
		if ms, err = p.readyOnce(ctx, filepath.Join(folder, name)); err != nil {
			return 0, err
		}
	}
	return ms, nil
}

// readyOnce starts make run, waits for its word and ends it again.
func (p plan) readyOnce(ctx context.Context, data string) (int, error) {
	run := exec.CommandContext(ctx, "make", "--no-print-directory", "run")
	run.Dir = p.root
	run.Env = append(os.Environ(), "KASSA_DATA="+data, "PORT=18480")
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that all of it is told to end
	run.Cancel = func() error { return syscall.Kill(-run.Process.Pid, syscall.SIGTERM) }
	out, err := run.StdoutPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := run.Start(); err != nil {
		return 0, err
	}
	// what it says before is progress, what it says after is for people
	ms := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "kassa: ready") {
			ms = int(time.Since(began).Milliseconds())
			break
		}
	}
	err = run.Cancel()
	_, _ = io.Copy(io.Discard, out)
	_ = run.Wait() // it was told to end
	if ms == 0 {
		err = errors.Join(err, errors.New("make run never said that it is ready"))
	}
	return ms, err
}

// residentKB is what the process has in memory of its own; pages of its files, which the system takes back when it
// needs them, are none of it.
func residentKB() (int, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, found := bytes.Cut(text, []byte("RssAnon:"))
	fields := bytes.Fields(after)
	if !found || len(fields) == 0 {
		return 0, errors.New("/proc/self/status names no RssAnon")
	}
	return strconv.Atoi(string(fields[0]))
}

// onDisk is how much the folder of a stack holds, in whole and of logs; the programs in it are left out.
func onDisk(data string) (all, logs int, err error) {
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		// a program is as large as it is, whatever is paid
		switch folder, _, _ := strings.Cut(strings.TrimPrefix(path, data+"/"), "/"); folder {
		case "bin":
			return nil
		case "logs":
			logs += int(info.Size() / 1000)
		}
		all += int(info.Size() / 1000)
		return nil
	})
	return all, logs, err
}
