// A shop as it may be shown: on a screen, in a ticket, in a script's output.

package shopcmd

import (
	"cmp"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kassa/infra/kassa/certificate"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/shared/address"
	"kassa/shared/boot"
	"kassa/shared/strict/asn"
)

// view is a shop without anything that opens a door.
type view struct {
	Shop          string              `json:"shop"`
	Stage         string              `json:"stage"`
	Environment   string              `json:"environment"`
	Currency      string              `json:"currency"`
	Origins       []string            `json:"origins"`
	Banks         []bankView          `json:"banks"`
	Keys          []string            `json:"keys"`
	KeyScopes     map[string][]string `json:"key_scopes"` // what each may do
	Webhook       *webhookView        `json:"webhook"`
	OrderStatuses map[string]string   `json:"order_statuses"`
	Instalments   *vault.Instalments  `json:"instalments"`
	RefundLimit   int64               `json:"refund_limit_per_day"` // 0 = none
	RecheckPaid   bool                `json:"recheck_paid"`
}

// webhookView tells the host alone: the path may hold a token of the shop's.
type webhookView struct {
	Host        string   `json:"host"`
	Acknowledge bool     `json:"acknowledge"`
	Secrets     []string `json:"secrets"` // their ids
}

// bankView is one bank of a shop.
type bankView struct {
	Name        string           `json:"name"`
	Merchant    string           `json:"merchant"`
	Certificate *certificateView `json:"certificate"` // null where the bank knows the shop otherwise
	PublicKeys  int              `json:"public_keys"`
}

// certificateView is the shop's client certificate; days are whole ones, negative once it has ended.
type certificateView struct {
	Subject  string `json:"subject"`
	Issuer   string `json:"issuer"`
	NotAfter string `json:"not_after"`
	DaysLeft int    `json:"days_left"`
}

// look reads a shop and its banks.
func look(ctx context.Context, v *vault.Vault, id, stage string, now time.Time) (view, error) {
	s, err := v.Known(ctx, id)
	if err != nil {
		return view{}, err
	}
	out := view{Shop: id, Stage: stage, Currency: s.Currency, Origins: s.Origins, Keys: s.KeyIDs(),
		OrderStatuses: s.OrderStatuses, Instalments: s.Instalments, RefundLimit: s.RefundLimit, RecheckPaid: s.RecheckPaid,
		Banks: []bankView{}}
	out.KeyScopes = map[string][]string{}
	for _, k := range s.Keys {
		out.KeyScopes[k.ID] = k.May()
	}
	if out.OrderStatuses == nil {
		out.OrderStatuses = map[string]string{}
	}
	if s.Webhook != nil {
		out.Webhook = &webhookView{Host: hostOf(s.Webhook.URL), Acknowledge: s.Webhook.Acknowledge, Secrets: s.WebhookIDs()}
	}
	for _, name := range s.Banks {
		b, environment, err := lookAtBank(ctx, v, id, name, now)
		if err != nil {
			return view{}, err
		}
		out.Banks = append(out.Banks, b)
		out.Environment = cmp.Or(environment, out.Environment)
	}
	return out, nil
}

// actionAt is where a portal's server posts to, by either of the two outputs of a stage that say so. It posts the key
// there, so that it must be https, but on a developer's own machine.
func actionAt(output string) (string, error) {
	const path = "/bitrix/checkout"
	base := strings.TrimSuffix(strings.TrimSuffix(output, "/"), path)
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || base != u.Scheme+"://"+u.Host ||
		u.Scheme != "https" && (u.Scheme != "http" || !address.Loopback(u.Hostname())) {
		return "", console.Fail(console.Usage, "--api-url must be the output ApiUrl of the stage, such as "+
			"https://abc123.execute-api.eu-central-1.amazonaws.com")
	}
	return base + path, nil
}

// hostOf is scheme, host and port of an address; "" where it is none.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// lookAtBank reads a bank's secret as it stands. One that is missing or not written yet shows as a bank without a
// merchant, for list and show must work where something is broken.
func lookAtBank(ctx context.Context, v *vault.Vault, shop, name string, now time.Time) (b bankView, environment string,
	err error) {
	b = bankView{Name: name}
	secret, found, err := stored(ctx, v, shop, name)
	if err != nil || !found {
		return b, "", err
	}
	who, given := accountOf(name, secret), borrowed(boot.Profiles()[name], secret)
	b.Merchant, b.PublicKeys = who.id(), len(given.PublicKeys)
	b.Certificate = lookAtCertificate(given.PEM["certificate"], now)
	return b, who.environment, nil
}

// lookAtCertificate reads the first certificate of a PEM text, the shop's own; nil where there is none that can be
// read, which kassa bank ping tells in full.
func lookAtCertificate(text string, now time.Time) *certificateView {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	one, err := asn.Certificate(block.Bytes)
	if err != nil {
		return nil
	}
	return &certificateView{Subject: certificate.Name(one), Issuer: one.Issuer.CommonName,
		NotAfter: one.NotAfter.UTC().Format(time.RFC3339),
		DaysLeft: certificate.DaysLeft(one, now)}
}

// row is the shop on one line.
func (v view) row() []string {
	banks, days := []string{}, "-"
	least := 0
	for _, b := range v.Banks {
		banks = append(banks, b.Name)
		if b.Certificate != nil && (days == "-" || b.Certificate.DaysLeft < least) {
			least = b.Certificate.DaysLeft
			days = strconv.Itoa(least)
		}
	}
	webhook := "-"
	if v.Webhook != nil {
		webhook = v.Webhook.Host
	}
	return []string{v.Shop, v.Environment, v.Currency, strings.Join(banks, ","), days, strings.Join(v.Keys, ","), webhook}
}

// people writes the shop over several lines.
func (v view) people(w io.Writer) {
	rows := [][]string{{"shop", v.Shop}, {"stage", v.Stage}, {"environment", v.Environment}, {"currency", v.Currency},
		{"origins", strings.Join(v.Origins, " ")}}
	for _, id := range v.Keys {
		rows = append(rows, []string{"API key", id, "may " + strings.Join(v.KeyScopes[id], ", ")})
	}
	if v.Webhook != nil {
		rows = append(rows, []string{"webhook", v.Webhook.Host + "/...", "acknowledged in the body: " +
			strconv.FormatBool(v.Webhook.Acknowledge)},
			[]string{"webhook secrets", aged(v.Webhook.Secrets)})
	}
	if v.Instalments != nil {
		rows = append(rows, []string{"instalments", fmt.Sprintf("terms %v, orders from %d to %d minor units (0 is no limit)",
			v.Instalments.Terms, v.Instalments.MinAmount, v.Instalments.MaxAmount)})
		for _, bank := range slices.Sorted(maps.Keys(v.Instalments.Banks)) {
			rows = append(rows, []string{"", fmt.Sprintf("terms %v at %s", v.Instalments.Banks[bank], bank)})
		}
	}
	if v.RefundLimit > 0 {
		rows = append(rows, []string{"refunds", fmt.Sprintf("at most %d minor units a day by API keys", v.RefundLimit)})
	}
	if v.RecheckPaid {
		rows = append(rows, []string{"paid payments", "asked about once more on the bank's next morning"})
	}
	for _, name := range slices.Sorted(maps.Keys(v.OrderStatuses)) {
		rows = append(rows, []string{"status " + name, v.OrderStatuses[name]})
	}
	for _, b := range v.Banks {
		rows = append(rows, []string{"bank", b.Name, b.line()})
	}
	console.Pairs(w, rows)
}

// aged tells the older of two webhook secrets from the newer, which stands first: unlike those of API keys, their ids
// hold no date.
func aged(ids []string) string {
	if len(ids) != 2 {
		return strings.Join(ids, " ")
	}
	return ids[0] + " (new) " + ids[1] + " (old)"
}

// line is a bank on one line, for people.
func (b bankView) line() string {
	text := "merchant " + b.Merchant
	if b.Certificate != nil {
		text += fmt.Sprintf(", certificate %s by %s, %d days left", b.Certificate.Subject, b.Certificate.Issuer,
			b.Certificate.DaysLeft)
	}
	if b.PublicKeys > 0 {
		text += fmt.Sprintf(", %d public key(s) of the bank", b.PublicKeys)
	}
	return text
}

// bitrixResult is what kassa shop bitrix has found or done.
type bitrixResult struct {
	Shop       string `json:"shop"`
	Stage      string `json:"stage"`
	Portal     string `json:"portal"`  // host alone; "" = none
	Handler    string `json:"handler"` // its code in the portal
	Registered bool   `json:"registered"`
	Action     string `json:"action"` // where the portal's server posts to; "" where nobody said
	KeyID      string `json:"key_id,omitempty"`
	APIKey     string `json:"api_key,omitempty"`
}

// show writes the key alone to standard output, as the other commands do, so that it can be sent into a file; what to
// do next is for the person and goes to standard error.
func (o bitrixResult) show(t *tool.Tool, next bool) error {
	c := t.Console
	if o.APIKey != "" {
		c.Note("Shown this once. It may be used in half a minute.")
	}
	if !next && o.Portal == "" {
		c.Note("The key that the portal sent goes on working: take it away with %s, or make one first for the shop itself",
			t.Line("shop", "rotate-key", o.Shop, "--finish", "ID"))
	}
	if next {
		c.Note(`Next, in the portal:
1. CRM, Settings, Payment systems (in a box: Shop, Settings, Payment systems): add one with the handler "%s", for
orders, not for old CRM invoices.
2. In its settings paste the key as KASSA_KEY. KASSA_BANK and KASSA_TERM stay empty for the shop's first bank without
instalments; a pay system for instalments names the term, and its fields for name, phone and e-mail must lead to the
order's properties.
3. The origins of the portal's pages, such as https://name.bitrix24shop.by, must stand in origins of shop.yaml: put it
again if they do not.
4. Pay one order with the bank's test card; within a minute the portal has it as paid. If not: %s`,
			handlerName(o.Stage, o.Shop), t.Line("payment", "list", "--shop", o.Shop, "--order", "b24-ID"))
	}
	return c.Show(o, func(w io.Writer) {
		lines(w, o.APIKey, "")
		if o.APIKey == "" {
			console.Table(w, []string{"SHOP", "PORTAL", "HANDLER", "REGISTERED", "ACTION"},
				[][]string{{o.Shop, o.Portal, o.Handler, map[bool]string{true: "yes", false: "no"}[o.Registered], o.Action}})
		}
	})
}
