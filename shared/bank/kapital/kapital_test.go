package kapital

import (
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

func noon() time.Time { return time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC) }

// doors are both of the bank's gateways, out of order: all that matters is who is asked.
type doors struct {
	xml, json       atomic.Int64
	secret          map[string]any // of both gateways
	xmlOld, txpgOld bank.Handle    // the same order id at each
}

func open(t *testing.T) *doors {
	t.Helper()
	d := &doors{xmlOld: bank.Handle{OrderID: "4595", Private: strings.Repeat("A", 32),
		Account: bank.Account{Merchant: "E1000010", Environment: "test"}},
		txpgOld: bank.Handle{OrderID: "4595", Private: "8xjpd1ejxdma",
			Account: bank.Account{Merchant: "E1000010", Environment: "test", Gateway: "txpg"}}}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/order/") && r.Method == http.MethodGet || r.URL.Path == "/api/order" {
			d.json.Add(1)
		} else {
			d.xml.Add(1)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	d.secret = map[string]any{"environment": "test", "merchant_id": "E1000010", "auth": "none", "endpoint": server.URL +
		"/Exec", "ca": ca,
		"txpg": map[string]any{"merchant_id": "E1000010", "base_url": server.URL + "/api", "ca": ca,
			"login": "TerminalSys/kapital", "password": "p"}}
	return d
}

func (d *doors) bank(t *testing.T, change map[string]any) (*Kapital, error) {
	t.Helper()
	secret := maps.Clone(d.secret)
	for name, value := range change {
		if secret[name] = value; value == nil {
			delete(secret, name)
		}
	}
	text, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	return New(text, Options{Stage: "local", Now: noon})
}

func (d *doors) asked() (xml, json int64) { return d.xml.Swap(0), d.json.Swap(0) }

func order() bank.Order {
	return bank.Order{RefForBank: "1", Amount: payment.Money{Minor: 100, Currency: payment.AZN},
		ReturnURL: "https://kassa.example/r", Now: noon()}
}

// TestEachPaymentStaysWhereItWasOpened, whichever gateway new orders go through: the same order id at the other is a
// stranger's.
func TestEachPaymentStaysWhereItWasOpened(t *testing.T) {
	for gateway, want := range map[any][2]int64{nil: {1, 0}, "xml": {1, 0}, "TXPG": {0, 1}} {
		d := open(t)
		k, err := d.bank(t, map[string]any{"gateway": gateway})
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Open(t.Context(), order())
		if xml, json := d.asked(); payment.KindOf(err) != payment.Uncertain || [2]int64{xml, json} != want {
			t.Errorf("%v opens at %d, %d: %v", gateway, xml, json, err)
		}
		for h, want := range map[bank.Handle][2]int64{d.xmlOld: {1, 0}, d.txpgOld: {0, 1}} {
			_, err = k.Status(t.Context(), h)
			if xml, json := d.asked(); payment.KindOf(err) != payment.Unavailable || [2]int64{xml, json} != want {
				t.Errorf("%v: %s is asked about at %d, %d: %v", gateway, h.Account.Merchant, xml, json, err)
			}
			_, err = k.Refund(t.Context(), bank.Refund{Handle: h, Amount: order().Amount, Captured: 100, Now: noon()})
			if xml, json := d.asked(); err == nil || min(xml, 1) != want[0] || min(json, 1) != want[1] {
				t.Errorf("%v: %s is given back at %d, %d: %v", gateway, h.Account.Merchant, xml, json, err)
			}
		}
		for _, h := range []bank.Handle{{},
			{OrderID: "4595", Account: bank.Account{Merchant: "other", Environment: "test", Gateway: "txpg"}},
			{OrderID: "4595", Account: bank.Account{Merchant: "other", Environment: "test"}}} {
			if _, err := k.Status(t.Context(), h); payment.KindOf(err) != payment.Misconfigured {
				t.Errorf("%+v: %v", h, err)
			}
		}
		if xml, json := d.asked(); xml+json != 0 {
			t.Errorf("%v: a stranger's order was asked about", gateway)
		}
	}
}

// TestAGatewayThatIsGone is not made up for by the other.
func TestAGatewayThatIsGone(t *testing.T) {
	d := open(t)
	only := map[string]any{"gateway": "txpg", "merchant_id": nil, "auth": nil, "endpoint": nil, "ca": nil}
	k, err := d.bank(t, only)
	if err != nil {
		t.Fatalf("the JSON gateway alone: %v", err)
	}
	if _, err := k.Status(t.Context(), d.xmlOld); payment.KindOf(err) != payment.Misconfigured ||
		payment.CodeOf(err) != "merchant_changed" {
		t.Errorf("%v", err)
	}
	k, err = d.bank(t, map[string]any{"txpg": nil})
	if err != nil {
		t.Fatalf("the XML gateway alone: %v", err)
	}
	if _, err := k.Refund(t.Context(), bank.Refund{Handle: d.txpgOld}); payment.KindOf(err) != payment.Misconfigured ||
		payment.CodeOf(err) != "merchant_changed" {
		t.Errorf("%v", err)
	}
	if xml, json := d.asked(); xml+json != 0 {
		t.Error("somebody was asked")
	}
}

// TestWrongSettings are told at once and once, and stop no more than they have a part in.
func TestWrongSettings(t *testing.T) {
	d := open(t)
	for name, c := range map[string]struct {
		change       map[string]any
		said         []string
		opens, works bool // new orders; what was opened at either gateway
	}{
		"a gateway that nobody knows": {map[string]any{"gateway": "json"}, []string{"gateway must be one of: xml, txpg"},
			false, true},
		"both miss something": {map[string]any{"merchant_id": nil, "txpg": map[string]any{"merchant_id": "E1"}},
			[]string{"merchant_id must be", "txpg/login must be", "txpg/password must be"}, false, false},
		"no environment": {map[string]any{"environment": "x"}, []string{"environment must be one of: test, prod"},
			false, false},
		"a name of none of them": {map[string]any{"login": "x"}, []string{"login is not a field of this secret"}, false,
			false},
		"nothing of txpg": {map[string]any{"gateway": "txpg", "txpg": nil}, []string{"txpg is missing"}, false, false},
		"a page of the other": {map[string]any{"gateway": "txpg", "page_hosts": []string{"a b"}},
			[]string{"page_hosts entry 1"}, true, true},
	} {
		k, err := d.bank(t, c.change)
		if payment.KindOf(err) != payment.Misconfigured || err == nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, said := range c.said {
			if strings.Count(err.Error(), said) != 1 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if opens := k != nil && k.Profile().Broken[bank.OpOpen] == nil; opens != c.opens {
			t.Errorf("%s: opens %t", name, opens)
		}
		both := k != nil && k.xml != nil && k.json != nil
		if works := both && k.Profile().Broken[bank.OpStatus] == nil; works != c.works {
			t.Errorf("%s: works %t", name, works)
		}
		if k != nil && !c.opens {
			if _, err := k.Open(t.Context(), order()); payment.KindOf(err) != payment.Misconfigured {
				t.Errorf("%s: opened, %v", name, err)
			}
		}
	}
	for _, text := range []string{``, `{`, `[]`} {
		if k, err := New([]byte(text), Options{}); k != nil || payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%q: %v", text, err)
		}
	}
	text := `{"environment":"test","gateway":"xml","gateway":"txpg","merchant_id":"E1","auth":"none",` +
		`"txpg":{"merchant_id":"E1","login":"l","password":"p"}}`
	if k, err := New([]byte(text), Options{Now: noon}); err == nil || strings.Count(err.Error(),
		"gateway stands twice") != 1 || k != nil && k.Profile().Broken[bank.OpOpen] == nil {
		t.Errorf("a gateway that stands twice: %v", err)
	}
}

// TestCallbacksAreReadAsTheirGatewaySendsThem.
func TestCallbacksAreReadAsTheirGatewaySendsThem(t *testing.T) {
	d := open(t)
	k, err := d.bank(t, map[string]any{"gateway": "txpg"})
	if err != nil {
		t.Fatal(err)
	}
	back := url.Values{"ID": {"4595"}, "STATUS": {"FullyPaid"}, "ORDERID": {"17"}}
	for h, want := range map[bank.Handle]string{d.txpgOld: "4595", d.xmlOld: "17", {}: "4595"} {
		n, err := k.Read(bank.Message{Method: http.MethodGet, Query: back, Handle: h})
		if err != nil || n.Handle.OrderID != want || n.Proven {
			t.Errorf("%s: %+v, %v", h.Account.Merchant, n, err)
		}
	}
}

// TestPing asks both, and says which is which.
func TestPing(t *testing.T) {
	d := open(t)
	k, err := d.bank(t, map[string]any{"gateway": "txpg"})
	if err != nil {
		t.Fatal(err)
	}
	questions := []string{}
	for _, p := range k.Profile().Probe(t.Context()) {
		questions = append(questions, p.Question)
	}
	if got := strings.Join(questions,
		", "); got != "txpg: login and order question, txpg: orders and page, xml: status question, xml: totals question" {
		t.Error(got)
	}
	if line := k.Profile().Line; line.Address.Path != "/api" || line.Ends.IsZero() {
		t.Errorf("%+v", line)
	}
}
