package kartapokupok

import (
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

func TestDefaults(t *testing.T) {
	k, err := New(secretOf(t, complete(t), map[string]any{"environment": "PROD"}), Options{Stage: "prod", Now: minskNoon})
	if err != nil {
		t.Fatal(err)
	}
	s := k.settings
	if s.Account.Merchant != "P-100" || s.Account.Environment != "prod" ||
		s.Address.String() != "https://partner.bank.test/api" || !slices.Equal(s.Pages.Hosts, []string{"pay.bank.test"}) ||
		s.session != 30*24*time.Hour || s.Timeout != 20*time.Second || s.amounts != asDecimal || len(s.terms) != 0 ||
		s.Pages.Loopback {
		t.Errorf("settings %+v", s)
	}
	if !s.status.on || s.status.path != "/installment/status" || !s.recheck || s.mustRecheck || !s.refund.partial ||
		s.refund.within != 0 {
		t.Errorf("status %+v, recheck %v, refund %+v", s.status, s.recheck, s.refund)
	}
	c := s.callback
	if c.header != "content-signature" || c.algorithm != rsaSHA256 || c.encoding != asBase64 || c.timestamp != "" ||
		len(c.keys) != 1 {
		t.Errorf("callback %+v", c)
	}
	if !maps.Equal(s.words, known()) || len(known()) != 6 {
		t.Errorf("words %v", s.words)
	}
	if s.told.refund != "/refund_id" || s.told.refunds != "" || s.status.fields.refunds != "/refunds" ||
		s.status.fields.refund != "" {
		t.Errorf("pointers %+v and %+v", s.told, s.status.fields)
	}
}

func TestRecheck(t *testing.T) {
	for _, c := range []struct {
		recheck, mode string
		want, must    bool
	}{{"auto", "on", true, false}, {"auto", "off", false, false}, {"always", "on", true, true},
		{"never", "on", false, false}, {"never", "off", false, false}} {
		k := partner(t, map[string]any{"recheck": c.recheck, "status": map[string]any{"mode": c.mode}})
		if k.settings.recheck != c.want || k.settings.mustRecheck != c.must {
			t.Errorf("%+v: %v, %v", c, k.settings.recheck, k.settings.mustRecheck)
		}
	}
}

func TestEachFieldIsChecked(t *testing.T) {
	base := complete(t)
	inner := func(object, field string, value any) map[string]any {
		fields := map[string]any{}
		if object == "callback" {
			fields["public_keys"] = []string{golden(t, "rsa.spki.pem")}
		}
		fields[field] = value
		return map[string]any{object: fields}
	}
	for name, c := range map[string]struct {
		change map[string]any
		want   string
	}{
		"no partner":           {map[string]any{"partner_id": nil}, "partner_id must be"},
		"partner is a number":  {map[string]any{"partner_id": 5}, "partner_id must be a string"},
		"partner with a space": {map[string]any{"partner_id": "P 1"}, "partner_id must be"},
		"no environment":       {map[string]any{"environment": nil}, "environment must be one of: test, prod"},
		"no address":           {map[string]any{"base_url": nil}, "base_url must be an https"},
		"plain http":           {map[string]any{"base_url": "http://127.0.0.1:1"}, "base_url must be an https"},
		"address with a query": {map[string]any{"base_url": "https://h.by/?a=b"}, "base_url"},
		"address with a user":  {map[string]any{"base_url": "https://u:p@h.by/"}, "base_url"},
		"no certificate":       {map[string]any{"certificate": nil}, "certificate is missing"},
		"no key":               {map[string]any{"key": nil}, "key is missing"},
		"neither":              {map[string]any{"key": nil, "certificate": nil}, "certificate is missing"},
		"key of another":       {map[string]any{"certificate": base["ca"]}, "key does not belong"},
		"no ca":                {map[string]any{"ca": nil}, "ca is missing"},
		"ca is text":           {map[string]any{"ca": "x"}, "ca holds no PEM"},
		"no payment host":      {map[string]any{"payment_hosts": nil}, "payment_hosts must name at least one host"},
		"empty payment hosts":  {map[string]any{"payment_hosts": []string{}}, "payment_hosts must name at least one host"},
		"payment host is an URL": {map[string]any{"payment_hosts": []string{"pay.bank.test", "https://pay.bank.test"}},
			"payment_hosts entry 2"},
		"address of a call": {map[string]any{"base_url": "https://bank.example/api/installment/create"},
			"base_url must end before /installment/create, which Kassa adds to it"},
		"address of a call, slash": {map[string]any{"base_url": "https://bank.example/installment/refund/"},
			"base_url must end before /installment/refund, which Kassa adds to it"},
		"address of the question": {map[string]any{"base_url": "https://bank.example/v2/state",
			"status": map[string]any{"path": "/v2/state"}}, "base_url must end before /v2/state, which Kassa adds to it"},
		"session": {map[string]any{"session": "30d"}, "session must be a duration"},
		"timeout": {map[string]any{"timeout": "5m"}, "timeout must be a duration"},
		"amount format": {map[string]any{"amount_format": "float"},
			"amount_format must be one of: decimal, string, minor"},
		"terms is a list":       {map[string]any{"terms": []int{3}}, "terms must be an object"},
		"term is no number":     {map[string]any{"terms": map[string]any{"a year": ""}}, "terms must map months"},
		"term of no months":     {map[string]any{"terms": map[string]any{"0": ""}}, "terms must map months"},
		"term of 100 months":    {map[string]any{"terms": map[string]any{"100": ""}}, "terms must map months"},
		"term's code is markup": {map[string]any{"terms": map[string]any{"12": `"`}}, "terms must map months"},
		"term's code is number": {map[string]any{"terms": map[string]any{"12": 90000001}}, "terms/12 must be a string"},
		"status map's state":    {map[string]any{"status_map": map[string]any{"NEW": "paid"}}, "status_map must map words"},
		"status map's word": {map[string]any{"status_map": map[string]any{"NEW ONE": "open"}},
			"status_map must map words"},
		"status is text":     {map[string]any{"status": "off"}, "status must be an object"},
		"status mode":        {inner("status", "mode", "maybe"), "status/mode must be one of: on, off"},
		"status path":        {inner("status", "path", "installment/status"), "status/path must be a path"},
		"status path, query": {inner("status", "path", "/status?id=1"), "status/path must be a path"},
		"status field": {inner("status", "fields", map[string]any{"amount": "amount"}),
			"status/fields/amount must be a JSON pointer"},
		"status field, escape": {inner("status", "fields", map[string]any{"amount": "/a~2"}),
			"status/fields/amount must be a JSON pointer"},
		"status without word": {inner("status", "fields", map[string]any{"status": ""}),
			"status/fields/status must be a JSON pointer"},
		"status field, unknown": {inner("status", "fields", map[string]any{"total": "/t"}),
			"status/fields/total is not a field"},
		"status, unknown": {inner("status", "method", "GET"), "status/method is not a field"},
		"recheck":         {map[string]any{"recheck": "sometimes"}, "recheck must be one of: auto, always, never"},
		"recheck of nothing": {map[string]any{"recheck": "always", "status": map[string]any{"mode": "off"}},
			"recheck cannot be always"},
		"refund partial":        {inner("refund", "partial", "yes"), "refund/partial must be true or false"},
		"refund days":           {inner("refund", "max_days", -1), "refund/max_days must be from 0"},
		"refund days, fraction": {inner("refund", "max_days", 1.5), "refund/max_days must be a whole number"},
		"refund, unknown":       {inner("refund", "days", 1), "refund/days is not a field"},
		"no callback":           {map[string]any{"callback": nil}, "callback/public_keys must hold 1 to"},
		"no keys":               {inner("callback", "public_keys", []string{}), "callback/public_keys must hold 1 to"},
		"nine keys": {inner("callback", "public_keys", slices.Repeat([]string{golden(t, "rsa.spki.pem")}, 9)),
			"callback/public_keys must hold 1 to"},
		"algorithm":      {inner("callback", "algorithm", "hmac-sha256"), "callback/algorithm must be one of"},
		"algorithm none": {inner("callback", "algorithm", "none"), "callback/algorithm must be one of"},
		"encoding":       {inner("callback", "encoding", "auto"), "callback/encoding must be one of"},
		"header":         {inner("callback", "header", "X Sign"), "callback/header must be the name"},
		"header empty":   {inner("callback", "header", ""), "callback/header must be the name"},
		"timestamp header": {inner("callback", "timestamp_header", "content-signature"),
			"callback/timestamp_header must be the name of another"},
		"callback field": {inner("callback", "fields", map[string]any{"session_id": ""}),
			"callback/fields/session_id must be a JSON pointer"},
		"callback, unknown": {inner("callback", "key", "x"), "callback/key is not a field"},
		"loopback":          {map[string]any{"insecure_loopback": true}, "insecure_loopback is for the stage local"},
		"language":          {map[string]any{"language": "be"}, "language is not a field"},
		"unknown":           {map[string]any{"verify_tls": false}, "verify_tls is not a field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(secretOf(t, base, c.change), Options{Stage: "prod", Now: minskNoon})
			if payment.KindOf(err) != payment.Misconfigured || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one about %q", err, c.want)
			}
			if n := strings.Count(err.Error(), ";") + 1; n > 3 {
				t.Errorf("one mistake made %d complaints: %v", n, err)
			}
		})
	}
}

func TestAllFieldsAtOnce(t *testing.T) {
	_, err := New([]byte(`{"environment":"x","session":"x","base_url":"x","nonsense":1,"partner_id":"P1",`+
		`"partner_id":"P2","status":{"mode":"x","mode":"y"},"callback":{"algorithm":"x"}}`), Options{})
	for _, field := range []string{"environment", "session", "base_url", "nonsense", "certificate", "key", "ca",
		"payment_hosts", "partner_id stands twice",
		"status/mode stands twice", "callback/algorithm", "callback/public_keys"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
	for _, broken := range []string{"", "null", "[]", `"x"`, "{", `{"a":1}{}`, `{"a":}`, "{\"a\":\"\xff\"}"} {
		if k, err := New([]byte(broken), Options{}); payment.KindOf(err) != payment.Misconfigured || k != nil {
			t.Errorf("%q: %v", broken, err)
		}
	}
}

func TestErrorsTellNoSecret(t *testing.T) {
	const canary = "canary-0f3b"
	_, err := New([]byte(`{"partner_id":"<`+canary+`>","key":"`+canary+`","certificate":"`+canary+`","ca":"`+canary+
		`","base_url":"https://`+canary+`@h","session":"`+canary+`",
		"callback":{"public_keys":["`+canary+`"],"header":" `+canary+`"},"status":"`+canary+`","terms":{"12":"<`+canary+
		`"},"status_map":{"A":"`+canary+`"}}`), Options{})
	if err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("the error tells a value or is missing: %v", err)
	}
}

func TestCertificateLife(t *testing.T) {
	base := complete(t)
	var log strings.Builder
	at := func(now time.Time) error {
		log.Reset()
		_, err := New(secretOf(t, base, nil), Options{Now: func() time.Time {
			return now
		}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		return err
	}
	v, has := partner(t, nil).Certificate(minskNoon())
	if !has || v.DaysLeft < 190 {
		t.Fatalf("%+v", v)
	}
	if err := at(v.NotAfter.Add(-46 * 24 * time.Hour)); err != nil || log.Len() != 0 {
		t.Errorf("46 days before its end: %v, log %q", err, log.String())
	}
	if err := at(v.NotAfter.Add(-14 * 24 * time.Hour)); err != nil || !strings.Contains(log.String(), "days_left=14") {
		t.Errorf("14 days before its end: %v, log %q", err, log.String())
	}
	for _, now := range []time.Time{v.NotAfter.Add(time.Hour), v.NotBefore.Add(-time.Hour)} {
		if err := at(now); payment.KindOf(err) != payment.Misconfigured ||
			!strings.Contains(err.Error(), "certificate is valid from") {
			t.Errorf("at %s: %v", now, err)
		}
	}
}

func TestTermCodes(t *testing.T) {
	k := partner(t, map[string]any{"terms": map[string]any{"3": "", "12": "90000001", "24": "KP-24", "36": "007"}})
	for months, want := range map[int]string{3: "3", 12: "90000001", 24: `"KP-24"`, 36: `"007"`} {
		if got, ok := k.settings.terms.of(months); !ok || string(got) != want || !json.Valid(got) {
			t.Errorf("%d months are sent as %s, want %s", months, got, want)
		}
	}
	if _, ok := k.settings.terms.of(6); ok {
		t.Error("a term that is not in the list")
	}
	if got, ok := partner(t, nil).settings.terms.of(6); !ok || string(got) != "6" {
		t.Errorf("without a list 6 months are %s", got)
	}
}

func TestForeignHandles(t *testing.T) {
	k := partner(t, nil)
	other, live, empty := ourHandle(), ourHandle(), ourHandle()
	other.Account.Merchant, live.Account.Environment, empty.OrderID = "P-101", "prod", ""
	for _, h := range []payment.Handle{other, live, empty, {}} {
		_, err := k.Status(t.Context(), h)
		r := someRefund(100)
		r.Handle = h
		_, refundErr := k.Refund(t.Context(), r)
		for _, err := range []error{err, refundErr} {
			if payment.KindOf(err) != payment.Misconfigured || errors.Unwrap(err) != nil {
				t.Errorf("%+v: %v", h, err)
			}
		}
	}
}

// FuzzNew adds to a right secret, so that what is changed stays small, and also reads what is given as it is.
func FuzzNew(f *testing.F) {
	f.Add([]byte(`"terms":{"12":"x"},"status_map":{"new":"open"},"refund":{"partial":false,"max_days":14}`))
	f.Add([]byte(`"status":{"mode":"off","path":"/s","fields":{"status":"/a~1b"}},"recheck":"never",` +
		`"amount_format":"minor"`))
	f.Add([]byte(`"session":"1h","timeout":"5s","insecure_loopback":true,"partner_id":null`))
	f.Add([]byte(`{"partner_id":null,"callback":{"public_keys":["AAAA"]},"status":{"fields":{}}}`))
	base := secretOf(f, complete(f), nil)
	f.Fuzz(func(t *testing.T, more []byte) {
		for _, secret := range [][]byte{more, slices.Concat(base[:len(base)-1], []byte{','}, more, []byte{'}'})} {
			k, err := New(secret, Options{Stage: "prod", Now: minskNoon})
			broken := k != nil && k.Ready(bank.OpStatus) != nil && k.Ready(bank.OpRead) != nil
			if k == nil && err == nil || broken || err != nil && payment.KindOf(err) != payment.Misconfigured {
				t.Fatalf("%v, %v", k, err)
			}
			if err == nil && (k.settings.Address.Scheme != "https" || k.settings.Pages.Loopback ||
				len(k.settings.callback.keys) == 0 || k.settings.Roots == nil) {
				t.Fatalf("settings %+v", k.settings)
			}
		}
	})
}

func FuzzPublicKey(f *testing.F) {
	for _, name := range []string{"rsa.spki.pem", "rsa.pkcs1.pem", "rsa.certificate.pem", "ecdsa.spki.pem",
		"ed25519.spki.pem", "secp256k1.spki.pem"} {
		f.Add(golden(f, name), rsaSHA256)
	}
	f.Add("MCowBQYDK2VwAyEA", ed25519Plain)
	f.Fuzz(func(t *testing.T, text, algorithm string) {
		key, err := readKey(text, algorithm)
		if (key.key == nil) == (err == nil) {
			t.Fatalf("%+v, %v", key, err)
		}
		if err == nil && (len(key.id) != 16 || key.verifies(algorithm, []byte("a"), []byte("b"))) {
			t.Fatalf("key %+v", key)
		}
	})
}
