package xml

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

func pki(t testing.TB, merchant string) kapitalxml.PKI {
	t.Helper()
	made, err := kapitalxml.LoadOrCreatePKI(t.TempDir(), merchant, bakuNoon)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func secretOf(t testing.TB, fields map[string]any, change map[string]any) []byte {
	t.Helper()
	fields = maps.Clone(fields)
	for name, value := range change {
		if fields[name] = value; value == nil {
			delete(fields, name)
		}
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func complete(t testing.TB) map[string]any {
	p := pki(t, simMerchant)
	return map[string]any{"merchant_id": simMerchant, "environment": "test", "certificate": string(p.ClientCert),
		"key": string(p.ClientKey)}
}

func TestDefaults(t *testing.T) {
	base := complete(t)
	for environment, want := range map[string]struct {
		endpoint string
		pages    []string
	}{
		"test": {"https://tstpg.kapitalbank.az/api/order/", []string{"tstpg.kapitalbank.az"}},
		"PROD": {"https://pg.kapitalbank.az/api/order/", []string{"pg.kapitalbank.az", "3dsrv.kapitalbank.az",
			"e-commerce.kapitalbank.az"}},
	} {
		k, err := New(secretOf(t, base, map[string]any{"environment": environment}), Options{Stage: "prod", Now: bakuNoon})
		if err != nil {
			t.Fatal(err)
		}
		s := k.settings
		if s.Address.String() != want.endpoint || !slices.Equal(s.Pages.Hosts, want.pages) ||
			s.Account.Environment != strings.ToLower(environment) {
			t.Errorf("%s: %s, %q in %q", environment, s.Address, s.Pages.Hosts, s.Account.Environment)
		}
		if s.session != 20*time.Minute || s.day.Until != 23*time.Hour || !s.totals || s.auth != authCertificate ||
			s.language != "AZ" ||
			s.Timeout != 20*time.Second || s.signature != nil || s.Pages.Loopback {
			t.Errorf("%s: %+v", environment, s)
		}
		if _, offset := bakuNoon().In(s.day.Zone).Zone(); offset != 4*3600 {
			t.Errorf("the bank's clock is %d s off UTC", offset)
		}
	}
}

// TestAPageWhereTheGatewayIs: whoever names another gateway and no page gets its pages, too.
func TestAPageWhereTheGatewayIs(t *testing.T) {
	for endpoint, want := range map[string][]string{
		"https://TSTPG.kapitalbank.az:443/Exec":  {"tstpg.kapitalbank.az"},
		"https://tstpg.kapitalbank.az:5443/Exec": {"tstpg.kapitalbank.az", "tstpg.kapitalbank.az:5443"},
		"https://new.bank.test/Exec":             {"tstpg.kapitalbank.az", "new.bank.test"},
	} {
		k, err := New(secretOf(t, complete(t), map[string]any{"endpoint": endpoint}), Options{Stage: "prod", Now: bakuNoon})
		if err != nil || !slices.Equal(k.settings.Pages.Hosts, want) {
			t.Errorf("%s: %q, %v", endpoint, k.settings.Pages.Hosts, err)
		}
	}
}

func TestEndpointOfThePasswordDoor(t *testing.T) {
	for given, want := range map[string]string{
		"":                                     "https://tstpg.kapitalbank.az/ExecPasswordAuth",
		"https://h.az:5443/Exec":               "https://h.az:5443/ExecPasswordAuth",
		"https://h.az/gate/execpasswordauth":   "https://h.az/gate/execpasswordauth",
		"https://e-commerce.kapitalbank.az:54": "https://e-commerce.kapitalbank.az:54/ExecPasswordAuth",
	} {
		k, err := New(secretOf(t, map[string]any{"merchant_id": "E1", "environment": "test", "auth": "password",
			"password": "p", "endpoint": given}, nil), Options{})
		if err != nil || k.settings.Address.String() != want {
			t.Errorf("%s: %v", given, err)
		}
	}
}

func TestEachFieldIsChecked(t *testing.T) {
	base, other := complete(t), pki(t, "other")
	for name, c := range map[string]struct {
		change map[string]any
		field  string
	}{
		"no merchant":           {map[string]any{"merchant_id": nil}, "merchant_id"},
		"merchant with markup":  {map[string]any{"merchant_id": "E1<"}, "merchant_id"},
		"merchant is a number":  {map[string]any{"merchant_id": 5}, "merchant_id must be a string"},
		"merchant null":         {map[string]any{"merchant_id": json.RawMessage("null")}, "merchant_id must be a string"},
		"no environment":        {map[string]any{"environment": nil}, "environment"},
		"environment":           {map[string]any{"environment": "staging"}, "environment must be one of: test, prod"},
		"auth":                  {map[string]any{"auth": "basic"}, "auth"},
		"no certificate":        {map[string]any{"certificate": nil}, "certificate is missing"},
		"no key":                {map[string]any{"key": nil, "auth": "none"}, "key is missing"},
		"key of another":        {map[string]any{"key": string(other.ClientKey)}, "key does not belong"},
		"certificate is a key":  {map[string]any{"certificate": base["key"]}, "certificate holds no PEM block CERTIFICATE"},
		"ca":                    {map[string]any{"ca": "x"}, "ca holds no PEM"},
		"no password":           {map[string]any{"auth": "password"}, "password is missing"},
		"plain http":            {map[string]any{"endpoint": "http://127.0.0.1:1/Exec"}, "endpoint must be an https"},
		"endpoint with a user":  {map[string]any{"endpoint": "https://u:p@h.az/"}, "endpoint"},
		"endpoint with a query": {map[string]any{"endpoint": "https://h.az/?a=b"}, "endpoint"},
		"endpoint without host": {map[string]any{"endpoint": "https:///Exec"}, "endpoint"},
		"page host with scheme": {map[string]any{"page_hosts": []string{"pg.kapitalbank.az", "https://pg.kapitalbank.az"}},
			"page_hosts entry 2"},
		"page hosts is text":  {map[string]any{"page_hosts": "pg.kapitalbank.az"}, "page_hosts must be a list"},
		"language":            {map[string]any{"language": "be"}, "language"},
		"session in seconds":  {map[string]any{"session": "90s"}, "session must be whole minutes"},
		"session too short":   {map[string]any{"session": "0m"}, "session must be a duration"},
		"session is a number": {map[string]any{"session": 20}, `session must be a duration from`},
		"cut-off":             {map[string]any{"reverse_cutoff": "24:00"}, "reverse_cutoff"},
		"zone":                {map[string]any{"zone_offset": "Asia/Baku"}, "zone_offset"},
		"totals":              {map[string]any{"totals": "maybe"}, "totals"},
		"a currency twice":    {map[string]any{"currencies": []string{"AZN", "944"}}, "currencies must be different"},
		"unknown currency":    {map[string]any{"currencies": []string{"JPY"}}, "each AZN, USD or EUR"},
		"a neighbour's":       {map[string]any{"currencies": []string{"BYN"}}, "each AZN, USD or EUR"},
		"currency is text":    {map[string]any{"currencies": "USD"}, "currencies must be a list"},
		"timeout":             {map[string]any{"timeout": "5m"}, "timeout"},
		"loopback":            {map[string]any{"insecure_loopback": true}, "insecure_loopback is for the stage local"},
		"loopback is text":    {map[string]any{"insecure_loopback": "yes"}, "insecure_loopback must be true or false"},
		"unknown field":       {map[string]any{"verify_tls": false}, "verify_tls is not a field"},
		"other letter case":   {map[string]any{"Totals": "off"}, "Totals is not a field"},
		"signature is text": {map[string]any{"callback_signature": "on", "secret_key": "k"},
			"callback_signature must be"},
		"signature without key": {map[string]any{"callback_signature": map[string]any{"fields": []string{"a"},
			"parameter": "s"}}, "secret_key is missing"},
		"signature of nothing": {map[string]any{"callback_signature": map[string]any{"parameter": "s"}, "secret_key": "k"},
			"callback_signature/fields must name"},
		"signature of itself": {map[string]any{"callback_signature": map[string]any{"fields": []string{"S"},
			"parameter": "s"}, "secret_key": "k"}, "callback_signature/fields"},
		"signature nowhere": {map[string]any{"callback_signature": map[string]any{"fields": []string{"a"}},
			"secret_key": "k"}, "callback_signature/parameter"},
		"signature encoding": {map[string]any{"callback_signature": map[string]any{"fields": []string{"a"},
			"parameter": "s", "encoding": "rot13"}, "secret_key": "k"}, "callback_signature/encoding"},
		"signature, unknown": {map[string]any{"callback_signature": map[string]any{"fields": []string{"a"},
			"parameter": "s", "algo": "md5"}, "secret_key": "k"}, "callback_signature/algo"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(secretOf(t, base, c.change), Options{Stage: "prod", Now: bakuNoon})
			if payment.KindOf(err) != payment.Misconfigured || !strings.Contains(err.Error(), c.field) {
				t.Fatalf("error %v, want one about %q", err, c.field)
			}
			if n := strings.Count(err.Error(), ";") + 1; n > 2 {
				t.Errorf("one mistake made %d complaints: %v", n, err)
			}
		})
	}
}

func TestAllFieldsAtOnce(t *testing.T) {
	_, err := New([]byte(`{"environment":"x","auth":"x","session":"x","totals":"x","endpoint":"x","nonsense":1,`+
		`"merchant_id":"E1","merchant_id":"E2"}`), Options{})
	for _, field := range []string{"environment", "auth", "session", "totals", "endpoint", "nonsense", "certificate",
		"key", "merchant_id stands twice"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
	for _, broken := range []string{"", "null", "[]", `"x"`, "{", `{"a":1}{}`, `{"a":}`, "{\"a\":\"\xff\"}",
		`{"merchant_id":"E1"`} {
		if _, err := New([]byte(broken), Options{}); payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%q: %v", broken, err)
		}
	}
}

func TestErrorsTellNoSecret(t *testing.T) {
	const canary = "canary-0f3b"
	_, err := New([]byte(`{"merchant_id":"<`+canary+`>","password":{"x":"`+canary+`"},"secret_key":["`+canary+`"],"key":"`+
		canary+`","certificate":"`+canary+`",
		"ca":"`+canary+`","endpoint":"https://`+canary+`@h","session":"`+canary+`","callback_signature":"`+canary+`"}`),
		Options{})
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
	k, err := New(secretOf(t, base, nil), Options{Now: bakuNoon})
	if err != nil {
		t.Fatal(err)
	}
	v, ok := k.Certificate(bakuNoon())
	if !ok || v.DaysLeft < 700 {
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
	k, err = New([]byte(`{"merchant_id":"E1","environment":"test","auth":"none"}`), Options{})
	if _, has := k.Certificate(bakuNoon()); err != nil || has {
		t.Errorf("a terminal without certificate: %v", err)
	}
}

func FuzzNew(f *testing.F) {
	f.Add([]byte(`{"merchant_id":"E1","environment":"test","auth":"none","page_hosts":["a.az:8443"],"session":"20m"}`))
	f.Add([]byte(`{"merchant_id":"E1","environment":"prod","auth":"password","password":"p",` +
		`"callback_signature":{"fields":["a"],"parameter":"s"},"secret_key":"k"}`))
	f.Add(secretOf(f, complete(f), nil))
	f.Add([]byte(`{"merchant_id":null,"merchant_id":{}}`))
	f.Fuzz(func(t *testing.T, secret []byte) {
		k, err := New(secret, Options{Stage: "prod"})
		if k == nil && err == nil || k != nil && k.Ready(bank.OpStatus) != nil || err != nil &&
			payment.KindOf(err) != payment.Misconfigured {
			t.Fatalf("%v, %v", k, err)
		}
		if err == nil && (k.settings.Address.Scheme != "https" || k.settings.Pages.Loopback ||
			k.settings.session%time.Minute != 0 || k.settings.Account.Merchant == "") {
			t.Fatalf("settings %+v", k.settings)
		}
	})
}
