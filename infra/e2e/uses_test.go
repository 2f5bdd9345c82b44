package e2e

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"kassa/infra/local/engine"
	"kassa/infra/local/stack"
)

// started are all stacks of the run: each has written down who made which calls.
var started struct {
	sync.Mutex
	stacks []*stack.Stack
}

// usesFile is where a whole run leaves what each function called, for those who compare it with what the functions'
// roles allow.
const usesFile = root + "/.build/uses.json"

// counted is one line of usesFile.
type counted struct {
	engine.Use
	Times int `json:"times"`
}

// writeUses writes usesFile. A run of some tests only, or one that failed, proves nothing about what is never called:
// it removes the file instead.
func writeUses(passed bool) error {
	if !passed || !whole() {
		if err := os.Remove(usesFile); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	total := map[engine.Use]int{}
	started.Lock()
	defer started.Unlock()
	for _, s := range started.stacks {
		for use, times := range s.Engine.Uses() {
			total[use] += times
		}
	}
	var lines []string
	for use, times := range total {
		line, err := json.Marshal(counted{use, times})
		if err != nil {
			return err
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	out := "["
	for i, line := range lines {
		if i > 0 {
			out += ","
		}
		out += "\n" + line
	}
	if err := os.MkdirAll(filepath.Dir(usesFile), 0o755); err != nil {
		return err
	}
	// Another program may be reading it while another run of the tests is ending.
	if err := os.WriteFile(usesFile+".part", []byte(out+"\n]\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(usesFile+".part", usesFile)
}

// whole says that no flag left tests out.
func whole() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return used.Load()
}
