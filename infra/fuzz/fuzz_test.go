package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kassa/infra/figures"
)

const root = "../.."

// TestEveryFuzzTestIsATargetOfOneDecoder: whoever writes one says what it is that it feeds.
func TestEveryFuzzTestIsATargetOfOneDecoder(t *testing.T) {
	var listed, found []string
	for _, d := range decoders() {
		for _, one := range d.targets {
			listed = append(listed, one.String())
		}
	}
	declared := regexp.MustCompile(`(?m)^func (Fuzz[A-Za-z0-9_]*)\(`)
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && strings.HasPrefix(name, ".") && path != root {
			return filepath.SkipDir
		} else if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		for _, m := range declared.FindAllSubmatch(source, -1) {
			found = append(found, target{filepath.ToSlash(folder), string(m[1])}.String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(listed)
	slices.Sort(found)
	if !slices.Equal(listed, found) {
		t.Errorf("decoders() lists\n%q\nand the tests hold\n%q", listed, found)
	}
}

// TestThePageSaysWhatWasFuzzed: the table of docs/security.md is that of the results.
func TestThePageSaysWhatWasFuzzed(t *testing.T) {
	t.Chdir(root)
	r, err := readResults()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want, err := figures.Fill(string(text), map[string]string{"fuzz": r.section()})
	if err != nil || string(text) != want {
		t.Errorf("the table must read (%v)\n%s\ngo run ./infra/fuzz -minutes 0 writes it anew", err, r.section())
	}
}

// TestWhatIsKeptIsSmall: nobody waits for the inputs that are kept, and the repository does not grow by them.
func TestWhatIsKeptIsSmall(t *testing.T) {
	t.Chdir(root)
	for _, d := range decoders() {
		for _, one := range d.targets {
			all, err := inputs(filepath.Join(one.folder, "testdata", "fuzz", one.name))
			size := 0
			for _, i := range all {
				size += len(i.text)
			}
			if err != nil || len(all) > mostInputs || size > mostBytes {
				t.Errorf("%s: %d inputs of %d bytes are kept (%v)", one, len(all), size, err)
			}
		}
	}
}

func TestChooseTakesWhatReachesTheMostForItsLength(t *testing.T) {
	reaching := func(name string, length int, hits ...string) *input {
		i := &input{name: name, text: make([]byte, length), hits: map[string]bool{}}
		for _, h := range hits {
			i.hits[h] = true
		}
		return i
	}
	chosen := choose([]*input{
		reaching("long", 100, "a", "b", "c"),
		reaching("short", 10, "a", "b"),
		reaching("nothing new", 5),
		reaching("the same", 11, "a", "b"),
		reaching("far too long", mostBytes, "d"),
	})
	var names []string
	for _, i := range chosen {
		names = append(names, i.name)
	}
	if want := []string{"long", "short"}; !slices.Equal(names, want) {
		t.Errorf("chosen are %q, want %q", names, want)
	}
}
