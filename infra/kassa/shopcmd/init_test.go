package shopcmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestTermsAsTheyAreTyped: with a blank behind each comma or without.
func TestTermsAsTheyAreTyped(t *testing.T) {
	for text, want := range map[string][]int{"3,6,12": {3, 6, 12}, "3, 6, 12": {3, 6, 12}, " 24 ": {24}, "3;6": nil} {
		var f initFlags
		c := &cobra.Command{}
		f.register(c)
		err := c.ParseFlags([]string{"--terms", text})
		if (err != nil) != (want == nil) || err == nil && !slices.Equal(f.Terms, want) {
			t.Errorf("%q: %v, %v", text, f.Terms, err)
		}
	}
}

// TestHelpNamesNoDefaultOfTerms: there is none.
func TestHelpNamesNoDefaultOfTerms(t *testing.T) {
	var f initFlags
	c := &cobra.Command{}
	f.register(c)
	if help := c.Flags().FlagUsages(); strings.Contains(help, "[]") {
		t.Errorf("an empty list stands in the help:\n%s", help)
	}
}
