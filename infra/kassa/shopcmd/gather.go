package shopcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/draft"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/vault"
	"kassa/shared/payment"
)

// gather asks for what no flag has said, where somebody can be asked, and reads the bank's files.
func (f *initFlags) gather(c *console.Console) error {
	for _, q := range []struct {
		question string
		given    bool
		take     func(answer string) error
	}{
		{"Environment, for good: test or prod", f.Environment != "", f.takeEnvironment},
		{"Origin that customers return to, such as https://shop.example", len(f.Origins) > 0, f.takeOrigin},
		{"Webhook address (empty for none)", f.WebhookURL != "", f.takeWebhook},
		{"What the shop calls a paid order (empty for our names)", f.onSuccess+f.onError != "", word(&f.onSuccess)},
		{"What it calls one whose payment failed", f.onSuccess+f.onError != "", word(&f.onError)},
	} {
		if q.given {
			continue
		}
		if err := c.AskUntil(q.question, q.take); err != nil {
			return err
		}
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

// takeEnvironment takes test or prod; an empty answer, here and below, leaves the setting open in the file.
func (f *initFlags) takeEnvironment(answer string) error {
	if !slices.Contains([]string{"", "test", "prod"}, answer) {
		return console.Fail(console.Usage, "%q is no environment: it is test or prod", answer)
	}
	f.Environment = answer
	return nil
}

func (f *initFlags) takeOrigin(answer string) error {
	f.Origins = nil
	if answer == "" {
		return nil
	}
	f.Origins = []string{answer}
	return refusal("/origins/0", vault.Shop{Origins: f.Origins})
}

func (f *initFlags) takeWebhook(answer string) error {
	f.WebhookURL = answer
	if answer == "" {
		return nil
	}
	return refusal("/webhook/url", vault.Shop{Webhook: &vault.Webhook{URL: answer}})
}

// word takes what a shop calls a state of its orders.
func word(into *string) func(answer string) error {
	return func(answer string) error {
		*into = answer
		if answer == "" {
			return nil
		}
		return refusal("/order_statuses/paid", vault.Shop{OrderStatuses: map[string]string{"paid": answer}})
	}
}

// refusal is what the functions would say of one setting.
func refusal(pointer string, s vault.Shop) error {
	refused, _ := errors.AsType[*payment.Error](sound(s, ""))
	if refused == nil {
		return nil
	}
	for _, one := range refused.Fields {
		if one.Pointer == pointer {
			return console.Fail(console.Usage, "it %s", one.Detail)
		}
	}
	return nil
}

func (f *initFlags) gatherBank(c *console.Console, name string) (b draft.Bank, err error) {
	b = draft.Bank{Name: name, Address: f.address, Hosts: f.hosts, Auth: f.auth, PEM: map[string]string{}}
	if b.Merchant = f.merchant; b.Merchant == "" {
		if b.Merchant, err = c.Ask(name+": merchant or partner id", ""); err != nil {
			return b, err
		}
	}
	if b.Auth == "login" {
		if b.Login, err = c.Ask(name+": login, such as TerminalSys/kapital", ""); err != nil {
			return b, err
		}
	}
	if b.Auth == "password" || b.Auth == "login" {
		if b.Password, err = c.AskSecret(name + ": password"); err != nil {
			return b, err
		}
	}
	for _, file := range []struct{ what, question, path string }{
		{"certificate", "PEM file of the client certificate (empty: put it there later)", f.certificate},
		{"key", "PEM file of its private key", f.key},
		{"ca", "PEM file of the bank's CA", f.ca},
	} {
		take := func(path string) (err error) {
			b.PEM[file.what], err = content(path)
			return err
		}
		if file.path != "" || b.Auth != "" && b.Auth != "certificate" {
			err = take(file.path)
		} else {
			err = c.AskUntil(name+": "+file.question, take)
		}
		if err != nil {
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

// content reads a file that is copied as it is; what is wrong with it is for check to say. Check could not tell an
// empty one from one that nobody gave, and without its CA a bank is trusted by the system's.
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

// borrow makes the shop complete for the local stack: each simulated bank knows one test merchant, which its demo shop
// is.
func (f *initFlags) borrow(ctx context.Context, at stage.Stage) error {
	if f.ofOneBank() {
		return console.Fail(console.Usage,
			"on stage local the simulated bank gives merchant, addresses and files; leave those flags out")
	}
	if f.Environment != "" && f.Environment != "test" {
		return console.Fail(console.Usage, "the simulated banks have the environment test alone")
	}
	f.Environment, f.Loopback = "test", true
	if len(f.Origins) == 0 {
		f.Origins = []string{at.Local.ShopURL}
	}
	if len(f.Terms) == 0 && slices.Contains(f.banks, "kartapokupok") {
		f.Terms, f.MinAmount, f.MaxAmount = []int{3, 6, 12}, 3000, 1000000
	}
	v := vault.New(at.Secrets(), at.Name)
	for _, name := range f.banks {
		m, err := demoMerchant(ctx, v, at.Local, name)
		if err != nil {
			return err
		}
		f.Banks = append(f.Banks, draft.Bank{Name: name, Merchant: m.id(), Address: m.Endpoint + m.BaseURL,
			Hosts: append(m.PageHosts, m.PaymentHosts...),
			PEM:   map[string]string{"certificate": m.Certificate, "key": m.Key, "ca": m.CA}, PublicKeys: m.Callback.PublicKeys})
	}
	return nil
}

func demoMerchant(ctx context.Context, v *vault.Vault, l *stage.Local, bank string) (m merchant, err error) {
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
