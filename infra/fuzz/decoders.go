package main

import (
	_ "embed" // the list
	"strings"
)

// decoder is something that reads what others wrote: what it reads, who may have written that, and the targets that
// feed it.
type decoder struct {
	reads, from string
	targets     []target
}

// target is a fuzz test: the folder of its package from the root, and its name.
type target struct{ folder, name string }

func (t target) String() string { return t.folder + " " + t.name }

//go:embed decoders.txt
var list string

// decoders are all there are, in the order of the list. A test holds that every fuzz test stands there once.
func decoders() (all []decoder) {
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		switch what, from, ok := strings.Cut(strings.TrimSpace(line), " | "); {
		case len(words) == 0 || line[0] == '#':
		case ok:
			all = append(all, decoder{reads: what, from: from})
		default:
			d := &all[len(all)-1]
			for _, name := range words[1:] {
				d.targets = append(d.targets, target{words[0], name})
			}
		}
	}
	return all
}
