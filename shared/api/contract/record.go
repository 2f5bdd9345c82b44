package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// recordTo names the environment variable that asks for recordings: the folder that every exchange and message of a
// test run is written to. `make exchanges` makes testdata of them.
const recordTo = "KASSA_EXCHANGES"

// recording is one exchange or one message, in a file of its own.
type recording struct {
	Exchange *Exchange `json:"exchange,omitempty"`
	Message  *Message  `json:"message,omitempty"`
}

// Exchanged holds one exchange to the document, and fails the test where it is not what is written there.
func Exchanged(t testing.TB, e Exchange) {
	t.Helper()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Check(e); err != nil {
		t.Error(err)
	}
	record(t, recording{Exchange: &e})
}

// What a run draws at random, and what is counted from it, would make every recording differ.
var (
	drawnToken = regexp.MustCompile(`ct_[A-Za-z0-9_-]{22}`)
	drawnTag   = regexp.MustCompile(`W/"[A-Za-z0-9_-]{16}"`)
)

func (e Exchange) withoutChance() Exchange {
	settle := func(text string) string {
		text = drawnToken.ReplaceAllString(text, "ct_"+strings.Repeat("A", 22))
		return drawnTag.ReplaceAllString(text, `W/"`+strings.Repeat("A", 16)+`"`)
	}
	for _, header := range []map[string]string{e.Header, e.AnswerHeader} {
		for name, value := range header {
			header[name] = settle(value)
		}
	}
	e.Body, e.Answer = settle(e.Body), settle(e.Answer)
	if e.Status >= http.StatusBadRequest {
		e.Body = "" // nobody looks at what was refused, and some of it is very long
	}
	return e
}

var notInFiles = regexp.MustCompile(`[^A-Za-z0-9]+`)

// record writes what was held to the document into the folder that the environment names, if it names one.
func record(t testing.TB, r recording) {
	t.Helper()
	folder := os.Getenv(recordTo)
	if folder == "" {
		return
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(here) + "-" + notInFiles.ReplaceAllString(t.Name(), "-")
	for n := 1; ; n++ {
		path := filepath.Join(folder, fmt.Sprintf("%s-%03d.json", name, n))
		//nolint:gosec // G304: in the folder that a developer names
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil {
			_, err = file.Write(text)
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
}
