// Package draft writes the directory of a new shop: a settings file in which every setting stands with what it means,
// and the files that it names, as far as they are known.
package draft

import (
	"bytes"
	"embed"
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
	"kassa/shared/boot"
)

//go:embed *.tmpl
var templates embed.FS

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
	Password   string
	PEM        map[string]string // contents of certificate, key and ca
	PublicKeys []string          // contents of the bank's public keys
}

// Banks are those that a draft can be made for, sorted.
func Banks() []string { return slices.Sorted(maps.Keys(boot.Profiles())) }

// section is a bank as its template sees it.
type section struct {
	Bank
	PublicKeys []string // names of files

	NoCertificate, NoCA, NoPassword bool
	JSON, NoJSONCA                  bool // of the gateway that takes a login
}

// byLogin is the Auth of a gateway that takes a login.
const byLogin = "login"

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
	files := map[string]string{}
	name := b.Name
	if b.Auth == byLogin {
		name += "-txpg"
	}
	for what, text := range b.PEM {
		if text != "" {
			files[name+"-"+what+".pem"] = text
		}
	}
	if b.Password != "" {
		files[name+"-password.txt"] = b.Password + "\n"
	}
	for i, text := range b.PublicKeys {
		files[b.keyFile(i)] = text
	}
	return files
}

func (b Bank) keyFile(i int) string { return b.Name + "-bank-key-" + strconv.Itoa(i+1) + ".pem" }

// settings is the text of shop.yaml.
func settings(s Shop) (string, error) {
	t, err := template.New("").Funcs(template.FuncMap{"q": quote, "value": value, "join": join, "off": off}).ParseFS(
		templates, "*.tmpl")
	if err != nil {
		return "", fmt.Errorf("the templates of a shop's settings: %w", err)
	}
	data := struct {
		Shop
		Banks []struct{ Section string }
	}{Shop: s}
	for _, b := range s.Banks {
		var text bytes.Buffer
		if err := t.ExecuteTemplate(&text, b.Name+".yaml.tmpl", b.section()); err != nil {
			return "", fmt.Errorf("the settings of %s: %w", b.Name, err)
		}
		data.Banks = append(data.Banks, struct{ Section string }{strings.TrimRight(text.String(), "\n")})
	}
	var text bytes.Buffer
	if err := t.ExecuteTemplate(&text, "shop.yaml.tmpl", data); err != nil {
		return "", fmt.Errorf("the shop's settings: %w", err)
	}
	return text.String(), nil
}

func (b Bank) section() section {
	out := section{Bank: b, JSON: b.Auth == byLogin}
	out.NoCA, out.NoJSONCA = b.PEM["ca"] == "" || out.JSON, b.PEM["ca"] == "" || !out.JSON
	if out.Auth == "" {
		out.Auth = "certificate"
	}
	out.NoCertificate, out.NoPassword = out.Auth != "certificate", out.Auth != "password"
	for i := range max(1, len(b.PublicKeys)) {
		out.PublicKeys = append(out.PublicKeys, b.keyFile(i))
	}
	return out
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
