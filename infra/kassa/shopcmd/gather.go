// Where kassa shop init gets a shop's settings from: flags, questions at a terminal, files of the bank, or on the
// stage local the simulated bank's test merchant. Each answer is judged at once by the functions' own rules, and an
// empty one leaves the setting open in the file.

package shopcmd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/draft"
	"kassa/infra/kassa/folder"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/vault"
	"kassa/shared/bank"
	"kassa/shared/boot"
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

// takeOrigin takes one; further ones are typed into shop.yaml.
func (f *initFlags) takeOrigin(answer string) error {
	f.Origins = nil
	if answer == "" {
		return nil
	}
	f.Origins = []string{answer}
	return refusal("/origins/0", vault.Shop{Origins: f.Origins})
}

// takeWebhook takes the address at which the shop is told; a shop without one polls.
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

// refusal is what the functions would say of one setting. Of several faults only the one of this setting counts: the
// others belong to settings that are not asked for yet.
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

// gatherBank asks for the fields that the bank's profile has, as far as no flag gives them.
func (f *initFlags) gatherBank(c *console.Console, name string) (b draft.Bank, err error) {
	fields, err := draft.Fields(boot.Profiles()[name], f.auth)
	if err != nil {
		return b, console.Fail(console.Usage, "%w", err)
	}
	if err := f.useless(name, fields); err != nil {
		return b, err
	}
	b = draft.Of(name)
	b.Address, b.Hosts, b.Auth = f.address, f.hosts, f.auth
	for _, field := range fields {
		if err := f.gatherField(c, &b, field); err != nil {
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

// useless refuses what the bank has no field for: it would be dropped without a word.
func (f *initFlags) useless(name string, fields []bank.Field) error {
	with := ""
	if f.auth != "" {
		with = " with --auth " + f.auth
	}
	for _, g := range []struct {
		flag  string
		given bool
		role  bank.Role
	}{
		{"--bank-url", f.address != "", bank.RoleAddress},
		{"--page-host", len(f.hosts) > 0, bank.RoleHosts},
		{"--certificate", f.certificate != "", bank.RoleCertificate},
		{"--key", f.key != "", bank.RoleKey},
		{"--ca", f.ca != "", bank.RoleCA},
		{"--public-key", len(f.publicKeys) > 0, bank.RolePublicKeys},
	} {
		if g.given && !slices.ContainsFunc(fields, func(one bank.Field) bool { return one.Role == g.role }) {
			return console.Fail(console.Usage, "the bank %s has no use for %s%s: leave it out", name, g.flag, with)
		}
	}
	return nil
}

// gatherField asks for one field by its role, never by its bank: a bank is known here by its profile alone. What is
// kept in a file is named by a path, a password is typed unseen.
func (f *initFlags) gatherField(c *console.Console, b *draft.Bank, field bank.Field) (err error) {
	question, suffix := b.Name+": ", ""
	if field.Example != "" {
		suffix = ", such as " + field.Example
	}
	pem := func(what, path string, asked bool) error {
		take := func(path string) (err error) {
			b.PEM[string(field.Role)], err = content(path)
			return err
		}
		if path != "" || !asked {
			return take(path)
		}
		return c.AskUntil(question+what, take)
	}
	switch field.Role {
	case bank.RoleAccount:
		if b.Merchant = f.merchant; b.Merchant == "" {
			b.Merchant, err = c.Ask(question+"merchant or partner id"+suffix, "")
		}
	case bank.RoleLogin:
		b.Login, err = c.Ask(question+"login"+suffix, "")
	case bank.RolePassword:
		b.Passwords[path.Base(field.Name)], err = c.AskSecret(question + path.Base(field.Name))
	case bank.RoleCertificate:
		return pem("PEM file of the client certificate (empty: put it there later)", f.certificate, true)
	case bank.RoleKey:
		return pem("PEM file of its private key", f.key, true)
	case bank.RoleCA: // most banks without certificates for shops have one of a public CA themselves
		return pem("PEM file of the bank's CA", f.ca, f.auth == "" || f.auth == "certificate")
	case bank.RoleAddress, bank.RoleHosts, bank.RolePublicKeys: // by flags, or in the file
	}
	return err
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
	if len(f.Terms) == 0 && slices.ContainsFunc(f.banks, needsTerm) {
		f.Terms, f.MinAmount, f.MaxAmount = []int{3, 6, 12}, 3000, 1000000
	}
	v := vault.New(at.Secrets(), at.Name)
	for _, name := range f.banks {
		secret, err := demoSecret(ctx, v, at.Local, name)
		if err != nil {
			return err
		}
		f.Banks = append(f.Banks, borrowed(boot.Profiles()[name], secret))
	}
	return nil
}

// borrowed takes out of a shop's secret what its bank has given it, at the first of its gateways.
func borrowed(p bank.Profile, secret map[string]any) draft.Bank {
	b := draft.Of(p.Name)
	for _, f := range p.Secret {
		value := folder.At(secret, f.Name)
		text, _ := value.(string)
		list, _ := value.([]any)
		switch f.Role {
		case bank.RoleAccount:
			b.Merchant = cmp.Or(b.Merchant, text)
		case bank.RoleAddress:
			b.Address = cmp.Or(b.Address, text)
		case bank.RoleCertificate, bank.RoleKey, bank.RoleCA:
			b.PEM[string(f.Role)] = cmp.Or(b.PEM[string(f.Role)], text)
		case bank.RoleHosts:
			b.Hosts = append(b.Hosts, texts(list)...)
		case bank.RolePublicKeys:
			b.PublicKeys = append(b.PublicKeys, texts(list)...)
		case bank.RoleLogin:
			b.Login = cmp.Or(b.Login, text)
		case bank.RolePassword:
			b.Passwords[path.Base(f.Name)] = cmp.Or(b.Passwords[path.Base(f.Name)], text)
		}
	}
	switch {
	case b.PEM[string(bank.RoleCertificate)] != "":
	case b.Login != "":
		b.Auth = "login"
	case strings.Join(slices.Collect(maps.Values(b.Passwords)), "") != "":
		b.Auth = "password"
	}
	return b
}

// texts are the strings of a list out of JSON.
func texts(list []any) (all []string) {
	for _, one := range list {
		if text, ok := one.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// demoSecret is the secret that the local stack has written for its own demo shop of a bank.
func demoSecret(ctx context.Context, v *vault.Vault, l *stage.Local, name string) (map[string]any, error) {
	for _, shop := range l.Shops {
		if !slices.Contains(shop.Banks, name) {
			continue
		}
		secret, found, err := stored(ctx, v, shop.ID, name)
		if err != nil || found {
			return secret, err
		}
	}
	return nil, console.Fail(console.Failed, "the local stack has no test merchant of the bank %s", name)
}
