//go:build canaries

package e2e

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kassa/infra/canary"
	"kassa/shared/api/contract"
)

// seller is one of the demo shops, with what the bank does for its customers.
type seller struct {
	world
	id      string
	example string // the body of openapi.yaml that it sends
	approve func(orderID string) error
}

// sellers sell through each gateway that there is.
func (g *garden) sellers() []seller {
	b := g.borrower()
	return []seller{
		{g.over(overXML(g.Stack)), "demo-az", "card", g.Kapital.Approve},
		{g.over(overJSON(g.Stack)), "demo-az-json", "card", g.KapitalTXPG.Approve},
		{b.world, "demo-by", "instalments", b.KartaPokupok.Approve},
	}
}

// body is an order like the document's example, under a number of its own.
func (g *garden) body(t *testing.T, s seller, creating contract.Input) map[string]any {
	t.Helper()
	text, err := json.Marshal(creating.Bodies[s.example])
	var body map[string]any
	if err == nil {
		err = json.Unmarshal(text, &body)
	}
	if err != nil || body["order_ref"] == nil {
		t.Fatalf("the example %s: %v %v", s.example, body, err)
	}
	body["order_ref"] = g.next("N")
	for _, way := range []string{"success", "cancel", "decline"} {
		set(body, "/return_urls/"+way, g.Info.ShopURL+"/"+way)
	}
	return body
}

// next is a text of its own, without a canary.
func (g *garden) next(prefix string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.numbers++
	return prefix + strconv.Itoa(g.numbers)
}

// set puts a value to a pointer of contract.Input; * becomes the name "note".
func set(body map[string]any, pointer string, value any) {
	first, rest, deeper := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if first == "*" {
		first = "note"
	}
	switch inner, _ := body[first].(map[string]any); {
	case !deeper:
		body[first] = value
	case rest == "0":
		body[first] = []any{value}
	case strings.HasPrefix(rest, "0/"):
		list, _ := body[first].([]any)
		if len(list) == 0 {
			list = []any{map[string]any{}}
		}
		set(list[0].(map[string]any), rest[2:], value)
		body[first] = list
	default:
		if inner == nil {
			inner = map[string]any{}
		}
		set(inner, rest, value)
		body[first] = inner
	}
}

// forms are canaries as the fields of this API want them: a word, an address of the shop, a phone number, a mailbox.
func (g *garden) forms(field string) []string {
	return []string{g.flock.Word(field), g.Info.ShopURL + "/" + g.flock.Word(field), g.flock.Phone(field),
		g.flock.Word(field) + "@shop.example"}
}

// plantOrder puts canaries into each field of an order, one at a time, then a card's number in each spelling into those
// that take a word; in the end all that were taken live through a whole payment.
func (g *garden) plantOrder(t *testing.T, s seller, creating contract.Input) {
	t.Helper()
	taken, words := map[string]string{}, []string{}
	for _, field := range creating.Fields {
		g.plant("order " + field)
		for i, text := range g.forms("order " + field) {
			body := g.body(t, s, creating)
			set(body, field, text)
			if g.create(t, s, body) != "" {
				if taken[field] = text; i == 0 {
					words = append(words, field)
				}
				break
			}
		}
	}
	for _, field := range words {
		g.plant("order " + field)
		for i, spelling := range canary.Spellings(cardApproved) {
			if s.id != g.Info.Shops[0].ID && i%7 != len(field)%7 {
				continue // the check is the same whoever sells: a few will do
			}
			body := g.body(t, s, creating)
			set(body, field, spelling.Text)
			g.create(t, s, body)
		}
	}
	g.plant("order")
	unknown := g.body(t, s, creating)
	unknown[g.flock.Word("name of an unknown field")] = g.flock.Word("unknown field")
	set(unknown, "/metadata/"+g.flock.Word("name of metadata"), g.flock.Word("order /metadata/*"))
	g.create(t, s, unknown)
	whole := g.body(t, s, creating)
	for field, text := range taken {
		set(whole, field, text)
	}
	g.live(t, s, whole)
	t.Logf("%s: %d fields, of which %d take a canary, %d a word", s.id, len(creating.Fields), len(taken), len(words))
}

// create opens a payment, if the API does.
func (g *garden) create(t *testing.T, s seller, body map[string]any) (id string) {
	t.Helper()
	a, err := s.shop.send(t.Context(), "POST", "/v1/payments", body)
	if err != nil {
		t.Fatal(err)
	}
	p := paymentDoc{}
	if a.status >= http.StatusBadRequest || decode(a, &p) != nil {
		return ""
	}
	g.opened(p.ID, s.shop.bearer)
	return p.ID
}

// live opens a payment and leads it through its life, as far as it comes: paid, asked about, given back in part, asked
// about again, its customer back at the shop. It gives its id.
func (g *garden) live(t *testing.T, s seller, body map[string]any) string {
	t.Helper()
	id := g.create(t, s, body)
	if id == "" {
		return ""
	}
	var p paymentDoc
	ask := func() {
		a, err := s.shop.send(t.Context(), "GET", "/v1/payments/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = decode(a, &p)
	}
	ask()
	g.move(t, id, 10*time.Second) // or whoever comes back waits for the next question
	g.at(1)
	defer g.at(0)
	_ = s.approve(p.BankOrderID) // of an order that was opened otherwise than we heard there is none
	g.move(t, id, 10*time.Second)
	ask()
	g.ask(t, s, "POST", "/v1/payments/"+id+"/refunds", map[string]any{"amount": 100,
		"reason": g.flock.Word("refund /reason"), "reference": g.flock.Word("refund /reference")}, "Idempotency-Key",
		g.flock.Word("refund Idempotency-Key"))
	g.move(t, id, 10*time.Second)
	ask()
	g.move(t, id, 10*time.Second)
	if _, err := g.browser.get(t.Context(), g.callbackURL(t, id, "return")); err != nil {
		t.Fatal(err)
	}
	return id
}

// plantRequests puts canaries into each parameter of each operation, into headers that nobody asks for, and into the
// fields of bodies, before and behind a wrong key.
func (g *garden) plantRequests(t *testing.T, all []contract.Input, s seller) {
	t.Helper()
	id := g.live(t, s, g.body(t, s, g.creating(t)))
	for _, one := range all {
		target := strings.ReplaceAll(one.Path, "{id}", id)
		for _, p := range one.Parameters {
			g.plant(p.In + " " + p.Name)
			for _, text := range append(g.forms(p.In+" "+p.Name), cardApproved) {
				at, header := target, []string{}
				switch p.In {
				case "path": // a step of it: more of them are another address
					at = strings.ReplaceAll(one.Path, "{"+p.Name+"}", strings.ReplaceAll(text, "/", ":"))
				case "query":
					at += "?" + p.Name + "=" + url.QueryEscape(text)
				default:
					header = []string{p.Name, text}
				}
				g.ask(t, s, one.Method, at, map[string]any{}, header...)
			}
		}
		for _, field := range one.Fields {
			g.plant("field " + field)
			for _, text := range append(g.forms("field "+field), cardApproved, canary.Spellings(cardApproved)[1].Text) {
				body := map[string]any{"amount": 1}
				set(body, field, text)
				g.ask(t, s, one.Method, target, body, "Idempotency-Key", g.next("k"))
			}
		}
		for _, name := range []string{"User-Agent", "Referer", "Cookie", "X-Forwarded-For", "X-Forwarded-Host", "Origin",
			"Content-Type", "Accept-Language", "Traceparent", "X-Amzn-Trace-Id", "X-Request-Id", "Forwarded",
			g.flock.Word("name of a header")} {
			g.plant("header")
			g.ask(t, s, one.Method, target, map[string]any{}, name, g.flock.Word("header "+name)+"; "+cardApproved)
		}
		g.plant("bearer")
		stranger := s
		for _, bearer := range []string{"", g.flock.Word("bearer"), "sk_" + s.id + "_k1_" + g.flock.Word("bearer"),
			"sk_" + g.flock.Word("shop of a bearer") + "_k1_x", "ct_" + g.flock.Word("bearer")} {
			stranger.shop.bearer = bearer
			g.ask(t, stranger, one.Method, target, map[string]any{"x": g.flock.Word("unknown field")})
		}
	}
	for _, raw := range []string{`{"` + g.flock.Word("no JSON"), g.flock.Word("no JSON"),
		`["` + g.flock.Word("no JSON") + `"]`, `{"amount":"` + g.flock.Word("no JSON") + `","amount":1}`,
		"\xff" + g.flock.Word("no JSON")} {
		g.ask(t, s, "POST", "/v1/payments", []byte(raw))
		g.ask(t, s, "POST", "/v1/payments/"+id+"/refunds", []byte(raw), "Idempotency-Key", "k")
	}
}

// ask sends a request, whatever comes of it.
func (g *garden) ask(t *testing.T, s seller, method, path string, body any, header ...string) {
	t.Helper()
	if _, err := s.shop.send(t.Context(), method, path, body, header...); err != nil {
		t.Fatal(err)
	}
}

// A scalar of a JSON document or of an XML one, with its name.
var (
	jsonLeaf = regexp.MustCompile(`"([^"\\]+)"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null)`)
	xmlLeaf  = regexp.MustCompile(`<([A-Za-z]\w*)>([^<]*)</|\s([A-Za-z]\w*)=("[^"]*")`)
)

// leaves names the scalars of a document.
func leaves(text string) (names []string) {
	spoil(text, func(name string) (string, bool) {
		names = append(names, name)
		return "", false
	})
	return names
}

// spoil puts texts into those scalars of a document that are wanted.
func spoil(text string, with func(name string) (value string, wanted bool)) string {
	leaf, isJSON := xmlLeaf, strings.HasPrefix(strings.TrimSpace(text), "{")
	if isJSON {
		leaf = jsonLeaf
	}
	var b strings.Builder
	end := 0
	for _, m := range leaf.FindAllStringSubmatchIndex(text, -1) {
		at := 2
		if m[2] < 0 {
			at = 6 // an attribute
		}
		value, wanted := with(text[m[at]:m[at+1]])
		switch {
		case !wanted:
			continue
		case isJSON:
			quoted, _ := json.Marshal(value) //nolint:errchkjson // a text
			value = string(quoted)
		case at == 6:
			value = `"` + html.EscapeString(value) + `"`
		default:
			value = html.EscapeString(value)
		}
		b.WriteString(text[end:m[at+2]] + value)
		end = m[at+3]
	}
	return b.String() + text[end:]
}

// bankNames are the fields in which a bank says what it calls an order, a session or an operation.
var bankNames = regexp.MustCompile(`(?i)^(session_?id|order_?id|id|password|tranactionid|refund_?id|rid\w*)$`)

// plantAnswers lets a seller's bank put canaries and cards into each field of each answer, one at a time, and then into
// all of an answer that is none.
func (g *garden) plantAnswers(t *testing.T, s seller, simulator string) {
	t.Helper()
	g.live(t, s, g.body(t, s, g.creating(t)))
	known := map[string]string{}
	g.mu.Lock()
	for operation, text := range g.answers {
		if strings.HasPrefix(operation, simulator+" ") {
			known[operation] = text
		}
	}
	g.mu.Unlock()
	spellings, lives := canary.Spellings(cardApproved), 0
	for operation, text := range known {
		names := leaves(text)
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			// what a field takes is not known: a card's number alone before the customer has paid, and a word alone after it;
			// but what the bank calls an order or an operation may be any number
			g.plant("bank's " + operation + " " + name)
			spelling := 7*len(operation) + 5*len(name)
			values := []string{spellings[spelling%len(spellings)].Text, g.flock.Word("bank's " + operation + " " + name)}
			switch {
			case bankNames.MatchString(name):
				values[0] = values[1]
			case strings.HasSuffix(strings.ToLower(name), "status"): // is one word, as a card's number is in base64 alone
				values[0] = spellings[spelling%20].Text
			}
			for flip, stages := 0, map[int]bool{}; flip == 0 || flip == 1 && len(stages) == 1; flip++ {
				g.answering(operation, func(answer string) string {
					stages[g.stage] = true
					return spoil(answer, func(n string) (string, bool) { return values[(g.stage+flip)%2], n == name })
				})
				g.live(t, s, g.body(t, s, g.creating(t))) // and once more where it is asked at one stage alone
				lives++
			}
		}
		g.plant("bank's " + operation + " error")
		for _, status := range []int{200, []int{302, 400, 401, 500}[lives%4]} {
			word := g.flock.Word("bank's " + operation + " error")
			g.altering(func(to string, answer *httptest.ResponseRecorder) {
				if to != operation {
					return
				}
				spoilt := spoil(answer.Body.String(), func(string) (string, bool) { return word, true })
				if status == 200 {
					spoilt = "<html><h1>" + word + " " + cardApproved + "</h1></html>"
				}
				answer.Body = bytes.NewBufferString(spoilt)
				answer.Code = status
				answer.Header().Set("Location", "https://shop.example/"+word)
				answer.Header().Set("X-Error", word+cardApproved)
			})
			g.live(t, s, g.body(t, s, g.creating(t)))
			lives++
		}
	}
	g.altering(nil)
	for _, function := range []string{"Initiate", "StatusPoll", "Refund", "Callback"} {
		g.Renew(function)
	}
	t.Logf("%s: %d operations, %d lives", simulator, len(known), lives)
}

// answering alters the text of a bank's answers to an operation.
func (g *garden) answering(operation string, change func(string) string) {
	g.altering(func(to string, answer *httptest.ResponseRecorder) {
		if to == operation {
			answer.Body = bytes.NewBufferString(change(answer.Body.String()))
		}
	})
}

// creating is the operation that opens payments.
func (g *garden) creating(t *testing.T) contract.Input {
	t.Helper()
	for _, one := range inputs(t) {
		if one.Method == "POST" && one.Path == "/v1/payments" {
			return one
		}
	}
	t.Fatal("the document opens no payments")
	return contract.Input{}
}

func inputs(t *testing.T) []contract.Input {
	t.Helper()
	d, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	return d.Inputs()
}
