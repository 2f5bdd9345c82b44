package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kassa/shared/payment"
)

// keyring knows one key, as shared/shop would.
type keyring struct{ fail error }

func (k keyring) Shop(_ context.Context, key Key) (Shop, error) {
	switch {
	case k.fail != nil:
		return Shop{}, k.fail
	case key == Key{Shop: "demo-az", ID: "k1", Secret: "secret"}:
		return Shop{ID: "demo-az", KeyID: "k1", Scopes: []Scope{Read}}, nil
	}
	return Shop{}, &payment.Error{Kind: payment.Forged, Cause: errors.New("unknown shop " + key.Shop)}
}

func TestParseKey(t *testing.T) {
	for header, want := range map[string]Key{
		"Bearer sk_demo-az_k1_secret":                         {"demo-az", "k1", "secret"},
		"bearer sk_demo-az_k1_a_b-C9":                         {"demo-az", "k1", "a_b-C9"},
		"":                                                    {},
		"Bearer":                                              {},
		"Bearer ":                                             {},
		"Basic sk_demo-az_k1_secret":                          {},
		"Bearer  sk_demo-az_k1_secret":                        {"demo-az", "k1", "secret"},
		"BEARER sk_demo-az_k1_secret":                         {"demo-az", "k1", "secret"},
		" Bearer sk_demo-az_k1_secret\t ":                     {"demo-az", "k1", "secret"},
		"Bearer\tsk_demo-az_k1_secret":                        {},
		"Bearer sk_demo-az_k1_sec ret":                        {},
		"Bearersk_demo-az_k1_secret":                          {},
		"sk_demo-az_k1_secret":                                {},
		"Bearer \u00a0sk_demo-az_k1_secret":                   {},
		"Bearer sk_demo-az_k1_":                               {},
		"Bearer sk_demo-az_k1":                                {},
		"Bearer sk__k1_secret":                                {},
		"Bearer sk_DEMO_k1_secret":                            {},
		"Bearer sk_../x_k1_secret":                            {},
		"Bearer ct_sk_demo-az_k1_secret":                      {},
		"Bearer sk_demo-az_k1_s\nX: y":                        {},
		"Bearer sk_demo-az_k1_s,Bearer sk":                    {}, // two headers, joined by AWS
		"Bearer sk_" + strings.Repeat("s", 33) + "_k1_secret": {},
	} {
		got, ok := ParseKey(header)
		if got != want || ok != (want != Key{}) {
			t.Errorf("%q: %#v, %v", header, got, ok)
		}
	}
}

func TestKeysPrintWithoutSecret(t *testing.T) {
	key, ok := ParseKey("Bearer sk_demo-az_k1_canary")
	const shown = "sk_demo-az_k1_..."
	if text := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); !ok || text != strings.Join(
		[]string{shown, shown, shown, shown}, " ") {
		t.Error(text)
	}
}

func TestClientToken(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer ct_ABC": "ABC", "bearer ct_A-b_9": "A-b_9", "Bearer ct_": "", "Bearer sk_a_b_c": "", "ct_ABC": "",
		"Bearer ct_A,Bearer ct_B": "", "": "",
	} {
		r := &Request{Header: map[string]string{"authorization": header}}
		if got, ok := r.ClientToken(); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", header, got, ok)
		}
	}
}

// TestUniform401: whatever is wrong with a key, the answer has the same bytes.
func TestUniform401(t *testing.T) {
	bodies := map[string]bool{}
	for _, header := range []string{"", "Basic x", "Bearer sk_demo-az_k1_wrong", "Bearer sk_demo-az_k9_secret",
		"Bearer sk_nobody_k1_secret", "Bearer ct_ABC"} {
		_, err := Authenticate(t.Context(), keyring{}, &Request{Header: map[string]string{"authorization": header}}, Read)
		a := NewProblem(err, "req-1").Response()
		if a.Status != 401 || a.Header["WWW-Authenticate"] == "" {
			t.Errorf("%q: %d %v", header, a.Status, a.Header)
		}
		bodies[string(a.Body)] = true
	}
	if len(bodies) != 1 {
		t.Errorf("answers differ: %v", bodies)
	}
}

func TestAuthenticate(t *testing.T) {
	r := &Request{Header: map[string]string{"authorization": "Bearer sk_demo-az_k1_secret"}}
	if shop, err := Authenticate(t.Context(), keyring{}, r, Read); err != nil || shop.ID != "demo-az" ||
		r.log.shop != "demo-az" {
		t.Errorf("%+v, %v", shop, err)
	}
	down := &payment.Error{Kind: payment.Unavailable}
	if _, err := Authenticate(t.Context(), keyring{fail: down}, r, Read); payment.KindOf(err) != payment.Unavailable {
		t.Errorf("a store that is down must not look like a wrong key: %v", err)
	}
	r.Header["authorization"] = "Basic x"
	if _, err := Authenticate(t.Context(), keyring{fail: down}, r, Read); payment.KindOf(err) != payment.Forged {
		t.Errorf("settings were fetched for what is no key: %v", err)
	}
}

// TestAKeyMustHaveTheScope: a key that is right and may not do this learns which scope it lacks; one that is wrong
// learns nothing.
func TestAKeyMustHaveTheScope(t *testing.T) {
	for _, needed := range []Scope{Create, Refund} {
		r := &Request{Header: map[string]string{"authorization": "Bearer sk_demo-az_k1_secret"}}
		_, err := Authenticate(t.Context(), keyring{}, r, needed)
		p := NewProblem(err, "req-1")
		if p.Status != 403 || p.Code != "scope_missing" || !strings.Contains(p.Detail, string(needed)) ||
			r.log.shop != "demo-az" {
			t.Errorf("%s: %+v", needed, p)
		}
		r.Header["authorization"] = "Bearer sk_demo-az_k1_wrong"
		if _, err = Authenticate(t.Context(), keyring{}, r, needed); NewProblem(err, "req-1").Status != 401 {
			t.Errorf("%s with a wrong key: %v", needed, err)
		}
	}
}

// brokenLimit is a shop whose limit of refunds cannot be read.
type brokenLimit struct{}

func (brokenLimit) Shop(context.Context, Key) (Shop, error) {
	return Shop{ID: "demo-az", Scopes: []Scope{Create, Read, Refund}, Broken: map[string]error{
		"refund_limit_per_day": &payment.Error{Kind: payment.Misconfigured, Message: "it is no amount"}}}, nil
}

// TestABrokenRefundLimitStopsRefundsAlone: nobody knows then how much the shop's keys may give back.
func TestABrokenRefundLimitStopsRefundsAlone(t *testing.T) {
	for needed, want := range map[Scope]payment.Kind{Create: payment.Internal, Read: payment.Internal,
		Refund: payment.Misconfigured} {
		r := &Request{Header: map[string]string{"authorization": "Bearer sk_demo-az_k1_secret"}}
		shop, err := Authenticate(t.Context(), brokenLimit{}, r, needed)
		if payment.KindOf(err) != want || (err == nil) != (needed != Refund) || shop.ID != "demo-az" {
			t.Errorf("%s: %+v, %v", needed, shop, err)
		}
	}
}

// FuzzAuthorization: a header is a key, a client token or nothing, never two of them, and what is a key reads back the
// same.
func FuzzAuthorization(f *testing.F) {
	for _, seed := range []string{"Bearer sk_demo-az_k1_secret", "bearer ct_ABC", "Bearer sk_a_b_c,Bearer ct_d",
		"Basic eDp5", "Bearer sk_a__b_"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		key, isKey := ParseKey(header)
		token, isToken := (&Request{Header: map[string]string{"authorization": header}}).ClientToken()
		if isKey && isToken || strings.ContainsAny(header, ",\n\r\x00") && (isKey || isToken) {
			t.Fatalf("%q is both or repeated", header)
		}
		sent := strings.TrimLeft(strings.Trim(header, " \t")[min(len("bearer "), len(strings.Trim(header, " \t"))):], " ")
		if isKey && sent != "sk_"+key.Shop+"_"+key.ID+"_"+key.Secret {
			t.Fatalf("%q reads as %s", header, key.Secret)
		}
		if isToken && (token == "" || sent != "ct_"+token) {
			t.Fatalf("%q reads as %q", header, token)
		}
	})
}
