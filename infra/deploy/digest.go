package main

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// digest names the settings of a deployment. The same settings give the same digest, in whatever order and by whichever
// quotes they were typed: a further digest makes a further version of every function.
func digest(given []parameter, kept answers) string {
	var lines []string
	for _, p := range given {
		lines = append(lines, p.String())
	}
	slices.Sort(lines)
	for line := range strings.Lines(kept.text) { // blank lines come and go with the stages beside it
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return fmt.Sprintf("%.10x", sha256.Sum256([]byte(strings.Join(lines, "\n"))))
}
