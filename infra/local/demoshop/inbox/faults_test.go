package inbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"kassa/shared/loopback/loopbacktest"
)

func TestTheShopFailsAsItIsTold(t *testing.T) {
	for _, c := range []struct {
		fault      Fault
		status     int
		answer     string
		taken      bool
		note       string
		header     string
		headerWant string
	}{
		{fault: Fault{Kind: "http_500"}, status: 500, answer: "told to fail", note: "made to fail: http_500"},
		{fault: Fault{Kind: "http_410"}, status: 410, answer: "told to fail", note: "made to fail: http_410"},
		{fault: Fault{Kind: "http_503", RetryAfter: "120"}, status: 503, answer: "told to fail",
			note:   "made to fail: http_503",
			header: "Retry-After", headerWant: "120"},
		{fault: Fault{Kind: "http_302"}, status: 302, note: "made to fail: http_302", header: "Location",
			headerWant: "/webhooks/kassa/followed-a-redirect"},
		{fault: Fault{Kind: "silent"}, status: 200, note: "made to fail: silent"},
		{fault: Fault{Kind: "cut_after"}, status: 0, taken: true, note: "taken"},
	} {
		l := newLetterbox(t)
		if err := l.Fail(c.fault); err != nil {
			t.Fatal(err)
		}
		body := letter("pay_a-1", "payment.paid", 3, 3, "paid")
		status, answer, header := l.post("demo-az", body, sign(t, secret, "evt_1", body))
		if status != c.status || status != 0 && !strings.Contains(answer, c.answer) || header.Get(c.header) != c.headerWant {
			t.Errorf("%s: %d %s %v", c.fault.Kind, status, answer, header)
		}
		if m := l.one("evt_1"); m.Taken != c.taken || len(m.Attempts) != 1 || m.Attempts[0].Note != c.note {
			t.Errorf("%s: %+v", c.fault.Kind, m)
		}
		l.deliver("evt_1", body, 200)
		if m := l.one("evt_1"); !m.Taken || len(m.Attempts) != 2 || len(l.Faults()) != 0 {
			t.Errorf("%s: after it: %+v", c.fault.Kind, m)
		}
		if s := l.state("pay_a-1"); s.Status != "paid" {
			t.Errorf("%s: %+v", c.fault.Kind, s)
		}
	}
}

// TestAHangingShopIsLetGo: the caller waits until the faults are cleared, and gets no answer.
func TestAHangingShopIsLetGo(t *testing.T) {
	l := newLetterbox(t)
	if err := l.Fail(Fault{Kind: "timeout_before", Count: -1}); err != nil {
		t.Fatal(err)
	}
	body := letter("pay_a-1", "payment.paid", 3, 3, "paid")
	header := sign(t, secret, "evt_1", body)
	ended := make(chan int)
	version := l.Version()
	go func() {
		status, _, _ := l.post("demo-az", body, header)
		ended <- status
	}()
	for l.Version() == version { // the attempt is on record before it hangs
		select {
		case status := <-ended:
			t.Fatalf("answered with %d", status)
		default:
		}
	}
	l.Recover()
	if status := <-ended; status != 0 {
		t.Errorf("%d", status)
	}
	if m := l.one("evt_1"); m.Taken || m.Attempts[0].Answer != 0 {
		t.Errorf("%+v", m)
	}
}

func TestAFaultIsConfined(t *testing.T) {
	l := newLetterbox(t)
	if err := l.Fail(Fault{Kind: "http_500", PaymentID: "pay_a-1", Count: 2}); err != nil {
		t.Fatal(err)
	}
	if err := l.Fail(Fault{Kind: "http_503", Operation: "refund.failed", Count: -1}); err != nil {
		t.Fatal(err)
	}
	l.deliver("evt_b", letter("pay_b-1", "payment.paid", 3, 3, "paid"), 200)
	for _, want := range []int{500, 500, 200} {
		l.deliver("evt_a", letter("pay_a-1", "payment.paid", 3, 3, "paid"), want)
	}
	for range 3 {
		l.deliver("evt_c", letter("pay_b-1", "refund.failed", 5, 5, "paid"), 503)
	}
	l.Recover()
	l.deliver("evt_c", letter("pay_b-1", "refund.failed", 5, 5, "paid"), 200)
	for _, bad := range []Fault{{}, {Kind: "http_200"}, {Kind: "http_600"}, {Kind: "boom"}, {Kind: "500"},
		{Kind: "http_500", Count: -2}, {Kind: "http_500", Nth: -1}} {
		if err := l.Fail(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestControl(t *testing.T) {
	l := newLetterbox(t)
	call := func(method, path, body string, want int) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, l.url+ControlPath+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err != nil || response.Body.Close() != nil || response.StatusCode != want {
			t.Errorf("%s %s: %d %s %v", method, path, response.StatusCode, text, err)
		}
		return string(text)
	}
	call("POST", "/faults", `{"fault":"http_503","retry_after":"60"}`, 200)
	l.deliver("evt_1", letter("pay_a-1", "payment.paid", 3, 3, "paid"), 503)
	call("POST", "/faults", `[{"fault":"http_410","count":-1}]`, 200)
	call("DELETE", "/faults", ``, 200)
	l.deliver("evt_1", letter("pay_a-1", "payment.paid", 3, 4, "paid"), 200)
	call("POST", "/faults", `{"fault":"nonsense"}`, 422)
	call("POST", "/faults", `{"falut":"http_410"}`, 422)
	call("POST", "/secrets", `{"shop":"demo-az","secrets":["`+another+`"]}`, 200)
	l.deliver("evt_2", letter("pay_a-1", "payment.paid", 3, 3, "paid"), 401)

	var report struct {
		Messages []struct {
			ID, Type           string
			Sequence           int64
			Verified, Taken    bool
			Attempts           []struct{ At, Note string }
			Payment            struct{ ID string }
			Shop, Body, Absent string
		}
		Refused []struct {
			ID     string
			Answer int
		}
		Faults []any
	}
	if err := json.Unmarshal([]byte(call("GET", "?payment_id=pay_a-1", "", 200)), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Messages) != 1 || len(report.Messages[0].Attempts) != 2 || !report.Messages[0].Verified ||
		report.Messages[0].Sequence != 3 ||
		len(report.Refused) != 1 || report.Refused[0].Answer != 401 || report.Refused[0].ID != "evt_2" ||
		report.Faults == nil {
		t.Errorf("%+v", report)
	}
	if text := call("GET", "?order_ref=none", "", 200); !strings.Contains(text, `"messages":[]`) {
		t.Error(text)
	}
}

func TestOtherSitesAreKeptOut(t *testing.T) {
	loopbacktest.Guarded(t, newLetterbox(t).url, nil, []string{ControlPath, ControlPath + "/faults"})
}
