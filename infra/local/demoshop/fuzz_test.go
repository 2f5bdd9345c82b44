package demoshop

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kassa/infra/local/demoshop/words"
)

// bytesFrom answers every call with the same bytes.
type bytesFrom struct {
	status int
	body   []byte
}

func (b bytesFrom) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: b.status, Header: http.Header{"Retry-After": {string(b.body)}},
		Body: io.NopCloser(bytes.NewReader(b.body)), Request: r}, nil
}

// FuzzAnswers holds that whatever answers the shop's calls, the result is either
// a payment of the order asked for, or a problem that has words.
func FuzzAnswers(f *testing.F) {
	f.Add(200, []byte(`{"id":"pay_x-1","order_ref":"10001","amount":15000,"currency":"AZN","status":"pending",`+
		`"review":["amount"],"created_at":"2026-03-01T09:00:00Z"}`))
	f.Add(201, []byte(`{"order_ref":"10001","amount":15000.5,"currency":"AZN","review":"status"}`))
	f.Add(422, []byte(`{"code":"invalid","errors":[{"pointer":"/amount","detail":"too large"}]}`))
	f.Add(503, []byte(`17`))
	f.Add(200, []byte(`{"payments":[{"review":null},{"review":""},{"review":{}}]}`))
	f.Add(409, []byte(`null`))
	say := english(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		k := kassa{base: "http://kassa.example", client: &http.Client{Transport: bytesFrom{status, body},
			CheckRedirect: followNothing}}
		want := newPayment{OrderRef: "10001", Amount: 15000, Currency: "AZN"}
		p, err := k.pay(t.Context(), "sk", want)
		if err == nil && (p.OrderRef != want.OrderRef || p.Amount != want.Amount || p.Currency != want.Currency) {
			t.Fatalf("took %+v for a payment of %+v", p, want)
		}
		_, listing := k.attempts(t.Context(), "sk", "10001")
		for _, err := range []error{err, listing} {
			var known *problem
			if err != nil && (!errors.As(err, &known) || known.words(say).Title == "" || known.sentence(say) == "") {
				t.Fatalf("an error without words: %v", err)
			}
		}
	})
}

// FuzzFlash holds that a forged message is text on the page and nothing else.
func FuzzFlash(f *testing.F) {
	for _, seed := range []string{`{"tone":"good","text":"Refunded."}`, `{"text":"<script>x()</script>"}`, `{`, ``,
		`{"tone":"\" onclick=\"","text":"x"}`} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(seed)))
	}
	texts, err := words.Read()
	if err != nil {
		f.Fatal(err)
	}
	rendered, err := loadPages(texts)
	if err != nil {
		f.Fatal(err)
	}
	s := &Site{texts: texts, pages: rendered, shops: []Shop{{Name: "Nar"}}, public: &url.URL{Scheme: "http"}}
	f.Fuzz(func(t *testing.T, cookie string) {
		r := httptest.NewRequest(http.MethodGet, "/orders", nil)
		r.AddCookie(&http.Cookie{Name: flashCookie, Value: cookie})
		w := httptest.NewRecorder()
		s.render(w, r, http.StatusOK, "orders", page{Title: "Orders", Flash: s.takeFlash(w, r), Body: ordersView{}})
		html := w.Body.String()
		if w.Code != http.StatusOK || strings.Count(html, "<script") != 1 || strings.Contains(html, `onclick="`) {
			t.Fatalf("%d\n%s", w.Code, html)
		}
	})
}
