// Package folder reads the directory that describes one shop: shop.yaml, which people edit, and the files that it
// names. Everything that is wrong is found at once and told by file, line and field. The last word have the decoders
// that the functions use, so what is sound here they take.
package folder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/strictyaml"
	"kassa/infra/kassa/vault"
)

// SettingsFile is the file that people edit.
const SettingsFile = "shop.yaml"

// Finding is what is wrong with a shop's directory, or will be soon.
type Finding struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"` // from 1; 0 where no line is to blame
	Field   string `json:"field"`          // such as webhook/url; "" is the whole file
	Serious bool   `json:"serious"`        // stands in the way; the rest are warnings
	Text    string `json:"text"`
}

// String is "shop.yaml:12: webhook/url: what is wrong".
func (f Finding) String() string {
	text := f.File
	if f.Line > 0 {
		text += fmt.Sprintf(":%d", f.Line)
	}
	if f.Field != "" {
		text += ": " + f.Field
	}
	if !f.Serious {
		text += ": warning"
	}
	return text + ": " + f.Text
}

// Folder is a shop as its directory describes it.
type Folder struct {
	Shop        string
	Environment string // test or prod, of every bank
	Settings    map[string]any
	Banks       []Bank
	Findings    []Finding
}

// Bank is one bank of the shop; Secret is what its folder reads.
type Bank struct {
	Name   string
	Secret map[string]any
}

// Sound says whether nothing serious was found.
func (f *Folder) Sound() bool {
	return !slices.ContainsFunc(f.Findings, func(found Finding) bool { return found.Serious })
}

// reading is a directory while it is read.
type reading struct {
	*Folder
	dir      string
	stage    string
	now      time.Time
	settings strictyaml.Document
}

// Read reads a directory for a stage. An error says that there is nothing to read; what is wrong with what there is are
// findings.
func Read(dir, stage string, now time.Time) (*Folder, error) {
	text, err := os.ReadFile(filepath.Join(dir, SettingsFile)) //nolint:gosec // the caller names its own directory
	if errors.Is(err, os.ErrNotExist) {
		return nil, console.Fail(console.NotFound, "there is no %s; kassa shop init %s makes one",
			filepath.Join(dir, SettingsFile), dir)
	}
	if err != nil {
		return nil, console.Fail(console.Failed, "the shop's settings cannot be read: %w", err)
	}
	r := &reading{Folder: &Folder{}, dir: dir, stage: stage, now: now}
	var faults []strictyaml.Fault
	r.settings, faults = strictyaml.Read(text)
	for _, fault := range faults {
		r.add(Finding{Line: fault.Line, Field: strings.TrimPrefix(fault.At, "/"), Serious: true, Text: fault.Text})
	}
	if len(r.settings.Values) > 0 {
		r.take()
		r.examine()
		r.judge()
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return a.Line - b.Line })
	return r.Folder, nil
}

// add notes a finding once.
func (r *reading) add(f Finding) {
	if f.File == "" {
		f.File = SettingsFile
	}
	if !slices.Contains(r.Findings, f) {
		r.Findings = append(r.Findings, f)
	}
}

// fail notes that a field is wrong, unless that was said already: the first fault stands for what follows from it.
func (r *reading) fail(field, format string, values ...any) {
	if !r.failed(field) {
		r.add(Finding{Line: r.settings.Line("/" + field), Field: field, Serious: true, Text: fmt.Sprintf(format, values...)})
	}
}

// warn notes what stands in nobody's way.
func (r *reading) warn(field, format string, values ...any) {
	r.add(Finding{Line: r.settings.Line("/" + field), Field: field, Text: fmt.Sprintf(format, values...)})
}

// failed says whether something serious is known about a field.
func (r *reading) failed(field string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Serious && f.Field == field })
}

// take sorts the settings: the shop's, the whole shop's that every bank has too, and each bank's own.
func (r *reading) take() {
	r.Shop, r.Environment = r.text("shop"), r.text("environment")
	if !r.failed("shop") && !vault.IsShopID(r.Shop) {
		r.fail("shop", "must be the shop's id: 1 to 32 of a-z, 0-9 and -")
	}
	if !slices.Contains([]string{"test", "prod"}, r.Environment) {
		r.fail("environment", "must be test or prod")
	}
	r.Settings = map[string]any{}
	for name, value := range r.settings.Values {
		if !slices.Contains([]string{"shop", "environment", "banks"}, name) {
			r.Settings[name] = value
		}
	}
	r.takeBanks()
}

// takeBanks makes the secret of each bank: its own settings and the two that the whole shop has, which no bank may have
// otherwise.
func (r *reading) takeBanks() {
	all, ok := r.settings.Values["banks"].(map[string]any)
	if !ok || len(all) == 0 {
		r.fail("banks", "must name at least one bank, with its settings below it")
		return
	}
	for _, name := range r.settings.Names("/banks") {
		own, ok := all[name].(map[string]any)
		if !ok {
			r.fail("banks/"+name, "must have the bank's settings below it")
			continue
		}
		secret := map[string]any{"environment": r.Environment}
		if loopback, there := r.settings.Values["insecure_loopback"]; there {
			secret["insecure_loopback"] = loopback
		}
		for field, value := range own {
			if _, common := secret[field]; common || field == "insecure_loopback" {
				r.fail("banks/"+name+"/"+field, "is set for the whole shop, at the top of the file")
				continue
			}
			secret[field] = value
		}
		r.Banks = append(r.Banks, Bank{Name: name, Secret: secret})
	}
}

// text is a top-level string.
func (r *reading) text(name string) string {
	value, there := r.settings.Values[name]
	text, ok := value.(string)
	if there && !ok {
		r.fail(name, "must be a text; put it in quotes")
	}
	return text
}
