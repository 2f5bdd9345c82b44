package kapital

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kassa/shared/bank/wire"
	"kassa/shared/payment"
)

// fields reads a JSON object field by field and gathers everything that is wrong with it. Values are never part of a message:
// the object is a secret.
type fields struct {
	raw      map[string]json.RawMessage
	prefix   string
	problems []payment.FieldError
}

// readFields takes the object apart. encoding/json alone would keep the last of two equal names and ignore letter case.
func readFields(object []byte) (*fields, error) {
	if !utf8.Valid(object) {
		return nil, errors.New("it is not UTF-8")
	}
	f := &fields{raw: map[string]json.RawMessage{}}
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("it is not a JSON object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("it is not valid JSON near byte %d", d.InputOffset())
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("it is not valid JSON near byte %d", d.InputOffset())
		}
		text, _ := name.(string) // a name of an object is always a string
		if _, twice := f.raw[text]; twice {
			f.wrong(text, "stands twice")
		}
		f.raw[text] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("it is not valid JSON near byte %d", d.InputOffset())
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return f, nil
}

func (f *fields) wrong(name, why string) {
	f.problems = append(f.problems, payment.FieldError{Pointer: f.prefix + "/" + name, Code: "wrong", Detail: why})
}

// take hands a field out once, so that what is left in the end is unknown. A field of the wrong type counts as absent.
func (f *fields) take(name string, into any, kind string) {
	raw, ok := f.raw[name]
	delete(f.raw, name)
	if !ok {
		return
	}
	if string(raw) == "null" || json.Unmarshal(raw, into) != nil {
		f.wrong(name, "must be "+kind)
	}
}

func (f *fields) text(name string) string {
	var value string
	f.take(name, &value, "a string")
	return value
}

func (f *fields) flag(name string) bool {
	var value bool
	f.take(name, &value, "true or false")
	return value
}

func (f *fields) list(name string) []string {
	var value []string
	f.take(name, &value, "a list of strings")
	return value
}

func (f *fields) matching(name string, form *regexp.Regexp, what string) string {
	value := f.text(name)
	if !form.MatchString(value) {
		f.wrong(name, "must be "+what)
	}
	return value
}

// oneOf takes a word in any letter case and returns it as it stands in allowed. An empty fallback makes the field required.
func (f *fields) oneOf(name, fallback string, allowed ...string) string {
	value := f.text(name)
	if value == "" && fallback != "" {
		return fallback
	}
	for _, a := range allowed {
		if strings.EqualFold(a, value) {
			return a
		}
	}
	f.wrong(name, "must be one of: "+strings.Join(allowed, ", "))
	return fallback
}

func (f *fields) duration(name string, fallback, least, most time.Duration) time.Duration {
	value := f.text(name)
	if value == "" {
		return fallback
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < least || d > most {
		f.wrong(name, fmt.Sprintf(`must be a duration from %s to %s, such as "%s"`, least, most, fallback))
		return fallback
	}
	return d
}

var (
	clockForm = regexp.MustCompile(`^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`)
	zoneForm  = regexp.MustCompile(`^[+-](?:0[0-9]|1[0-4]):(?:00|30|45)$`)
)

// clock reads a time of day as the time since midnight.
func (f *fields) clock(name, fallback string) time.Duration {
	value := f.text(name)
	if value == "" {
		value = fallback
	}
	if !clockForm.MatchString(value) {
		f.wrong(name, `must be a time of day, such as "`+fallback+`"`)
		return 0
	}
	return sixties(value)
}

func (f *fields) zone(name, fallback string) *time.Location {
	value := f.text(name)
	if value == "" {
		value = fallback
	}
	if !zoneForm.MatchString(value) {
		f.wrong(name, `must be an offset from UTC, such as "`+fallback+`"`)
		return time.UTC
	}
	offset := sixties(value[1:])
	if value[0] == '-' {
		offset = -offset
	}
	return time.FixedZone("bank", int(offset/time.Second))
}

// sixties reads HH:MM that a form has checked.
func sixties(text string) time.Duration {
	digit := func(i int) time.Duration { return time.Duration(text[i] - '0') }
	return (digit(0)*10+digit(1))*time.Hour + (digit(3)*10+digit(4))*time.Minute
}

// passwordPath is the gateway's other door (facts A1).
const passwordPath = "/ExecPasswordAuth"

// endpoint reads the address of the gateway. With auth password a path that is not the password door is replaced by it.
func (f *fields) endpoint(name, fallback, auth string) *url.URL {
	value := f.text(name)
	if value == "" {
		value = fallback
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		f.wrong(name, "must be an https address without user, query and fragment")
		return nil
	}
	if auth == authPassword && !strings.HasSuffix(strings.ToLower(u.Path), strings.ToLower(passwordPath)) {
		u.Path = passwordPath
	}
	return u
}

var hostForm = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?$`)

func (f *fields) hosts(name string, fallback []string) []string {
	list := f.list(name)
	if len(list) == 0 {
		return fallback
	}
	for i, host := range list {
		list[i] = strings.TrimSuffix(strings.ToLower(host), ":443")
		if !hostForm.MatchString(list[i]) {
			f.wrong(name, fmt.Sprintf(`entry %d must be a host such as "pg.kapitalbank.az" or "pg.kapitalbank.az:8443"`, i+1))
		}
	}
	return list
}

func (f *fields) password(auth string) string {
	value := f.text("password")
	if auth == authPassword && value == "" {
		f.wrong("password", "is missing; auth password needs it")
	}
	return value
}

// trust reads certificate, key and ca. A certificate serves with every auth; auth certificate demands it.
func (f *fields) trust(auth string, now time.Time) (*tls.Certificate, *x509.CertPool) {
	certificate, key, bundle := f.text("certificate"), f.text("key"), f.text("ca")
	var roots *x509.CertPool
	if bundle != "" {
		var err error
		roots, err = wire.Roots(bundle)
		f.pem(err)
	}
	if certificate == "" && key == "" && auth != authCertificate {
		return nil, roots
	}
	for name, value := range map[string]string{"certificate": certificate, "key": key} {
		if value == "" {
			f.wrong(name, "is missing; certificate and key belong together, and auth certificate needs them")
		}
	}
	if certificate == "" || key == "" {
		return nil, roots
	}
	pair, err := wire.Pair(certificate, key)
	if err != nil {
		f.pem(err)
		return nil, roots
	}
	if v := wire.ValidityOf(pair, now); !v.Usable(now) {
		f.wrong("certificate", fmt.Sprintf("is valid from %s to %s and not today; ask the bank for a new one",
			v.NotBefore.Format(time.DateOnly), v.NotAfter.Format(time.DateOnly)))
	}
	return &pair, roots
}

func (f *fields) pem(err error) {
	if wrong, ok := errors.AsType[*wire.PEMError](err); ok {
		f.wrong(wrong.Part, wrong.Why)
	}
}

// rest finds what nobody took: a field that does not exist, most likely misspelt.
func (f *fields) rest() {
	for _, name := range slices.Sorted(maps.Keys(f.raw)) {
		f.wrong(fmt.Sprintf("%.40s", name), "is not a field of this secret")
	}
}

// verdict names everything that was wrong; nil when nothing was.
func (f *fields) verdict() error {
	f.rest()
	if len(f.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(f.problems, func(a, b payment.FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	var all []string
	for _, p := range f.problems {
		all = append(all, strings.TrimPrefix(p.Pointer, "/")+" "+p.Detail)
	}
	return &payment.Error{Kind: payment.Misconfigured, Message: "the bank secret of kapital is wrong: " + strings.Join(all, "; "), Fields: f.problems}
}

// isLoopback says whether a host name can only be this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
