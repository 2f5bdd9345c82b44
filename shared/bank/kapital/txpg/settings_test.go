package txpg

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

func complete() map[string]any {
	return map[string]any{"merchant_id": "E1000010", "login": testLogin, "password": testPassword}
}

func secretOf(t testing.TB, root, change map[string]any) []byte {
	t.Helper()
	section := complete()
	lay(section, change)
	whole := map[string]any{"environment": "test", Section: section}
	lay(whole, root)
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDefaults(t *testing.T) {
	for environment, host := range map[string]string{"test": "txpgtst.kapitalbank.az",
		"PROD": "e-commerce.kapitalbank.az"} {
		g, err := New(secretOf(t, map[string]any{"environment": environment}, nil), Options{Stage: "prod", Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		s := g.settings
		if s.Address.String() != "https://"+host+"/api" || !slices.Equal(s.Pages.Hosts, []string{host}) ||
			s.pagePath != "flex" || s.purchase != "Order_SMS" ||
			!slices.Equal(s.currencies, []payment.Currency{payment.AZN}) || s.day.Until != 23*time.Hour || !s.voidFirst ||
			len(s.taksit) != 0 || s.reference != "" ||
			s.session != 20*time.Minute || s.Timeout != 20*time.Second || s.language != "az" || len(s.words) != 0 ||
			s.Pages.Loopback || s.Roots != nil {
			t.Errorf("%s: %+v", environment, s)
		}
		if _, offset := noon().In(s.day.Zone).Zone(); offset != 4*3600 {
			t.Errorf("the bank's clock is %d s off UTC", offset)
		}
	}
}

// TestAPageWhereTheGatewayIs: whoever names another gateway and no page gets its pages, not a refusal of each order;
// and the bank's own, since the gateway may be reached by a detour that customers do not take.
func TestAPageWhereTheGatewayIs(t *testing.T) {
	const usual = "txpgtst.kapitalbank.az"
	for name, c := range map[string]struct {
		change map[string]any
		want   string
	}{
		"the bank's own": {map[string]any{"base_url": "https://TXPGtst.kapitalbank.az/api"}, usual},
		"an address":     {map[string]any{"base_url": "https://New.Bank.test:443/api"}, usual + " new.bank.test"},
		"with a port":    {map[string]any{"base_url": "https://new.bank.test:8083/"}, usual + " new.bank.test:8083"},
		"a page besides": {map[string]any{"base_url": "https://new.bank.test", "page_hosts": []string{"a.az"}}, "a.az"},
	} {
		g, err := New(secretOf(t, nil, c.change), Options{Stage: "prod", Now: noon})
		if err != nil || !slices.Equal(g.settings.Pages.Hosts, strings.Fields(c.want)) {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
}

// TestEveryWrongSettingIsToldAtOnce, by name and without its value; what belongs to the other gateway is not this
// one's to judge.
func TestEveryWrongSettingIsToldAtOnce(t *testing.T) {
	const canary = "canary-value"
	change := map[string]any{"merchant_id": "a b", "base_url": "http://" + canary, "page_hosts": []string{"https://" +
		canary}, "page_path": "a/b",
		"login": "a:" + canary, "password": "", "ca": canary, "order_types": map[string]any{"purchase": "a b",
			"hold": canary}, "currencies": []string{"AZN", canary},
		"zone": canary, "void_until": canary, "refund_same_day": canary, "taksit_terms": canary,
		"merchant_reference": canary, "language": canary,
		"session": canary, "timeout": canary, "status_words": map[string]any{"FullyPaid": "Declined", "Neu": canary},
		"login_": canary}
	_, err := New(secretOf(t, map[string]any{"environment": canary, "insecure_loopback": true, "endpoint": canary},
		change), Options{Stage: "prod", Now: noon})
	if payment.KindOf(err) != payment.Misconfigured || strings.Contains(err.Error(), canary) {
		t.Fatalf("%v", err)
	}
	for name := range change {
		if !strings.Contains(err.Error(), "txpg/"+name+" ") && name != "order_types" {
			t.Errorf("%s is not told: %v", name, err)
		}
	}
	for _, name := range []string{"environment must", "insecure_loopback is", "txpg/order_types/purchase must",
		"txpg/order_types/hold is not", "txpg/login_ is not"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not told: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "endpoint") {
		t.Errorf("the other gateway's settings are judged: %v", err)
	}
	for _, text := range []string{``, `[]`, `{"environment":"test"}`, `{"environment":"test","txpg":[]}`,
		`{"environment":"test","txpg":{}}`} {
		if g, err := New([]byte(text), Options{Stage: "prod"}); payment.KindOf(err) != payment.Misconfigured || g != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What a wrong field has no part in works all the same; a terminal that cannot ask is none.
func TestABrokenPartStopsNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		root, change map[string]any
		works        string // the operations that do
	}{
		"a page's host": {nil, map[string]any{"page_hosts": []string{"a b"}}, "status refund read"},
		"a loopback":    {map[string]any{"insecure_loopback": true}, nil, "status refund read"},
		"a language":    {nil, map[string]any{"language": "TR"}, "status refund read"},
		"a type": {nil, map[string]any{"order_types": map[string]any{"hold": "x"}},
			"status refund read"},
		"a neighbour's currency":   {nil, map[string]any{"currencies": []string{"BYN"}}, "status refund read"},
		"a currency twice":         {nil, map[string]any{"currencies": []string{"USD", "usd"}}, "status refund read"},
		"no currency":              {nil, map[string]any{"currencies": []string{"JPY"}}, "status refund read"},
		"terms":                    {nil, map[string]any{"taksit_terms": []int{99}}, "status refund read"},
		"a cut-off":                {nil, map[string]any{"void_until": "25:00"}, "open status read"},
		"a verb":                   {nil, map[string]any{"refund_same_day": "never"}, "open status read"},
		"words":                    {nil, map[string]any{"status_words": map[string]any{"a": "b"}}, ""},
		"no password":              {nil, map[string]any{"password": nil}, ""},
		"a name that nobody knows": {nil, map[string]any{"page_host": "x"}, ""},
		"an environment":           {map[string]any{"environment": "x"}, nil, ""},
	} {
		g, err := New(secretOf(t, c.root, c.change), Options{Stage: "prod", Now: noon})
		if payment.KindOf(err) != payment.Misconfigured || (g == nil) != (c.works == "") {
			t.Fatalf("%s: %v, %v", name, err, g)
		}
		for _, op := range []bank.Operation{bank.OpOpen, bank.OpStatus, bank.OpRefund, bank.OpRead} {
			if g == nil {
				continue
			}
			if wrong := g.Ready(op); strings.Contains(c.works, string(op)) != (wrong == nil) {
				t.Errorf("%s: %s: %v", name, op, wrong)
			}
		}
		if g != nil && !strings.Contains(c.works, "read") {
			if notice, err := g.Read(bank.Message{}); payment.KindOf(err) != payment.Misconfigured {
				t.Errorf("%s: it reads %+v, %v", name, notice, err)
			}
		}
	}
}

// TestAForeignHandleIsNotAskedAbout: not one of another merchant, nor of this merchant's other gateway.
func TestAForeignHandleIsNotAskedAbout(t *testing.T) {
	c := connect(t, nil)
	h, _ := c.paid(t)
	if h.Account != (bank.Account{Merchant: "E1000010", Environment: "test", Gateway: "txpg"}) {
		t.Errorf("%+v", h)
	}
	c.bank.asked = nil
	for name, account := range map[string]bank.Account{
		"the XML gateway's": {Merchant: "E1000010", Environment: "test"},
		"another":           {Merchant: "E1000011", Environment: "test", Gateway: "txpg"},
		"the real money's":  {Merchant: "E1000010", Environment: "prod", Gateway: "txpg"},
		"nobody's":          {},
	} {
		foreign := h
		foreign.Account = account
		if _, err := c.Status(t.Context(), foreign); payment.KindOf(err) != payment.Misconfigured || len(c.bank.asked) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoSecretIsPrinted, whatever prints the gateway's errors and lines.
func TestNoSecretIsPrinted(t *testing.T) {
	c := connect(t, nil)
	h, o := c.paid(t)
	said := []string{}
	for _, fault := range []string{"lost", "junk", "gone", "503 ",
		`400 {"errorCode":"InvalidLogin","errorDescription":"canary-text"}`} {
		for _, call := range []string{"create", "order", "exec-tran"} {
			c.Gateway = c.terminal(t, nil) // with no login left alone
			c.bank.faulty, c.bank.fault = call, fault
			_, opened := c.Open(t.Context(), c.order())
			_, asked := c.Status(t.Context(), h)
			_, given := c.Refund(t.Context(), c.refund(h, 1, 0))
			said = append(said, fmt.Sprintf("%v %+v %v", opened, asked, given))
		}
	}
	o.status = "Odd"
	_, _ = c.Status(t.Context(), h)
	text := strings.Join(said, "\n") + c.log.String()
	for _, secret := range []string{h.Private, "password=", testPassword, "canary-text", "4169"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is told: %s", secret, text)
		}
	}
}
