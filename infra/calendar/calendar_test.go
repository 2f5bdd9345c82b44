package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestClocks(t *testing.T) {
	now := time.Date(2026, 11, 28, 22, 30, 0, 5, time.FixedZone("Baku", 4*3600))
	for name, want := range map[string]string{
		"+1d": "2026-11-29T18:30:00Z", "+400d": "2028-01-02T18:30:00Z", "2026-01-01": "2026-01-01T08:00:00Z",
		"2028-02-29": "2028-02-29T08:00:00Z", "2038-01-20": "2038-01-20T08:00:00Z",
		"2038-01-20T19:57": "2038-01-20T19:57:00Z",
	} {
		clocks, err := choose(name, now)
		if err != nil || len(clocks) != 1 || clocks[0].name != name {
			t.Fatalf("%s: %v %v", name, clocks, err)
		}
		if shown := now.Add(clocks[0].shift(now)).UTC().Format(time.RFC3339); shown != want {
			t.Errorf("%s shows %s, want %s", name, shown, want)
		}
	}
	for _, bad := range []string{"1d", "+d", "+0d", "+-1d", "+1", "+999999d", "2027-02-29", "tomorrow", "20.1.2038",
		"2038-01-20T24:00", "2038-01-20T19"} {
		if clocks, err := choose(bad, now); err == nil {
			t.Errorf("%q is taken for %v", bad, clocks)
		}
	}
	if all, err := choose("", now); err != nil || len(all) != len(days) {
		t.Errorf("all are %v (%v)", all, err)
	}
}

// TestEveryClockHasItsTurn within as many days as there are clocks, also around New Year.
func TestEveryClockHasItsTurn(t *testing.T) {
	seen := map[string]bool{}
	for day := range days {
		turn, err := choose("turn", time.Date(2026, 11, 28+day, 23, 0, 0, 0, time.UTC))
		if err != nil || len(turn) != 1 {
			t.Fatal(turn, err)
		}
		seen[turn[0].name] = true
	}
	if len(seen) != len(days) {
		t.Errorf("only %v in %d days", seen, len(days))
	}
}

// TestTheClockMoves in a program that is built under the overlay and gets an empty environment; and where nothing says
// how far, there is no clock at all.
func TestTheClockMoves(t *testing.T) {
	// A folder that stays, for the overlay names it: the go command then compiles it once and not in each run.
	m, err := newMachine(t.Context(), filepath.Join("..", "..", ".build", "calendar", "test"))
	if err != nil {
		t.Fatal(err)
	}
	var told [3]time.Time
	for i, shift := range []int64{0, 4_000_000_000, -86_400} {
		if err := os.WriteFile(m.shift, []byte(strconv.FormatInt(shift, 10)), 0o600); err != nil {
			t.Fatal(err)
		}
		if told[i], err = m.told(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ahead, behind := told[1].Sub(told[0])-4_000_000_000*time.Second, told[2].Sub(told[0])+24*time.Hour
	if ahead < 0 || ahead > time.Hour || behind < 0 || behind > time.Hour {
		t.Errorf("the clocks show %v", told)
	}
	m.close()
	if shown, err := m.told(t.Context()); err == nil {
		t.Errorf("without a word how far, the clock shows %s", shown)
	}
}

// TestAnotherTimePackageIsRefused, whatever has changed in it about reading the clock; this Go's is taken.
func TestAnotherTimePackageIsRefused(t *testing.T) {
	goroot, err := setting(t.Context(), "GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(goroot, "src", "time", "time.go"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(source)
	if _, err := patch(source, "shift"); err != nil {
		t.Error(err)
	}
	for what, other := range map[string]string{
		"Now reads otherwise":     strings.Replace(text, "mono := runtimeNow()", "mono := vdsoNow()", 1),
		"there is another reader": text + "\nfunc Today() int64 { sec, _, _ := runtimeNow(); return sec }\n",
		"one reads the old way":   text + "\nfunc Today() int64 { sec, _, _ := now(); return sec }\n",
		"there is no Now":         strings.Replace(text, "\nfunc Now() Time {", "\nfunc Present() Time {", 1),
		"it is empty":             "",
	} {
		if _, err := patch([]byte(other), "shift"); err == nil {
			t.Errorf("%s, and it is patched", what)
		}
	}
}

// TestEachPackageIsInOneBatch, by itself where tests are left out.
func TestEachPackageIsInOneBatch(t *testing.T) {
	t.Chdir("../..")
	got, err := split(t.Context(), []string{"./shared/strict", "./infra/docs", "./shared/payment"})
	want := []batch{
		{packages: []string{"kassa/shared/strict", "kassa/shared/payment"}},
		{packages: []string{"kassa/infra/docs"}, skip: pattern(leftOut, "kassa/infra/docs")},
	}
	if err != nil || !slices.EqualFunc(got, want, func(a, b batch) bool {
		return slices.Equal(a.packages, b.packages) && a.skip == b.skip
	}) {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
}

func TestLeftOut(t *testing.T) {
	const root = "../.."
	for _, o := range leftOut {
		if err := o.exists(root); err != nil || o.why == "" {
			t.Errorf("%s, because %q: %v", o.test, o.why, err)
		}
	}
	list := []omission{{"kassa/a", "TestOne", "w"}, {"kassa/b", "TestTwo/Node", "w"}, {"kassa/b", "TestThree", "w"}}
	for pkg, want := range map[string]string{
		"kassa/a": "^TestOne$", "kassa/b": "^TestTwo$/^Node$|^TestThree$", "kassa/c": "",
	} {
		if got := pattern(list, pkg); got != want {
			t.Errorf("%s leaves out %q, want %q", pkg, got, want)
		}
	}
	for _, gone := range []omission{
		{"kassa/infra/calendar", "TestLeft", "w"}, {"kassa/infra/nowhere", "TestLeftOut", "w"},
		{"kassa/infra/calendar", "TestLeftOut/Cobol", "w"},
	} {
		if err := gone.exists(root); err == nil || !strings.Contains(err.Error(), gone.test) {
			t.Errorf("%s of %s is there: %v", gone.test, gone.pkg, err)
		}
	}
}
