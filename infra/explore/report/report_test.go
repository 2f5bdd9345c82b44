package report

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kassa/infra/explore/world"
)

const root = "../../.."

var update = flag.Bool("update", false, "make the page and its picture anew from the results that are kept")

// TestThePageSaysWhatWasFound: every table of the page, and its picture, is what follows from the results that are
// kept.
func TestThePageSaysWhatWasFound(t *testing.T) {
	r, err := Kept()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := WritePage(root, r); err != nil {
			t.Fatal(err)
		}
	}
	page, err := Page(root, r)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{thePage: page, thePicture: Chart(r)} {
		got, err := os.ReadFile(filepath.Join(root, file))
		if err != nil || string(got) != want {
			t.Errorf("%s is not what follows from the results (%v); go test ./infra/explore/report -update makes it anew",
				file, err)
		}
	}
	if !strings.Contains(page, "("+strings.TrimPrefix(thePicture, "docs/")+")") {
		t.Errorf("%s shows no picture", thePage)
	}
}

// TestTheKeptResultsAreWhole: every bank was searched wholly, every fault that can be was met, and nothing is wrong.
func TestTheKeptResultsAreWhole(t *testing.T) {
	r, err := Kept()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range r.Banks {
		names = append(names, c.Bank)
		if met, all := c.Reached(); met < all || all == 0 || c.Left > 0 || len(c.Found) > 0 || !c.Pairs ||
			c.Faults < 1 || c.Events < 3 {
			t.Errorf("%s: %d of %d faults, %d states left, %d violations, %+v", c.Bank, met, all, c.Left, len(c.Found),
				c.Bounds)
		}
		if c.Bounds != r.Banks[0].Bounds {
			t.Errorf("%s was searched otherwise: %+v", c.Bank, c.Bounds)
		}
	}
	if !slices.Equal(names, world.Banks()) {
		t.Errorf("only %v were searched", names)
	}
}

// TestEveryKindIsDrawn in the picture, and told of in words.
func TestEveryKindIsDrawn(t *testing.T) {
	r, err := Kept()
	if err != nil {
		t.Fatal(err)
	}
	picture := Chart(r)
	for _, kind := range r.kinds() {
		if kind.About() == "" || !strings.Contains(picture, ">"+string(kind)+"<") {
			t.Errorf("%q is not told of", kind)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1.0k", 9999: "9.9k", 10_000: "10k"} {
		if short(n) != want {
			t.Errorf("%d is written %q", n, short(n))
		}
	}
}
