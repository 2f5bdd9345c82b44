//go:build canaries

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/canary"
	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/local/stack"
	"kassa/shared/bitrix24/bitrix24sim"
)

// plantCallbacks sends messages to the callback addresses of an open payment, as strangers and as the bank, with a
// canary or a card in each field of what the bank really sends, in headers and in the query. The bank's own signature
// stands over those that have one.
func (g *garden) plantCallbacks(t *testing.T, s seller, sent url.Values, signed string) {
	t.Helper()
	id := g.open(t, s)
	b, session := g.borrower(), s.poll(t, id).BankOrderID
	signed = spoil(signed, func(name string) (string, bool) { return session, name == "session_id" })
	for _, action := range []string{"return", "notify"} {
		address := g.callbackURL(t, id, action)
		send := func(kind, query, body string, header ...string) {
			t.Helper()
			g.move(t, id, 10*time.Second) // or whoever comes back waits for the next question
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+query, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", kind)
			for i := 0; i+1 < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			response, err := g.browser.http.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
		}
		const form = "application/x-www-form-urlencoded"
		for _, value := range []string{"", cardApproved, canary.Spellings(cardApproved)[1].Text} {
			planted := func(field string) string {
				if value != "" {
					return value
				}
				return g.flock.Word(field)
			}
			g.plant("callback " + s.id)
			for name, values := range sent {
				for _, part := range append(leaves(values[0]), "") { // a document, or a plain value
					changed := maps.Clone(sent)
					changed.Set(name, planted("callback "+name))
					if part != "" {
						changed.Set(name, spoil(values[0], func(n string) (string, bool) { return planted("callback " + n), n == part }))
					}
					send(form, "", changed.Encode())
					send(form, "?"+changed.Encode(), "")
				}
			}
			for _, part := range leaves(signed) {
				body := spoil(signed, func(n string) (string, bool) { return planted("signed callback " + n), n == part })
				g.plant("signed callback " + part)
				send("application/json", "", body, signatureHeader, b.sign(t, body, "current"))
				send("application/json", "", body, signatureHeader, planted("callback signature"))
			}
			g.plant("callback header")
			for _, name := range []string{"User-Agent", "Referer", "Cookie", "Authorization", "X-Forwarded-For", "Origin"} {
				send(form, "?"+planted("callback query")+"="+planted("callback query"), planted("callback body"), name,
					planted("callback header"))
			}
			send(planted("callback type"), "", `{"`+planted("callback name")+`":"`+planted("callback body")+`"}`)
			at, _, _ := strings.Cut(address, id)
			if _, err := g.browser.get(t.Context(), at+url.PathEscape(planted("callback path"))+"/"+action); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// open opens a payment, however busy the machine is.
func (g *garden) open(t *testing.T, s seller) (id string) {
	t.Helper()
	body := g.body(t, s, g.creating(t))
	a, err := insist(within(t, time.Minute), func() (answer, error) {
		return s.shop.send(t.Context(), "POST", "/v1/payments", body)
	})
	if err != nil || a.status >= http.StatusBadRequest {
		t.Fatal(a, err)
	}
	p := read[paymentDoc](t, a)
	g.opened(p.ID, s.shop.bearer)
	return p.ID
}

// comesHome is what a customer's browser brings home from the bank: the fields of the form, or of the query.
func (g *garden) comesHome(t *testing.T, s seller) url.Values {
	t.Helper()
	p := s.poll(t, g.open(t, s))
	at, err := g.browser.atBank(t.Context(), p.RedirectURL, url.Values{"action": {"cancel"}})
	if err != nil {
		t.Fatal(err)
	}
	if to, err := url.Parse(at.location()); err == nil && at.location() != "" {
		return to.Query()
	}
	form, err := at.form()
	if err != nil {
		t.Fatal(err)
	}
	return form.values
}

// keepSecrets makes canaries of all that stands in the secrets of shops and banks, and in the keys of the shops.
func (g *garden) keepSecrets(t *testing.T) {
	t.Helper()
	for _, s := range g.sellers() {
		for _, name := range []string{"shop/" + s.id, g.bankSecret(s)} {
			for field, text := range scalars("", g.secret(t, name)) {
				g.flock.Add("secret "+strings.SplitN(name, "/", 2)[0]+" "+field, text)
			}
		}
	}
	for _, shop := range g.Info.Shops {
		g.flock.Add("API key", shop.APIKey[strings.LastIndex(shop.APIKey, "_")+1:])
	}
}

// bankSecret is the name of a shop's secret of its bank, within the stage.
func (g *garden) bankSecret(s seller) string {
	i := slices.IndexFunc(g.Info.Shops, func(one stack.ShopInfo) bool { return one.ID == s.id })
	return "bank/" + s.id + "/" + g.Info.Shops[i].Banks[0]
}

// secret reads one of the stage's secrets.
func (g *garden) secret(t *testing.T, name string) (fields map[string]any) {
	t.Helper()
	out, err := vault(g.Stack).GetSecretValue(t.Context(),
		&secretsmanager.GetSecretValueInput{SecretId: aws.String("kassa/local/" + name)})
	if err == nil {
		err = json.Unmarshal([]byte(aws.ToString(out.SecretString)), &fields)
	}
	if err != nil {
		t.Fatal(name, err)
	}
	return fields
}

// scalars are the texts of a document, by where they stand; a list's elements stand in one place.
func scalars(at string, value any) map[string]string {
	found := map[string]string{}
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			maps.Copy(found, scalars(at+"/"+name, inner))
		}
	case []any:
		for _, inner := range v {
			maps.Copy(found, scalars(at, inner))
		}
	case string:
		found[at] = v
	}
	return found
}

// plantSecrets writes a canary over each field of a shop's and its bank's secrets, one at a time, and lets the
// functions and the command meet it.
func (g *garden) plantSecrets(t *testing.T, s seller) {
	t.Helper()
	for _, name := range []string{"shop/" + s.id, g.bankSecret(s)} {
		right := g.secret(t, name)
		kind := strings.SplitN(name, "/", 2)[0]
		for _, field := range slices.Sorted(maps.Keys(scalars("", right))) {
			wrong := g.secret(t, name)
			g.plant("wrong secret " + kind + " " + field)
			set(wrong, field, g.flock.Word("wrong secret "+kind+" "+field))
			g.writes(t, name, wrong)
			g.create(t, s, g.body(t, s, g.creating(t)))
			g.types(t, "shop", "show", s.id)
			g.types(t, "bank", "ping", s.id)
		}
		g.writes(t, name, right)
	}
}

// writes writes a secret, and has the functions read it.
func (g *garden) writes(t *testing.T, name string, fields map[string]any) {
	t.Helper()
	if err := g.rewrite(t.Context(), "kassa/local/"+name, func(now map[string]any) {
		clear(now)
		maps.Copy(now, fields)
	}); err != nil {
		t.Fatal(err)
	}
	g.Renew("Initiate")
}

// types has the command do something, whatever comes of it, and keeps what it says.
func (g *garden) types(t *testing.T, args ...string) {
	t.Helper()
	for _, form := range []string{"", "--json"} {
		var out bytes.Buffer
		k := &tool.Tool{Console: &console.Console{Out: &out, Err: &out}, Now: time.Now, User: "tester"}
		k.Flags.Getenv = func(name string) string {
			return map[string]string{"KASSA_DATA": g.data, "KASSA_STAGE": "local"}[name]
		}
		if form != "" {
			args = append(args, form)
		}
		command.Run(t.Context(), k, args)
		g.keep("command "+strings.Join(args[:2], " "), out.String())
	}
}

var pageLink = regexp.MustCompile(`(?:href|src|action)="([^"#]+)`)

// walks reads each page of the console that links lead to, a few of each kind.
func (g *garden) walks(t *testing.T, shop string) {
	t.Helper()
	browser, base := g.as(t, "local").serves(t, "--shop", shop)
	root, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	seen, kinds := map[string]bool{}, map[string]int{}
	for waiting := []string{base + "/today", base + "/payments.csv"}; len(waiting) > 0; waiting = waiting[1:] {
		kind := ids.ReplaceAllString(strings.SplitN(waiting[0], "?", 2)[0], "{id}")
		if seen[waiting[0]] || !strings.HasPrefix(waiting[0], base) || kinds[kind] == 12 {
			continue
		}
		seen[waiting[0]] = true
		kinds[kind]++
		_, page := view(t, browser, waiting[0])
		g.keep("page "+strings.TrimPrefix(kind, base), page)
		for _, m := range pageLink.FindAllStringSubmatch(page, -1) {
			if to, err := root.Parse(html.UnescapeString(m[1])); err == nil {
				waiting = append(waiting, to.String())
			}
		}
	}
	if len(kinds) < 6 {
		t.Errorf("only %d kinds of pages were read", len(kinds))
	}
}

// plantPortal lets a Bitrix24 portal's server post forms with canaries in each field of the handler that it was given,
// and keeps what the buyer and the portal are told.
func (g *garden) plantPortal(t *testing.T, s seller) {
	t.Helper()
	portal := bitrix24sim.New()
	t.Cleanup(portal.Close)
	address := filepath.Join(t.TempDir(), "portal.txt")
	if err := os.WriteFile(address, []byte(portal.Address()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	made := g.as(t, "local").types(t, 0, "shop", "bitrix", s.id, "--portal-file", address, "--json")
	var own struct {
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(made), &own); err != nil || len(portal.Handlers()) == 0 {
		t.Fatal(made, err)
	}
	g.flock.Add("secret shop /bitrix24", portal.Code())
	g.flock.Add("API key", own.APIKey[strings.LastIndex(own.APIKey, "_")+1:])
	fields, _ := portal.Handlers()[0].Settings["CHECKOUT_DATA"].(map[string]any)
	names := []string{}
	if list, ok := fields["FIELDS"].(map[string]any); ok {
		names = slices.Sorted(maps.Keys(list))
	}
	if len(names) < 5 {
		t.Fatalf("the handler has the fields %q: %v", names, portal.Handlers()[0].Settings)
	}
	for n, name := range append(names, "") {
		portal.Owes(bitrix24sim.Payment{ID: n + 1, PaySystem: 7, Sum: "150", Currency: "AZN"})
		form := map[string]string{"KASSA_KEY": own.APIKey, "KASSA_ORDER": g.next("P")}
		for _, text := range append(g.forms("portal "+name), cardApproved) {
			g.plant("portal " + name)
			if name != "" {
				form[name] = text
			}
			page, err := portal.Checkout(context.WithoutCancel(t.Context()), g.Info.APIURL+"/bitrix/checkout", n+1,
				g.Info.ShopURL+"/?orderId=7&user_lang=en", form)
			g.keep("portal's buyer", page)
			if err != nil {
				g.keep("portal's buyer", err.Error())
			}
			if id := portal.Payment(n + 1).InvoiceID; id != "" {
				g.opened(id, s.shop.bearer)
			}
		}
	}
	for _, call := range portal.Calls() {
		g.keep("portal", call)
	}
}
