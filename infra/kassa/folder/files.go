// The files that shop.yaml names, on their way into the bank's secret: a setting such as certificate_file becomes the
// field certificate with the file's text. People keep secrets in files of their own, so that shop.yaml can be shown
// and put under version control.

package folder

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"kassa/infra/kassa/certificate"
	"kassa/shared/bank"
	"kassa/shared/boot"
	"kassa/shared/strict"
)

// settingOf is the setting that people write for a field of a bank's secret: the name of a file, where it is kept in
// one, and a list of such names for several.
func settingOf(f bank.Field) string {
	switch {
	case f.Role == bank.RolePublicKeys:
		return strings.TrimSuffix(f.Name, "s") + "_files"
	case f.File():
		return f.Name + "_file"
	}
	return f.Name
}

// examine reads the files that the banks' settings name, and says what is wrong with them. A secret's inner object is
// copied before its fields are replaced, because the settings that were read are still asked for the names of files.
// Files of a gateway with a section of its own are told by that section's settings, so that two gateways may each have
// a ca_file.
func (r *reading) examine() {
	for _, b := range r.Banks {
		sections := map[string][]bank.Field{}
		for _, f := range boot.Profiles()[b.Name].Secret {
			section, name := path.Split(f.Name)
			if f.Name = name; f.File() {
				sections[section] = append(sections[section], f)
			}
		}
		for section, fields := range sections {
			object, inner := b.Secret, strings.TrimSuffix(section, "/")
			if inner != "" {
				object, _ = b.Secret[inner].(map[string]any)
				object = maps.Clone(object)
			}
			if object != nil {
				r.files("banks/"+b.Name+"/"+section, object, fields)
			}
			if object != nil && inner != "" {
				b.Secret[inner] = object
			}
		}
		r.strangers(b)
	}
}

// strangers refuses the shop's own key among those of its bank, by which no message of the bank's would ever verify.
func (r *reading) strangers(b Bank) {
	text, _ := b.Secret["key"].(string)
	own, _ := certificate.PrivateKey(text)
	for _, f := range boot.Profiles()[b.Name].Secret {
		keys, _ := At(b.Secret, f.Name).([]any)
		if own == nil || f.Role != bank.RolePublicKeys {
			continue
		}
		at := "banks/" + b.Name + "/" + settingOf(f)
		names, _ := r.named(at).([]any)
		for i, name := range names {
			if len(keys) == len(names) && certificate.IsOwn(fmt.Sprint(keys[i]), own) {
				r.fail(fmt.Sprintf("%s/%d", at, i), "%v holds the shop's own key, and not the bank's; give the public key or "+
					"the certificate that the bank signs with", name)
			}
		}
	}
}

// files puts the contents of files in the place of their names, and holds them against each other. A secret that stands
// in shop.yaml itself is refused, even though it would work: the file is meant to be shown around.
func (r *reading) files(at string, secret map[string]any, fields []bank.Field) {
	for _, f := range fields {
		setting, kind := settingOf(f), "a file of its own; name the file as"
		name, there := secret[setting]
		delete(secret, setting)
		if f.Role == bank.RolePublicKeys {
			kind = "files of their own; name the files as"
		}
		if _, inline := secret[f.Name]; inline {
			r.fail(at+f.Name, "must stand in %s %s", kind, setting)
			delete(secret, f.Name)
		}
		if f.Role == bank.RolePublicKeys {
			if keys := r.publicKeys(at+setting, name, there); keys != nil {
				secret[f.Name] = keys
			}
		} else if text := r.file(at+setting, name, f.Role); text != "" {
			secret[f.Name] = text
		}
	}
	r.fit(at, secret)
}

// file reads one file as its role wants it; "" when it cannot be used, which is noted.
func (r *reading) file(setting string, name any, role bank.Role) string {
	path, ok := name.(string)
	if name == nil {
		return ""
	}
	if !ok || path == "" || strings.Contains(path, "\n") {
		r.fail(setting, "must be the name of a file")
		return ""
	}
	content, err := r.load(path, role == bank.RoleKey || role == bank.RolePassword, setting)
	if err != nil {
		r.fail(setting, "%s %v", path, err)
		return ""
	}
	text, remarks := plain(content), []certificate.Remark(nil)
	if form, isPEM := formOf(role); isPEM {
		text, remarks = certificate.Text(form, content)
	} else if text == "" {
		r.fail(setting, "%s must hold one line of text", path)
	}
	r.remark(setting, path, remarks)
	return text
}

// formOf is what the file of a role must be; false for a plain text on one line, such as a password.
func formOf(role bank.Role) (certificate.Role, bool) {
	form, isPEM := map[bank.Role]certificate.Role{bank.RoleCertificate: certificate.Client, bank.RoleKey: certificate.Key,
		bank.RoleCA: certificate.CA, bank.RolePublicKeys: certificate.PublicKey}[role]
	return form, isPEM
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

// load reads a file, relative to the shop's directory. Errors are the end of a sentence that begins with its name. A
// private one that others may read is a warning alone: on some file systems nobody can mend that.
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

// publicKeys reads the files of the keys that a bank signs with; nil when none is named. Several are the ordinary state
// while a bank changes its key; the same key twice means that the new one was never fetched.
func (r *reading) publicKeys(at string, names any, there bool) []any {
	list, ok := names.([]any)
	if there && !ok {
		r.fail(at, "must be a list of names of files: [bank-key.pem]")
	}
	if len(list) == 0 {
		return nil
	}
	keys, texts := []any{}, make([]string, len(list))
	for i, name := range list {
		field := fmt.Sprintf("%s/%d", at, i)
		texts[i] = r.file(field, name, bank.RolePublicKeys)
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
	return keys
}

// fit holds certificate, key and CA of a bank against each other and the calendar. Each pair is only looked at when
// both could be read: a fault of one file is told once, not once more for each that it should fit.
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
func (r *reading) named(path string) any { return At(r.settings.Values, path) }

// At is the value at a path of names in settings or in a secret; nil where there is none.
func At(values map[string]any, path string) any {
	var value any = values
	for name := range strings.SplitSeq(path, "/") {
		inner, _ := value.(map[string]any)
		value = inner[name]
	}
	return value
}
