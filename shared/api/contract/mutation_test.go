package contract

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var choose = flag.String("choose", "",
	"folder of fresh recordings to choose testdata/exchanges.json from; `make exchanges` gives it")

const golden = "testdata/exchanges.json"

// specimen is something that was said.
type specimen struct {
	recording
	text string // all of it, to find words in
}

func specimens(t *testing.T, recordings []recording) []specimen {
	t.Helper()
	all := make([]specimen, 0, len(recordings))
	for _, r := range recordings {
		text := []string{}
		if e := r.Exchange; e != nil {
			text = append(text, e.Path, e.Body, e.Answer, words(e.Header), words(e.AnswerHeader))
		} else {
			text = append(text, r.Message.Body, words(r.Message.Header))
		}
		all = append(all, specimen{r, strings.Join(text, "\n")})
	}
	return all
}

func words(header map[string]string) (all string) {
	for name, value := range header {
		all += name + ": " + value + "\n"
	}
	return all
}

func (s specimen) check(d *Document) error {
	if s.Message != nil {
		return d.CheckWebhook(*s.Message)
	}
	return d.Check(*s.Exchange)
}

// kills says whether s is not documented any more once m is taken away.
func (s specimen) kills(d *Document, m mutant) bool {
	if !strings.Contains(s.text, m.word) {
		return false
	}
	defer m.take()()
	return s.check(d) != nil
}

// TestNothingCanBeTakenAway: whatever property, value of an enumeration, status, header, type, parameter or webhook is
// taken away from openapi.yaml, something that the handlers were once recorded to say is not documented any more. So
// the document holds nothing that the code does not do; that it lacks nothing, every handler test sees for itself.
func TestNothingCanBeTakenAway(t *testing.T) {
	if testing.Short() {
		t.Skip("it only computes, for which the race detector takes a hundred seconds")
	}
	d := document(t)
	var recordings []recording
	if *choose != "" {
		recordings = fresh(t, *choose)
	} else {
		text, err := os.ReadFile(golden)
		if err == nil {
			err = json.Unmarshal(text, &recordings)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	pool := slices.Concat(specimens(t, recordings), specimens(t, gateway(d)))
	for _, s := range pool {
		if err := s.check(d); err != nil {
			t.Errorf("%v\nwas recorded; `make exchanges` records anew", err)
		}
	}
	if t.Failed() {
		return
	}
	used := map[int]bool{}
	all := mutants(d)
	for _, m := range all {
		i := first(d, pool, m, used)
		if i < 0 {
			t.Errorf("%s is in openapi.yaml, and nothing that was recorded needs it: test it and `make exchanges`, or take "+
				"it out", m.where)
			continue
		}
		used[i] = true
	}
	t.Logf("%d things were taken away, one by one; %d of %d exchanges and messages were needed to miss them", len(all),
		len(used), len(pool))
	if *choose != "" {
		keep(t, recordings, used)
	}
}

// first finds what kills m, among those that killed others before if possible.
func first(d *Document, pool []specimen, m mutant, used map[int]bool) int {
	for _, again := range []bool{true, false} {
		for i, s := range pool {
			if used[i] == again && s.kills(d, m) {
				return i
			}
		}
	}
	return -1
}

func document(t *testing.T) *Document {
	t.Helper()
	path, err := Path()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	d.walked = true
	return d
}

// gateway is what API Gateway answers by itself, to every operation. Its words are AWS's.
func gateway(d *Document) (all []recording) {
	for path, item := range d.doc.Paths.Map() {
		for method := range item.Operations() {
			for status, message := range map[int]string{413: "Request Entity Too Large", 429: "Too Many Requests",
				500: "Internal Server Error", 503: "Service Unavailable"} {
				all = append(all, recording{Exchange: &Exchange{Method: method, Path: strings.ReplaceAll(path, "{id}", "x"),
					Status:       status,
					AnswerHeader: map[string]string{gatewayID: "x", "content-type": "application/json"},
					Answer:       fmt.Sprintf(`{"message":%q}`, message)}})
			}
		}
	}
	return all
}

// fresh reads the recordings of a whole run.
func fresh(t *testing.T, folder string) (all []recording) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings in", folder, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r recording
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(file, err)
		}
		if r.Exchange != nil {
			settled := r.Exchange.withoutChance()
			r.Exchange = &settled
		}
		all = append(all, r)
	}
	return all
}

func keep(t *testing.T, recordings []recording, used map[int]bool) {
	t.Helper()
	var kept []recording
	for i, r := range recordings {
		if used[i] {
			kept = append(kept, r)
		}
	}
	text, err := json.MarshalIndent(kept, "", " ")
	if err == nil {
		err = os.WriteFile(golden, append(text, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
