package kapital

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"kassa/shared/bank/wire"
)

// fields reads the settings that only this bank has.
type fields struct{ *wire.Secret }

var (
	clockForm = regexp.MustCompile(`^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`)
	zoneForm  = regexp.MustCompile(`^[+-](?:0[0-9]|1[0-4]):(?:00|30|45)$`)
)

// clock reads a time of day as the time since midnight.
func (f fields) clock(name, fallback string) time.Duration {
	value := f.Text(name)
	if value == "" {
		value = fallback
	}
	if !clockForm.MatchString(value) {
		f.Wrong(name, `must be a time of day, such as "`+fallback+`"`)
		return 0
	}
	return sixties(value)
}

func (f fields) zone(name, fallback string) *time.Location {
	value := f.Text(name)
	if value == "" {
		value = fallback
	}
	if !zoneForm.MatchString(value) {
		f.Wrong(name, `must be an offset from UTC, such as "`+fallback+`"`)
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
func (f fields) endpoint(name, fallback, auth string) *url.URL {
	u := f.Address(name, fallback)
	if u != nil && auth == authPassword && !strings.HasSuffix(strings.ToLower(u.Path), strings.ToLower(passwordPath)) {
		u.Path = passwordPath
	}
	return u
}

func (f fields) password(auth string) string {
	value := f.Text("password")
	if auth == authPassword && value == "" {
		f.Wrong("password", "is missing; auth password needs it")
	}
	return value
}
