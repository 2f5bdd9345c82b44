package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"kassa/infra/bench"
)

// limit is a control group with a tenth of a processor: 2 ms of every 20, the period in which Lambda hands them out.
type limit struct{ folder, kind string }

// newLimit makes one by the rules of version 2, or else of version 1. Where nobody may make one below the root, as in
// most containers, there is none: to move what runs there already is not ours to do.
func newLimit() (limit, error) {
	var failed error
	for _, c := range []struct {
		kind, folder string
		settings     [][2]string
	}{
		{"a control group of version 2: cpu.max", "/sys/fs/cgroup", [][2]string{{"cpu.max", "2000 20000"}}},
		{"a control group of version 1: cpu.cfs_quota_us", "/sys/fs/cgroup/cpu",
			[][2]string{{"cpu.cfs_period_us", "20000"}, {"cpu.cfs_quota_us", "2000"}}},
	} {
		l := limit{filepath.Join(c.folder, fmt.Sprintf("kassa-bench-%d", os.Getpid())), c.kind}
		err := os.Mkdir(l.folder, 0o755) //nolint:gosec // control groups are everybody's to read
		for _, s := range c.settings {
			if err == nil {
				err = set(filepath.Join(l.folder, s[0]), s[1])
			}
		}
		if err == nil {
			return l, nil
		}
		failed = errors.Join(failed, err)
		_ = os.Remove(l.folder) // it may never have been there
	}
	return limit{}, failed
}

// set writes a setting that must be there: a file that is not would be made where no control groups are mounted.
func set(path, value string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // a path of the control groups
	if err != nil {
		return err
	}
	_, err = file.WriteString(value)
	return errors.Join(err, file.Close())
}

// wrap gives a program whose process goes into the group before it becomes the program. What its shell takes until
// then is not limited, and too little to show.
func (l limit) wrap(folder string, p program) (program, error) {
	path := filepath.Join(folder, p.caller())
	script := fmt.Sprintf("#!/bin/sh\necho $$ > '%s/cgroup.procs' && exec '%s'\n", l.folder, p.binary)
	p.binary = path
	return p, os.WriteFile(path, []byte(script), 0o700) //nolint:gosec // it is run
}

// tenth measures starts and first requests of some programs once more, in a control group, and says how that was made.
func (m *measurement) tenth(ctx context.Context, folder string, rounds int) (bench.Runs, string, error) {
	l, err := newLimit()
	if err != nil {
		return nil, "left out: this machine lets nobody make a control group with a limit of the processor", nil
	}
	defer func() { _ = os.Remove(l.folder) }() // the last process has gone by then, or it stays and does no harm
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, "", err
	}
	slow := &measurement{world: m.world, rounds: rounds, progress: m.progress}
	for _, p := range m.programs {
		if !slices.Contains([]string{bench.Floor, bench.SDK, "Initiate", bench.Again, bench.Ahead, "StatusPoll",
			"Instalments", bench.Earlier, bench.Node, bench.Bundled}, p.name) {
			continue
		}
		wrapped, err := l.wrap(folder, p.program)
		if err != nil {
			return nil, "", err
		}
		if err := slow.host(wrapped); err != nil {
			return nil, "", err
		}
	}
	err = slow.run(ctx)
	return slow.runs, l.kind, err
}
