package shop

import (
	"log/slog"

	"kassa/shared/bitrix24"
)

// Bitrix24 is the shop's portal. Whoever has its address may mark any payment of the portal as paid, so it is told to
// nobody.
type Bitrix24 struct {
	URL string // of an incoming webhook, as bitrix24.CheckURL takes it; empty = the shop has no portal
}

// String keeps the address out of %v and %s.
func (b Bitrix24) String() string {
	if b.URL == "" {
		return "no portal"
	}
	return "a portal"
}

// GoString keeps the address out of %#v.
func (b Bitrix24) GoString() string { return b.String() }

// LogValue keeps the address out of logs.
func (b Bitrix24) LogValue() slog.Value { return slog.StringValue(b.String()) }

// MarshalText keeps the address out of JSON.
func (b Bitrix24) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// bitrix24 reads that member. The form of its address depends on other settings, see checkBitrix24.
func (d *decoder) bitrix24(at string, raw []byte, to *Bitrix24) {
	d.object(at, raw, map[string]func(string, []byte){
		"url": func(at string, raw []byte) {
			if d.value(at, raw, &to.URL, "must be a string") && to.URL == "" {
				d.fail(at, "must not be empty; leave bitrix24 out for none")
			}
		},
	}, "url")
}

func (d *decoder) checkBitrix24(b Bitrix24, insecureLoopback bool) {
	if b.URL == "" {
		return
	}
	if err := bitrix24.CheckURL(b.URL, insecureLoopback); err != nil {
		d.fail("/bitrix24/url", err.Error())
	}
}
