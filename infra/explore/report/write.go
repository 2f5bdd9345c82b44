package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"kassa/infra/figures"
)

// The page, its picture and the results, from the repository's folder.
const (
	thePage    = "docs/reliability.md"
	thePicture = "docs/pictures/reliability.svg"
	theResults = "infra/explore/report/histories.json"
)

// Write keeps results and makes the page and its picture anew. Root is the repository's folder.
func Write(root string, r Results) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	// a call a line, so that two searches can be compared
	lines := strings.NewReplacer(`},{`, "},\n{", `":[{`, "\":[\n{").Replace(string(text))
	if err := os.WriteFile(filepath.Join(root, theResults), []byte(lines+"\n"), 0o600); err != nil {
		return err
	}
	return WritePage(root, r)
}

// WritePage makes the page and its picture anew.
func WritePage(root string, r Results) error {
	page, err := Page(root, r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, thePicture), []byte(Chart(r)), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, thePage), []byte(page), 0o600)
}

// Page is the page as it must be: its words as they stand, its tables as they follow from the results.
func Page(root string, r Results) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, thePage)) //nolint:gosec // the caller names the repository
	if err != nil {
		return "", err
	}
	return figures.Fill(string(text), Tables(r))
}
