package main

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/infra/bites/mutant"
)

// atRoot is where the command runs.
func atRoot(t *testing.T) {
	t.Helper()
	t.Chdir("../..")
}

// TestMutantsOfASample: each kind of mistake is made, and the tests of the sample notice those that they can.
func TestMutantsOfASample(t *testing.T) {
	atRoot(t)
	m, err := begin(t.Context(), target{path: here + "/testdata/sample"}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m.workers, m.ledger.path = 2, t.TempDir()+"/sample.txt"
	if err := m.measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	var noticed, missed []string
	for _, one := range m.found.Mutants {
		if name := strings.TrimPrefix(one.String(), "sample.go "); m.ledger.of(one).kills() {
			noticed = append(noticed, name)
		} else {
			missed = append(missed, name)
		}
	}
	for what, c := range map[string]struct{ got, want []string }{
		"noticed": {noticed, []string{
			"package: constant: most = 3 -> most = 4",
			"Take: dropped: if n > most { return 0, errMany }",
			"Take: negated: n > most -> n <= most",
			"Take: boundary: n > most -> n >= most",
			"Take: nil error: return 0, errMany -> nil",
			"Take: dropped: if have > 0 && n > 0 { have -= n }",
			"Take: negated: have > 0 -> have <= 0",
			"Take: negated: n > 0 -> n <= 0",
			"Take: dropped: have -= n",
			"Take: arithmetic: have -= n -> have += n",
			"Take: zero value: return have, nil -> the zero int, value 1",
			"Pause: dropped: for range times { d += 2 * time.Second }",
			"Pause: dropped: d += 2 * time.Second",
			"Pause: arithmetic: d += 2 * time.Second -> d -= 2 * time.Second",
			"Pause: constant: 2 * time.Second -> 3 * time.Second",
			"Pause: negated: waits -> !waits",
			"Pause: dropped: d++",
			"Pause: arithmetic: d++ -> d--",
			"Pause: zero value: return d -> the zero time.Duration, value 1",
		}},
		"survived": {missed, []string{
			"Take: connective: have > 0 && n > 0 -> (have > 0) || (n > 0)",
			"Take: boundary: have > 0 -> have >= 0",
			"Take: constant: 0 -> 1",
			"Take: boundary: n > 0 -> n >= 0",
			"Take: constant: 0 -> 1 (2)",
			"Pause: negated: times < 0 -> times >= 0",
			"Pause: boundary: times < 0 -> times <= 0",
			"Pause: constant: 0 -> 1",
			"Pause: dropped: d = d + 1",
			"Pause: arithmetic: d + 1 -> d - 1",
			"Pause: constant: 1 -> 2",
			"Unseen: zero value: return a[1] -> the zero string, value 1",
			"Unseen: constant: 1 -> 2",
		}},
	} {
		slices.Sort(c.got)
		slices.Sort(c.want)
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(c.got, "\n"), strings.Join(c.want, "\n"))
		}
	}
	if m.ledger, err = readLedger(m.ledger.path); err != nil {
		t.Fatal(err)
	}
	if s := m.score(); len(m.open()) != 0 || s.Killed != len(noticed) || len(s.Survivors) != len(missed) {
		t.Errorf("%d are to be judged again, %+v", len(m.open()), s)
	}
}

// TestWhatAChangeLeavesKnown: all but what was known of the declaration that has changed; who has survived other tests
// has survived some.
func TestWhatAChangeLeavesKnown(t *testing.T) {
	const taken = "sample.go Take: negated: n > most -> n <= most"
	folder := t.TempDir()
	find := func(change, to string) *measurement {
		t.Helper()
		source, err := os.ReadFile("testdata/sample/sample.go")
		if err == nil {
			err = os.WriteFile(folder+"/sample.go", []byte(strings.Replace(string(source), change, to, 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		m := &measurement{testsSum: "today"}
		_, export, err := load(t.Context(), "testdata/sample")
		if err == nil {
			m.found, err = mutant.Find(folder, []string{"sample.go"}, func(string) bool { return true }, export)
		}
		if err == nil {
			m.ledger, err = readLedger(folder + "/ledger.txt")
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := find("", "")
	for _, one := range m.found.Mutants {
		m.ledger.set(one, killed)
	}
	for _, one := range m.found.Mutants {
		if one.String() == taken {
			m.ledger.set(one, survived)
		}
	}
	m.ledger.tests = "today"
	if err := m.ledger.write(m.found.Mutants); err != nil {
		t.Fatal(err)
	}
	names := func(m *measurement) (all []string) {
		for _, one := range m.open() {
			all = append(all, one.String())
		}
		return all
	}
	if open := names(find("func Take", "// Said otherwise.\n\nfunc   Take")); len(open) != 0 {
		t.Errorf("a comment opens %q", open)
	}
	for _, name := range names(find("d++", "d += 7")) {
		if !strings.HasPrefix(name, "sample.go Pause: ") {
			t.Errorf("a change of Pause opens %s", name)
		}
	}
	m = find("", "")
	m.testsSum = "tomorrow"
	if open := names(m); !slices.Equal(open, []string{taken}) {
		t.Errorf("another test opens %q", open)
	}
	m.excused = map[string]string{"/" + taken: "nobody cares"}
	if open := names(m); len(open) != 0 {
		t.Errorf("another test opens %q, which is excused", open)
	}
	m.excused, m.quick = nil, time.Second
	if open := names(m); len(open) != 0 {
		t.Errorf("quick tests judge once more %q", open)
	}
	m.renew()
	for _, one := range m.found.Mutants {
		if m.ledger.of(one) == survived {
			t.Errorf("%s is said to have survived tests which it never saw", one)
		}
	}
}

// TestEveryVariantCanBeMade: its text stands in the code once, its tests are there, and a run has seen it noticed.
func TestEveryVariantCanBeMade(t *testing.T) {
	atRoot(t)
	all, err := variants()
	if err != nil {
		t.Fatal(err)
	}
	r, err := readResults()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]int{}
	for _, v := range all {
		of[v.failure]++
		source, err := os.ReadFile(v.file)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if text, err := v.apply(string(source)); err != nil || text == string(source) {
			t.Errorf("%s: %v", v.name, err)
		}
		for _, folder := range v.tests {
			if info, err := os.Stat(folder); err != nil || !info.IsDir() {
				t.Errorf("%s: %s is no package", v.name, folder)
			}
		}
		if r.Variants[v.name] == "" {
			t.Errorf("%s was never seen to be noticed: go run ./infra/bites -write -only %s", v.name, v.name)
		}
	}
	for i := range failures() {
		if of[strconv.Itoa(i+1)] == 0 {
			t.Errorf("no variant is of failure %d", i+1)
		}
	}
	if of[""] < 30 {
		t.Errorf("%d variants are of none of the failures", of[""])
	}
}

// TestABadVariantIsAnError.
func TestABadVariantIsAnError(t *testing.T) {
	const head = "why: w\ntests: a b\nfile: f.go\n"
	for text, want := range map[string]bool{
		head + "<<<<\nold\n====\nnew\n>>>>\n":                    true,
		head + "<<<<\nold\n====\n>>>>\n<<<<\nx\n====\ny\n>>>>\n": true,
		head:                             false,
		head + "<<<<\nold\n>>>>\n":       false,
		head + "<<<<\n====\nnew\n>>>>\n": false,
		"why: w\nfile: f.go\n<<<<\na\n====\n>>>>\n":  false,
		"what: w\n" + head + "<<<<\na\n====\n>>>>\n": false,
	} {
		if _, err := parseVariant(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
	v := variant{edits: []edit{{"old", "new"}, {"x", ""}}}
	if text, err := v.apply("an old x"); err != nil || text != "an new " {
		t.Errorf("%q, %v", text, err)
	}
	for _, source := range []string{"an x", "old x old", "old"} {
		if text, err := v.apply(source); err == nil {
			t.Errorf("%q became %q", source, text)
		}
	}
}

// TestEveryExcuseIsOfAMutant that there is, and is of one that was not killed.
func TestEveryExcuseIsOfAMutant(t *testing.T) {
	atRoot(t)
	excused, err := equivalents()
	if err != nil {
		t.Fatal(err)
	}
	all, err := targets()
	if err != nil {
		t.Fatal(err)
	}
	left := maps.Clone(excused)
	for _, target := range all {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(excused)), func(name string) bool {
			return strings.HasPrefix(name, target.path+"/")
		}) {
			continue
		}
		m, err := begin(t.Context(), target, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range m.found.Mutants {
			delete(left, target.path+"/"+one.String())
		}
	}
	for name := range left {
		t.Errorf("equivalent.txt excuses what is no mutant: %s", name)
	}
}

// TestThePageSaysWhatTheResultsSay.
func TestThePageSaysWhatTheResultsSay(t *testing.T) {
	atRoot(t)
	r, err := readResults()
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir() + "/page.md"
	if err := os.WriteFile(copied, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.writePage(copied); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(copied); string(after) != string(before) {
		t.Errorf("%s must say\n%s", page, after)
	}
}
