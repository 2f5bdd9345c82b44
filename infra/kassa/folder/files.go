package folder

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"kassa/infra/kassa/certificate"
	"kassa/shared/strict"
)

// fileField is a setting that names a file, whose content becomes a field of the bank's secret. A field with a slash is
// one of an inner object.
type fileField struct {
	setting string
	field   string
	role    certificate.Role // "" is a plain text on one line, such as a password
	private bool             // nobody else may read the file
}

// fileFields are all that banks have. A setting that a bank does not know is refused by the bank's own decoder.
func fileFields() []fileField {
	return []fileField{
		{"certificate_file", "certificate", certificate.Client, false},
		{"key_file", "key", certificate.Key, true},
		{"ca_file", "ca", certificate.CA, false},
		{"password_file", "password", "", true},
		{"secret_key_file", "secret_key", "", true},
	}
}

// The settings that name the files of a bank's public keys, and where they go.
const (
	keyFiles   = "public_key_files"
	publicKeys = "public_keys"
	callback   = "callback"
)

// sections are the objects of a bank's secret that name files as the secret itself does.
func sections() []string { return []string{"txpg"} }

// examine reads the files that the banks' settings name, and says what is wrong with them.
func (r *reading) examine() {
	for _, b := range r.Banks {
		at := "banks/" + b.Name + "/"
		r.files(at, b.Secret)
		for _, name := range sections() {
			if inner, ok := b.Secret[name].(map[string]any); ok {
				inner = maps.Clone(inner)
				b.Secret[name] = inner
				r.files(at+name+"/", inner)
			}
		}
		r.publicKeys(at+callback+"/", b.Secret)
	}
}

// files puts the contents of files in the place of their names, and holds them against each other.
func (r *reading) files(at string, secret map[string]any) {
	for _, f := range fileFields() {
		if _, inline := secret[f.field]; inline {
			r.fail(at+f.field, "must stand in a file of its own; name the file as %s", f.setting)
			delete(secret, f.field)
		}
		name, there := secret[f.setting]
		delete(secret, f.setting)
		if text := r.file(at+f.setting, name, f); there && text != "" {
			secret[f.field] = text
		}
	}
	r.fit(at, secret)
}

// file reads one file as its role wants it; "" when it cannot be used, which is noted.
func (r *reading) file(setting string, name any, f fileField) string {
	path, ok := name.(string)
	if name == nil {
		return ""
	}
	if !ok || path == "" || strings.Contains(path, "\n") {
		r.fail(setting, "must be the name of a file")
		return ""
	}
	content, err := r.load(path, f.private, setting)
	if err != nil {
		r.fail(setting, "%s %v", path, err)
		return ""
	}
	text, remarks := plain(content), []certificate.Remark(nil)
	if f.role != "" {
		text, remarks = certificate.Text(f.role, content)
	} else if text == "" {
		r.fail(setting, "%s must hold one line of text", path)
	}
	r.remark(setting, path, remarks)
	return text
}

// plain is a text on one line; "" for anything else.
func plain(content []byte) string {
	text := string(strict.Bare(content))
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\x00") {
		return ""
	}
	return text
}

// maxFile is more than any of these files has, in bytes.
const maxFile = 1 << 20

func (r *reading) load(path string, private bool, setting string) ([]byte, error) {
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(r.dir, path)
	}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errors.New("is not there; names are relative to the shop's directory")
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", err)
	case info.IsDir():
		return nil, errors.New("is a directory")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("has %d bytes, which is far too long", info.Size())
	}
	if private && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		r.warn(setting, "%s can be read by others on this machine; chmod 600 keeps it yours", path)
	}
	content, err := os.ReadFile(full) //nolint:gosec // the shop's own settings name it
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	return content, nil
}

// remark notes what is to be said about a file.
func (r *reading) remark(setting, path string, remarks []certificate.Remark) {
	for _, one := range remarks {
		if one.Serious {
			r.fail(setting, "%s %s", path, one.Text)
		} else {
			r.warn(setting, "%s %s", path, one.Text)
		}
	}
}

// publicKeys reads the files of the keys that a bank signs with.
func (r *reading) publicKeys(at string, secret map[string]any) {
	inner, ok := secret[callback].(map[string]any)
	if !ok {
		return
	}
	inner = maps.Clone(inner)
	secret[callback] = inner
	if _, inline := inner[publicKeys]; inline {
		r.fail(at+publicKeys, "must stand in files of their own; name the files as %s", keyFiles)
		delete(inner, publicKeys)
	}
	names, there := inner[keyFiles]
	delete(inner, keyFiles)
	list, ok := names.([]any)
	if there && !ok {
		r.fail(at+keyFiles, "must be a list of names of files: [bank-key.pem]")
	}
	keys, texts := []any{}, make([]string, len(list))
	for i, name := range list {
		field := fmt.Sprintf("%s%s/%d", at, keyFiles, i)
		texts[i] = r.file(field, name, fileField{role: certificate.PublicKey})
		if texts[i] == "" {
			continue
		}
		first := slices.IndexFunc(texts, func(text string) bool { return certificate.SameBankKey(text, texts[i]) })
		if first < i {
			r.fail(field, "%v holds the same key as %v; a rotation needs the bank's new key beside the old, so get that, or "+
				"take this one out", name, list[first])
		}
		keys = append(keys, texts[i])
		r.remark(field, fmt.Sprint(name), certificate.BankKey(texts[i]))
	}
	if len(list) > 0 {
		inner[publicKeys] = keys
	}
}

// fit holds certificate, key and CA of a bank against each other and the calendar.
func (r *reading) fit(at string, secret map[string]any) {
	said := func(field string) (text, path string) {
		text, _ = secret[field].(string)
		path, _ = r.named(at + field + "_file").(string)
		return text, path
	}
	var chain, bundle []*x509.Certificate
	var key crypto.Signer
	var remarks []certificate.Remark
	keyText, keyPath := said("key")
	if keyText != "" {
		key, remarks = certificate.PrivateKey(keyText)
		r.remark(at+"key_file", keyPath, remarks)
	}
	chainText, certificatePath := said("certificate")
	if chainText != "" {
		chain, remarks = certificate.Chain(chainText, key, r.now)
		r.remark(at+"certificate_file", certificatePath, remarks)
	}
	if text, path := said("ca"); text != "" {
		bundle, remarks = certificate.Authorities(text, r.now)
		r.remark(at+"ca_file", path, remarks)
	}
	if chain != nil && key != nil {
		r.remark(at+"key_file", keyPath, certificate.Match(chain, key))
	}
	if chain != nil && bundle != nil {
		r.remark(at+"certificate_file", certificatePath, certificate.Issued(chain, bundle))
	}
}

// named is the value of a setting by its path.
func (r *reading) named(path string) any {
	var value any = r.settings.Values
	for name := range strings.SplitSeq(path, "/") {
		inner, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = inner[name]
	}
	return value
}

// settingOf is the setting that people write for a field of a bank's secret.
func settingOf(field string) string {
	if field == callback+"/"+publicKeys {
		return callback + "/" + keyFiles
	}
	section, name, inner := strings.Cut(field, "/")
	if inner && slices.Contains(sections(), section) {
		return section + "/" + settingOf(name)
	}
	i := slices.IndexFunc(fileFields(), func(f fileField) bool { return f.field == field })
	if i < 0 {
		return field
	}
	return fileFields()[i].setting
}
