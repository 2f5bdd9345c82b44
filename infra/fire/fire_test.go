package fire

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

const root = "../.."

var update = flag.Bool("update", false, "make the page anew from the results that are kept")

// TestThePageSaysWhatWasMeasured, and what it says is a run in which nothing was lost and each part was killed.
func TestThePageSaysWhatWasMeasured(t *testing.T) {
	r, err := Measured()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := WritePage(root, r); err != nil {
			t.Fatal(err)
		}
	}
	want, err := Page(root, r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, page))
	if err != nil || string(got) != want {
		t.Errorf("%s is not what follows from the results (%v); go test ./infra/fire -update makes it anew", page, err)
	}
	if r.Lost+r.Doubled > 0 || r.Total() < 10000 || len(r.Kills) < 12 || r.Payments < r.Total()/4 {
		t.Errorf("the run that is kept: %s", r)
	}
}
