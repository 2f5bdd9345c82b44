package shopcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/draft"
	"kassa/infra/kassa/place"
	"kassa/infra/kassa/vault"
)

// gather asks for what no flag has said, where somebody can be asked, and reads the bank's files.
func (f *founding) gather(c *console.Console) error {
	origin := ""
	for _, q := range []struct {
		question string
		answer   *string
		given    bool
	}{
		{"Environment, for good: test or prod", &f.Environment, f.Environment != ""},
		{"Origin that customers return to, such as https://shop.example", &origin, len(f.Origins) > 0},
		{"Webhook address (empty for none)", &f.WebhookURL, f.WebhookURL != ""},
		{"What the shop calls a paid order (empty for our names)", &f.onSuccess, f.onSuccess+f.onError != ""},
		{"What it calls one whose payment failed", &f.onError, f.onSuccess+f.onError != ""},
	} {
		if q.given {
			continue
		}
		var err error
		if *q.answer, err = c.Ask(q.question, ""); err != nil {
			return err
		}
	}
	if origin != "" {
		f.Origins = []string{origin}
	}
	for _, name := range f.banks {
		b, err := f.gatherBank(c, name)
		if err != nil {
			return err
		}
		f.Banks = append(f.Banks, b)
	}
	return nil
}

func (f *founding) gatherBank(c *console.Console, name string) (b draft.Bank, err error) {
	b = draft.Bank{Name: name, Address: f.address, Hosts: f.hosts, Auth: f.auth, PEM: map[string]string{}}
	if b.Merchant, err = f.given(c, name+": merchant or partner id", f.merchant); err != nil {
		return b, err
	}
	if b.Auth == "password" {
		if b.Password, err = c.AskSecret(name + ": password"); err != nil {
			return b, err
		}
	}
	for _, file := range []struct{ what, question, path string }{
		{"certificate", "PEM file of the client certificate (empty: put it there later)", f.certificate},
		{"key", "PEM file of its private key", f.key},
		{"ca", "PEM file of the bank's CA", f.ca},
	} {
		path := file.path
		if b.Auth == "" || b.Auth == "certificate" {
			if path, err = f.given(c, name+": "+file.question, path); err != nil {
				return b, err
			}
		}
		if b.PEM[file.what], err = content(path); err != nil {
			return b, err
		}
	}
	for _, path := range f.publicKeys {
		text, err := content(path)
		if err != nil {
			return b, err
		}
		b.PublicKeys = append(b.PublicKeys, text)
	}
	return b, nil
}

// given is a flag's value, or the answer to a question.
func (f *founding) given(c *console.Console, question, value string) (string, error) {
	if value != "" {
		return value, nil
	}
	return c.Ask(question, "")
}

// content reads a file that is copied as it is; what is wrong with it is for check to say. Check could not tell an empty one from one
// that nobody gave, and without its CA a bank is trusted by the system's.
func content(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // whoever typed the command named it
	if err != nil {
		return "", console.Fail(console.Failed, "the bank's file cannot be read: %w", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return "", console.Fail(console.Failed, "the bank's file %s is empty", path)
	}
	return string(text), nil
}

// merchant is what the local stack's demo shops know about the simulated banks.
type merchant struct {
	account
	Endpoint     string   `json:"endpoint"`
	BaseURL      string   `json:"base_url"`
	PageHosts    []string `json:"page_hosts"`
	PaymentHosts []string `json:"payment_hosts"`
	Certificate  string   `json:"certificate"`
	Key          string   `json:"key"`
	CA           string   `json:"ca"`
	Callback     struct {
		PublicKeys []string `json:"public_keys"`
	} `json:"callback"`
}

// borrow makes the shop complete for the local stack: each simulated bank knows one test merchant, which its demo shop is.
func (f *founding) borrow(ctx context.Context, p place.Place) error {
	if f.ofOneBank() {
		return console.Fail(console.Usage, "on stage local the simulated bank gives merchant, addresses and files; leave those flags out")
	}
	if f.Environment != "" && f.Environment != "test" {
		return console.Fail(console.Usage, "the simulated banks have the environment test alone")
	}
	f.Environment, f.Loopback = "test", true
	if len(f.Origins) == 0 {
		f.Origins = []string{p.Local.ShopURL}
	}
	if len(f.Terms) == 0 && slices.Contains(f.banks, "kartapokupok") {
		f.Terms, f.MinAmount, f.MaxAmount = []int{3, 6, 12}, 3000, 1000000
	}
	v := vault.New(p.Secrets(), p.Stage)
	for _, name := range f.banks {
		m, err := demoMerchant(ctx, v, p.Local, name)
		if err != nil {
			return err
		}
		f.Banks = append(f.Banks, draft.Bank{Name: name, Merchant: m.id(), Address: m.Endpoint + m.BaseURL, Hosts: append(m.PageHosts, m.PaymentHosts...),
			PEM: map[string]string{"certificate": m.Certificate, "key": m.Key, "ca": m.CA}, PublicKeys: m.Callback.PublicKeys})
	}
	return nil
}

func demoMerchant(ctx context.Context, v *vault.Vault, l *place.Local, bank string) (m merchant, err error) {
	for _, shop := range l.Shops {
		if !slices.Contains(shop.Banks, bank) {
			continue
		}
		content, found, err := v.Read(ctx, v.BankName(shop.ID, bank))
		if err == nil && found {
			err = json.Unmarshal(content, &m)
		}
		if err != nil || found {
			return m, err
		}
	}
	return m, console.Fail(console.Failed, "the local stack has no test merchant of the bank %s", bank)
}
