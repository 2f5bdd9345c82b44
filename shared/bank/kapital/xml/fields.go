package xml

import (
	"net/url"
	"strings"

	"kassa/shared/bank/exchange"
)

// fields reads the settings that only this bank has.
type fields struct{ *exchange.Secret }

// passwordPath is the gateway's other door.
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
