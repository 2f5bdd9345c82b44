package bench

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"kassa/infra/figures"
)

// Write keeps results and makes the page and its chart anew, so that one command does all. Root is the repository's
// folder.
func Write(root string, r Results) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	// a program a line, so that two runs can be compared
	lines := strings.ReplaceAll(strings.ReplaceAll(string(text), `},"`, "},\n\""), `:{"`, ":{\n\"")
	err = os.WriteFile(filepath.Join(root, "infra/bench/results/results.json"), []byte(lines+"\n"), 0o600)
	if err != nil {
		return err
	}
	l, err := MeasuredLocal()
	if err != nil {
		return err
	}
	return WritePage(root, r, l)
}

// The page and its chart, from the repository's folder.
const (
	thePage  = "docs/performance.md"
	theChart = "docs/pictures/performance.svg"
)

// WritePage makes the page and its chart anew.
func WritePage(root string, r Results, l Local) error {
	page, err := Page(root, r, l)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, theChart), []byte(Chart(r)), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, thePage), []byte(page), 0o600)
}

// Page is the page as it must be: its words as they stand, its tables as they follow from the results. A table that the
// page does not show is an error, so that none is forgotten.
func Page(root string, r Results, l Local) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, thePage)) //nolint:gosec // the caller names the repository
	if err != nil {
		return "", err
	}
	tables := Tables(r)
	maps.Copy(tables, l.tables())
	return figures.Fill(string(text), tables)
}
