package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/boot/boottest"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

func come(t *testing.T, b *boottest.Bench, name string, p payment.Payment, token string,
	change func(*events.LambdaFunctionURLRequest)) events.LambdaFunctionURLResponse {
	t.Helper()
	var event events.LambdaFunctionURLRequest
	b.Event(&event, name, "«id»", p.ID.String(), "«token»", token)
	if change != nil {
		change(&event)
	}
	h := handler{checkout: b.Service}
	edge := b.Edge(h.routes(), api.MaxBody)
	edge.Show = show
	a, err := edge.FunctionURL(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if a.Headers["Cache-Control"] != "no-store" {
		t.Errorf("%v", a.Headers)
	}
	return a
}

// TestCustomersAreBroughtBack by how the payment stands once the bank was asked, with GET and with POST.
func TestCustomersAreBroughtBack(t *testing.T) {
	for state, want := range map[payment.State]string{
		payment.BankOpen:       "https://shop.example/thanks?order=12345&payment_id=ID&status=pending",
		payment.BankProcessing: "https://shop.example/thanks?order=12345&payment_id=ID&status=pending",
		payment.BankApproved:   "https://shop.example/thanks?order=12345&payment_id=ID&status=paid",
		payment.BankReturned:   "https://shop.example/thanks?order=12345&payment_id=ID&status=refunded",
		payment.BankDeclined:   "https://shop.example/declined?payment_id=ID&status=declined",
		payment.BankCancelled:  "https://shop.example/cancelled?payment_id=ID&status=cancelled",
		payment.BankExpired:    "https://shop.example/cancelled?payment_id=ID&status=expired",
	} {
		for _, name := range []string{"return-get.json", "return-post.json"} {
			b := boottest.New(t)
			p := b.Open("12345")
			b.Bank.Says(payment.Report{State: state, Word: "WORD"})
			a := come(t, b, name, p, p.CallbackToken, nil)
			want := strings.Replace(want, "ID", p.ID.String(), 1)
			if a.StatusCode != 303 || a.Headers["Location"] != want || a.Headers["Referrer-Policy"] != "no-referrer" ||
				a.Body != "" {
				t.Errorf("%s, %s: %+v", state, name, a)
			}
			if strings.Contains(b.Logged(), p.CallbackToken) || !strings.Contains(b.Logged(), `"route":"return"`) {
				t.Errorf("the log holds the token: %s", b.Logged())
			}
		}
	}
}

// TestDoubtBringsBackToSuccess: a customer whose payment ended, but waits for a person, may have paid, and is told of
// no failure.
func TestDoubtBringsBackToSuccess(t *testing.T) {
	for _, state := range []payment.State{payment.BankDeclined, payment.BankCancelled, payment.BankExpired} {
		b := boottest.New(t)
		p := b.Open("12345")
		b.Bank.Says(payment.Report{State: state, Word: "WORD"})
		come(t, b, "notify.json", p, p.CallbackToken, nil)
		ended, err := b.Store.Load(t.Context(), p.ID)
		if err != nil || ended.Status.Live() {
			t.Fatal(ended.Status, err)
		}
		b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "WORD",
			Amount: payment.Money{Minor: 15000, Currency: payment.BYN}})
		b.Advance(time.Minute)
		a := come(t, b, "return-get.json", p, p.CallbackToken, nil)
		want := "https://shop.example/thanks?order=12345&payment_id=" + p.ID.String() + "&status=" + string(ended.Status)
		if a.StatusCode != 303 || a.Headers["Location"] != want {
			t.Errorf("%s: %+v, want %s", state, a, want)
		}
	}
}

// TestCustomersAreBroughtBackFromTrouble: whatever is wrong, a customer whose payment can be read is sent to the shop.
func TestCustomersAreBroughtBackFromTrouble(t *testing.T) {
	for name, prepare := range map[string]func(*boottest.Bench){
		"unreadable": func(b *boottest.Bench) { b.Bank.CallbackErr = &payment.Error{Kind: payment.Malformed} },
		"forged":     func(b *boottest.Bench) { b.Bank.CallbackErr = &payment.Error{Kind: payment.Forged} },
		"bank down":  func(b *boottest.Bench) { b.Bank.StatusErr = &payment.Error{Kind: payment.Unavailable} },
		"settings":   func(b *boottest.Bench) { b.Bank.StatusErr = &payment.Error{Kind: payment.Misconfigured} },
	} {
		b := boottest.New(t)
		p := b.Open("12345")
		prepare(b)
		if a := come(t, b, "return-post.json", p, p.CallbackToken, nil); a.StatusCode != 303 ||
			!strings.HasSuffix(a.Headers["Location"], "&status=pending") {
			t.Errorf("%s: %+v", name, a)
		}
		if (b.Bank.Questions() == 0) != (name == "forged") {
			t.Errorf("%s: the bank was asked %d times", name, b.Bank.Questions())
		}
	}
}

// TestPagesOfOurOwn: where the payment cannot be read its shop is not known, and the customer gets words.
func TestPagesOfOurOwn(t *testing.T) {
	for name, c := range map[string]struct {
		token, language, words string
		change                 func(*events.LambdaFunctionURLRequest)
		down                   bool
		status                 int
	}{
		"wrong token": {token: "WRONG", language: "az-AZ,en;q=0.5", words: "Burada", status: 404},
		"no id": {token: "T", language: "be-BY,be;q=0.9,ru;q=0.8", words: "Тут", status: 404,
			change: func(e *events.LambdaFunctionURLRequest) { e.RawPath = "/pay_x/T/return" }},
		"weights": {token: "WRONG", language: "en;q=0.3, de, ru;q=0.9, az;q=0", words: "Здесь", status: 404},
		"too large": {language: "de, en", words: "Nothing here", status: 413,
			change: func(e *events.LambdaFunctionURLRequest) {
				e.Body, e.IsBase64Encoded = strings.Repeat("x", api.MaxBody+1), false
			}},
		"store down": {language: "ru-RU", words: "Одну минуту", status: 503, down: true},
	} {
		b := boottest.New(t)
		p := b.Open("12345")
		token := c.token
		if token == "" {
			token = p.CallbackToken
		}
		if c.down {
			b.Store.Before = func(memory.Op, payment.ID) error {
				return &payment.Error{Kind: payment.Unavailable, Cause: errors.New("CANARY")}
			}
		}
		a := come(t, b, "return-post.json", p, token, func(e *events.LambdaFunctionURLRequest) {
			e.Headers["accept-language"] = c.language
			if c.change != nil {
				c.change(e)
			}
		})
		if a.StatusCode != c.status || !strings.Contains(a.Body, c.words) || !strings.HasPrefix(a.Headers["Content-Type"],
			"text/html") || strings.Contains(a.Body, "<script") {
			t.Errorf("%s: %d %v %s", name, a.StatusCode, a.Headers, a.Body)
		}
		style := between(a.Body, "<style>", "</style>")
		sum := sha256.Sum256([]byte(style))
		policy := a.Headers["Content-Security-Policy"]
		if style == "" || !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") ||
			strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %q does not allow this page's style alone", name, policy)
		}
		if a.Headers["Content-Security-Policy"] == "" || (a.Headers["Retry-After"] != "") != c.down ||
			strings.Contains(a.Body, "CANARY") {
			t.Errorf("%s: %v", name, a.Headers)
		}
		if b.Bank.Questions() != 0 {
			t.Errorf("%s: a stranger made us ask the bank", name)
		}
	}
}

func between(text, begin, end string) string {
	_, text, _ = strings.Cut(text, begin)
	text, _, _ = strings.Cut(text, end)
	return text
}

func TestNotify(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "APPROVED"})
	for range 100 {
		if a := come(t, b, "notify.json", p, p.CallbackToken, nil); a.StatusCode != 200 || a.Body != "OK" {
			t.Fatalf("%+v", a)
		}
		b.Advance(time.Second)
	}
	now, err := b.Store.Load(t.Context(), p.ID)
	if err != nil || now.Status != payment.Paid || now.Sequence != 3 || b.Bank.Questions() != 1 {
		t.Errorf("%s at %d, asked %d times, %v", now.Status, now.Sequence, b.Bank.Questions(), err)
	}
}

// TestNotifyThatCannotBeRead: the address says which payment is meant, so the bank is asked as about any other. A
// server that hears 400 would say the same thing for hours; it is to call again only where the question had no answer.
func TestNotifyThatCannotBeRead(t *testing.T) {
	for _, down := range []bool{false, true} {
		b := boottest.New(t)
		p := b.Open("12345")
		b.Bank.CallbackErr = &payment.Error{Kind: payment.Malformed}
		b.Bank.Says(payment.Report{State: payment.BankApproved, Word: "APPROVED"})
		status, stands := 200, payment.Paid
		if down {
			b.Bank.StatusErr = &payment.Error{Kind: payment.Unavailable}
			status, stands = 503, payment.Pending
		}
		a := come(t, b, "notify.json", p, p.CallbackToken, nil)
		now, err := b.Store.Load(t.Context(), p.ID)
		if a.StatusCode != status || err != nil || now.Status != stands || b.Bank.Questions() == 0 {
			t.Errorf("bank down %v: %+v, and it is %s after %d questions, %v", down, a, now.Status, b.Bank.Questions(), err)
		}
		if !strings.Contains(b.Logged(), "cannot be read") {
			t.Errorf("nobody is told: %s", b.Logged())
		}
	}
}

func TestNotifyRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*boottest.Bench)
		token   string
		change  func(*events.LambdaFunctionURLRequest)
		status  int
	}{
		"forged": {prepare: func(b *boottest.Bench) {
			b.Bank.CallbackErr = &payment.Error{Kind: payment.Forged}
		}, status: 401},
		"wrong token": {token: "WRONG", status: 404},
		"elsewhere":   {change: func(e *events.LambdaFunctionURLRequest) { e.RawPath = "/favicon.ico" }, status: 404},
		"no token": {change: func(e *events.LambdaFunctionURLRequest) {
			e.RawPath = strings.Replace(e.RawPath, "/notify", "/refund", 1)
		}, status: 404},
		"bank down": {prepare: func(b *boottest.Bench) {
			b.Bank.StatusErr = &payment.Error{Kind: payment.Unavailable}
		}, status: 503},
		"store down": {prepare: func(b *boottest.Bench) {
			b.Store.Before = func(memory.Op, payment.ID) error { return &payment.Error{Kind: payment.Unavailable} }
		}, status: 503},
		"too large": {change: func(e *events.LambdaFunctionURLRequest) {
			e.Body = strings.Repeat("x", api.MaxBody+1)
		}, status: 413},
	} {
		b := boottest.New(t)
		p := b.Open("12345")
		if c.prepare != nil {
			c.prepare(b)
		}
		if c.token == "" {
			c.token = p.CallbackToken
		}
		a := come(t, b, "notify.json", p, c.token, c.change)
		if a.StatusCode != c.status || a.Headers["Content-Type"] != "application/problem+json" ||
			(a.Headers["Retry-After"] != "") != (c.status == 503) {
			t.Errorf("%s: %+v", name, a)
		}
		// The line of the request says which payment its address names, and its token to nobody.
		line := b.Logged()[strings.LastIndex(strings.TrimSpace(b.Logged()), "\n")+1:]
		if named := strings.Contains(line, `"payment_id":"`+p.ID.String()+`"`); named != (name != "elsewhere" &&
			name != "no token") || strings.Contains(line, p.CallbackToken) {
			t.Errorf("%s: the log says %s", name, line)
		}
		b.Store.Before = nil
		if now, err := b.Store.Load(t.Context(), p.ID); err != nil || now.Status != payment.Pending ||
			now.Sequence != p.Sequence {
			t.Errorf("%s: it is now %s, %v", name, now.Status, err)
		}
	}
}

// TestLooksAskNobody: a link preview is no news.
func TestLooksAskNobody(t *testing.T) {
	b := boottest.New(t)
	p := b.Open("12345")
	for _, method := range []string{"HEAD", "OPTIONS"} {
		a := come(t, b, "return-get.json", p, p.CallbackToken, func(e *events.LambdaFunctionURLRequest) {
			e.RequestContext.HTTP.Method = method
		})
		if a.StatusCode != 204 || a.Headers["Allow"] == "" || b.Bank.Questions() != 0 {
			t.Errorf("%s: %+v", method, a)
		}
	}
}
