// Package draft writes the directory of a new shop: a settings file in which every setting stands with what it means,
// and the files that it names, as far as they are known.
package draft

import (
	"bytes"
	_ "embed" // of the shop's part; each bank's is its own
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"kassa/infra/kassa/folder"
	"kassa/shared/bank"
	"kassa/shared/boot"
)

//go:embed shop.yaml.tmpl
var shopDraft string

// Shop is what is known of a new shop. What is empty is left for its people to fill in.
type Shop struct {
	ID, Environment, Currency string
	Origins                   []string
	Statuses                  []Status
	WebhookURL                string
	Acknowledge               bool
	Terms                     []int // months
	MinAmount, MaxAmount      int64 // minor units; 0 = no limit
	Loopback                  bool
	Banks                     []Bank
}

// Status is what the shop calls a state of a payment.
type Status struct{ Name, Word string }

// Bank is what is known of one bank.
type Bank struct {
	Name       string
	Merchant   string
	Address    string   // of the bank's API
	Hosts      []string // of its pages
	Auth       string   // how the bank knows the shop: certificate, password, none or login
	Login      string
	Passwords  map[string]string // by the name of the field, without the section it stands in
	PEM        map[string]string // contents of certificate, key and ca
	PublicKeys []string          // contents of the bank's public keys
}

// Of is a bank of which nothing more is known yet.
func Of(name string) Bank {
	return Bank{Name: name, PEM: map[string]string{}, Passwords: map[string]string{}}
}

// Banks are those that a draft can be made for, sorted.
func Banks() []string { return slices.Sorted(maps.Keys(boot.Profiles())) }

// Write makes the directory. One that has a settings file already is left as it is.
func Write(dir string, s Shop) (written []string, err error) {
	text, err := settings(s)
	if err != nil {
		return nil, err
	}
	files := map[string]string{folder.SettingsFile: text,
		".gitignore": "# Private keys and passwords do not belong into a repository.\n*\n"}
	for _, b := range s.Banks {
		maps.Copy(files, b.files())
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the shop's directory: %w", err)
	}
	names := slices.Sorted(maps.Keys(files))
	// before anything is written; the file that people know first
	for _, name := range append([]string{folder.SettingsFile}, names...) {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is there already; it is left as it is", filepath.Join(dir, name))
		}
	}
	for _, name := range names {
		if err := create(filepath.Join(dir, name), files[name]); err != nil {
			return written, fmt.Errorf("write the shop's directory: %w", err)
		}
		written = append(written, name)
	}
	return written, nil
}

// create writes a new file that its owner alone may read.
func create(path, text string) error {
	//nolint:gosec // the caller names its own directory
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// files are the contents that are known, by name.
func (b Bank) files() map[string]string {
	files, name := map[string]string{}, b.prefix()
	for what, text := range b.PEM {
		if text != "" {
			files[name+"-"+what+".pem"] = text
		}
	}
	for field, text := range b.Passwords {
		if text != "" {
			files[name+"-"+strings.ReplaceAll(field, "_", "-")+".txt"] = text + "\n"
		}
	}
	for i, name := range b.KeyFiles() {
		if i < len(b.PublicKeys) {
			files[name] = b.PublicKeys[i]
		}
	}
	return files
}

// prefix begins the names of files: of a gateway that has a section of its own in the secret, they name that, too.
func (b Bank) prefix() string {
	profile := boot.Profiles()[b.Name]
	fields, _ := Fields(profile, b.Auth) // none of a way that the bank does not know
	for _, f := range fields {
		if section := gateway(profile.Secret, f); section != "" {
			return b.Name + "-" + section
		}
	}
	return b.Name
}

// KeyFiles are the names of the files of public keys, of the one that must come at least.
func (b Bank) KeyFiles() (names []string) {
	for i := range max(1, len(b.PublicKeys)) {
		names = append(names, b.Name+"-bank-key-"+strconv.Itoa(i+1)+".pem")
	}
	return names
}

// settings is the text of shop.yaml.
func settings(s Shop) (string, error) {
	data := struct {
		Shop
		Sections []string
	}{Shop: s}
	for _, b := range s.Banks {
		text, err := bank.Draft(b.Name)
		if err == nil {
			text, err = filled(text, b)
		}
		if err != nil {
			return "", err
		}
		data.Sections = append(data.Sections, strings.Trim(text, "\n"))
	}
	return filled(shopDraft, data)
}

// filled is a template with what is known.
func filled(text string, data any) (string, error) {
	t, err := template.New("").Funcs(template.FuncMap{"q": quote, "value": value, "join": join, "off": off}).Parse(text)
	var out bytes.Buffer
	if err == nil {
		err = t.Execute(&out, data)
	}
	if err != nil {
		return "", fmt.Errorf("the template of a shop's settings: %w", err)
	}
	return out.String(), nil
}

// quote writes a text as YAML takes it whatever is in it: JSON's quotes are YAML's.
func quote(text string) (string, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(text)
	return strings.TrimSpace(out.String()), err
}

// value is a text, or a gap with an example beside it.
func value(text, example string) (string, error) {
	if text == "" {
		return "# " + example, nil
	}
	return quote(text)
}

// join writes terms as YAML's list has them.
func join(terms []int) string {
	texts := make([]string, len(terms))
	for i, term := range terms {
		texts[i] = strconv.Itoa(term)
	}
	return strings.Join(texts, ", ")
}

// off puts a # before a setting that is left out.
func off(left bool) string {
	if left {
		return "#"
	}
	return ""
}
