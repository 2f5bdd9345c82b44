package docs

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kassa/infra/local/stack"
)

// payment is what the page tells its reader to look at.
type payment struct {
	ID          string `json:"id"`
	OrderRef    string `json:"order_ref"`
	Status      string `json:"status"`
	BankOrderID string `json:"bank_order_id"`
	RedirectURL string `json:"redirect_url"`
	Amount      int64  `json:"amount"`
	Captured    int64  `json:"captured_amount"`
	Refunded    int64  `json:"refunded_amount"`
	Term        int    `json:"term"`
}

// TestCallsOfThePage makes the page's calls to the whole checkout on one machine, by curl and by each language's
// function.
func TestCallsOfThePage(t *testing.T) {
	s, err := stack.Start(t.Context(), stack.Config{Root: root, Data: t.TempDir(),
		Built: filepath.Join(root, ".build", "docs"), Ticks: make(chan time.Time)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Run("curl", func(t *testing.T) { byCurl(t, s) })
	for name := range languages() {
		t.Run(name, func(t *testing.T) { byProgram(t, s, name) })
	}
}

// byCurl types what the page shows, one block after the other.
func byCurl(t *testing.T, s *stack.Stack) {
	interpreter(t, "curl")
	shell := interpreter(t, "sh")
	run := func(text string, env ...string) []byte {
		t.Helper()
		cmd := exec.Command(shell, "-eu", "-c", text)
		cmd.Env = append(append(os.Environ(), "KASSA_DATA="+filepath.Dir(s.InfoFile())), env...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, text, out)
		}
		return out
	}
	sh := func(block string, env ...string) []byte {
		t.Helper()
		return run(find(t, "sh", "setup")+find(t, "sh", block), env...)
	}
	opened := read[payment](t, sh("create"))
	if opened.Status != "pending" || opened.OrderRef != "12345" || opened.Amount != 15000 || opened.RedirectURL == "" {
		t.Fatalf("%+v", opened)
	}
	if err := s.Kapital.Approve(opened.BankOrderID); err != nil {
		t.Fatal(err)
	}
	id := "PAYMENT=" + opened.ID
	if p := read[payment](t, sh("poll", id)); p.Status != "paid" || p.Captured != 15000 {
		t.Errorf("%+v", p)
	}
	for range 2 { // the key makes it one refund
		if r := read[payment](t, sh("refund", id)); r.Status != "succeeded" || r.Amount != 5000 {
			t.Errorf("%+v", r)
		}
	}
	list := read[struct{ Payments []payment }](t, sh("attempts"))
	if len(list.Payments) != 1 || list.Payments[0].Refunded != 5000 || list.Payments[0].Status != "partially_refunded" {
		t.Errorf("%+v", list)
	}
	if list := read[struct{ Payments []payment }](t, sh("days")); list.Payments == nil {
		t.Errorf("the payments of a day: %+v", list)
	}
	if list := read[struct{ Payments []payment }](t, sh("undelivered")); list.Payments == nil {
		t.Errorf("what is not acknowledged: %+v", list)
	}
	if p := read[payment](t, sh("redeliver", id)); p.ID != opened.ID || p.Status != "partially_refunded" {
		t.Errorf("sent again: %+v", p)
	}
	if p := read[map[string]any](t, sh("cancel", id)); p["code"] == nil || p["status"] != 409.0 {
		t.Errorf("a paid payment was cancelled: %v", p)
	}
	seen := run(find(t, "sh", "setup") + `sh -c 'echo "$KASSA_API $KASSA_API_KEY"'`)
	if want := s.Info.APIURL + " " + s.Info.Shops[0].APIKey + "\n"; string(seen) != want {
		t.Errorf("a program that is started after the setup reads %q, want %q", seen, want)
	}
	byInstalments := func() payment { // the other shop's order
		return read[payment](t, run(find(t, "sh", "setup")+find(t, "sh", "instalments-setup")+find(t, "sh", "instalments")))
	}
	first := byInstalments()
	if first.Status != "pending" || first.Term != 12 || first.RedirectURL == "" {
		t.Errorf("%+v", first)
	}
	if again := byInstalments(); again.ID != first.ID || again.RedirectURL != first.RedirectURL {
		t.Errorf("the same order is another payment: %+v", again)
	}
}

func byProgram(t *testing.T, s *stack.Stack, name string) {
	ask := caller(t, name, s.Info.APIURL, s.Info.Shops[0].APIKey)
	open := func(ref string) map[string]any {
		t.Helper()
		opened := ask(call{Method: "POST", Path: "/v1/payments", Body: map[string]any{
			"order_ref": ref, "bank": "kapital", "amount": 15000, "currency": "AZN", "description": "Sifariş №7",
			"return_urls": map[string]any{"success": s.Info.ShopURL},
		}})
		if opened.Status != 201 || opened.Answer["status"] != "pending" {
			t.Fatalf("%+v", opened)
		}
		return opened.Answer
	}
	p := open("of-" + name)
	if err := s.Kapital.Approve(fmt.Sprint(p["bank_order_id"])); err != nil {
		t.Fatal(err)
	}
	path := "/v1/payments/" + fmt.Sprint(p["id"])
	if polled := ask(call{Method: "GET", Path: path}); polled.Status != 200 || polled.Answer["status"] != "paid" ||
		polled.Answer["description"] != "Sifariş №7" {
		t.Errorf("%+v", polled)
	}
	if r := ask(call{Method: "POST", Path: path + "/refunds", Body: map[string]any{"reason": "all of it"},
		Key: "all-of-" + name}); r.Status != 201 || r.Answer["amount"] != 15000.0 {
		t.Errorf("%+v", r)
	}
	second := open("another-of-" + name)
	if c := ask(call{Method: "POST", Path: "/v1/payments/" + fmt.Sprint(second["id"]) + "/cancel"}); c.Status != 200 ||
		c.Answer["status"] != "cancelled" {
		t.Errorf("%+v", c)
	}
	if foreign := ask(call{Method: "GET", Path: "/v1/payments/pay_aaaaaaaaaaaaaaaaaaaaaaaaaa-1"}); foreign.Status != 404 ||
		foreign.Answer["code"] != "not_found" {
		t.Errorf("%+v", foreign)
	}
}

func read[T any](t *testing.T, text []byte) (doc T) {
	t.Helper()
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}
