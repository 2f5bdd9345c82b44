package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/shared/simbank/kapitalxml"
)

// TestPing holds what is looked at, in both banks, and the shape that programs read.
func TestPing(t *testing.T) {
	w := open(t)
	before := len(w.KartaPokupok.Ledger().Orders)
	golden(t, "ping_kapital.json", normal(w.want(0, nil, "bank", "ping", "demo-az", "--json").out))
	text := normal(w.want(0, nil, "bank", "ping", "demo-by").out)
	for _, want := range []string{"TLS 1.3 with HOST", "bank's certificate", "own certificate",
		"the key signs, and the certificate verifies it", "can be read", "HTTP 404, unknown_session"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
	if strings.Contains(text, "soon") || strings.Contains(text, "bad") {
		t.Errorf("something is wrong:\n%s", text)
	}
	if n := len(w.KartaPokupok.Ledger().Orders); n != before {
		t.Errorf("a ping made %d applications", n-before)
	}
}

// TestPingFindsWhatIsWrong: a server certificate of a stranger, of another name or out of date; a client certificate
// that the bank has taken back; a bank that is out of order. Each ends with "needs attention" and says why.
func TestPingFindsWhatIsWrong(t *testing.T) {
	w := open(t)
	pki := w.KartaPokupok.PKI()
	for kind, want := range map[string]string{
		"foreign":    "its CA is not in ca_file",
		"wrong_name": "the address is not the one that the certificate is for",
		"expired":    "the bank has to renew it",
	} {
		if err := pki.SetServer(kind); err != nil {
			t.Fatal(err)
		}
		w.want(5, []string{"connection", "bad", want}, "bank", "ping", "demo-by")
	}
	if err := pki.SetServer("own"); err != nil {
		t.Fatal(err)
	}
	w.want(0, nil, "bank", "ping", "demo-by")

	if err := w.Kapital.Faults(kapitalxml.Fault{Operation: "GetOrderStatus", Kind: "http_500"}); err != nil {
		t.Fatal(err)
	}
	o := w.want(5, []string{"status question", "bad", "out of order"}, "bank", "ping", "demo-az")
	if !strings.Contains(o.out, "signature") || !strings.Contains(o.err, "1 of the checks need attention") {
		t.Errorf("%s%s", o.out, o.err)
	}

	if err := w.Kapital.Set(func(set *kapitalxml.Settings) { set.NoInformation = true }); err != nil {
		t.Fatal(err)
	}
	w.want(5, []string{"totals question", "bad", `set totals to "off"`}, "bank", "ping", "demo-az")

	if err := pki.RotateClient(false); err != nil {
		t.Fatal(err)
	}
	w.want(5, []string{"status question", "bad", "certificate"}, "bank", "ping", "demo-by")
	w.renew("kassa/local/bank/demo-by/kartapokupok")
	w.want(0, nil, "bank", "ping", "demo-by")
}

// renew puts the bank's newest client certificate and its present public keys into a bank secret.
func (w world) renew(name string) {
	w.t.Helper()
	fields := map[string]any{}
	if err := json.Unmarshal([]byte(w.secret(name)), &fields); err != nil {
		w.t.Fatal(err)
	}
	certificate, key := w.KartaPokupok.PKI().Client()
	fields["certificate"], fields["key"] = string(certificate), string(key)
	published, err := w.KartaPokupok.PKI().PublicKeys("rsa")
	if err != nil {
		w.t.Fatal(err)
	}
	keys := []string{}
	for _, one := range published {
		keys = append(keys, string(one))
	}
	fields["callback"] = map[string]any{"public_keys": keys}
	text, err := json.Marshal(fields)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.secrets().PutSecretValue(w.t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &name,
		SecretString: aws.String(string(text))}); err != nil {
		w.t.Fatal(err)
	}
}

// TestRotationByFiles: a renewed client certificate and a second public key of the bank come by changed files and
// another put.
func TestRotationByFiles(t *testing.T) {
	w := open(t)
	w.board("renewing", "--bank", "kartapokupok")
	pki := w.KartaPokupok.PKI()
	if err := pki.RotateClient(true); err != nil {
		t.Fatal(err)
	}
	if err := pki.RotateSigning("rsa", true); err != nil {
		t.Fatal(err)
	}
	keys, err := pki.PublicKeys("rsa")
	if err != nil || len(keys) != 2 {
		t.Fatal(len(keys), err)
	}
	certificate, key := pki.Client()
	w.write("renewing/kartapokupok-certificate.pem", certificate)
	w.want(5, []string{"does not belong to the certificate of certificate_file"}, "shop", "check", w.path("renewing"))
	w.want(5, []string{"nothing was written"}, "shop", "put", w.path("renewing"))
	w.write("renewing/kartapokupok-key.pem", key)
	w.write("renewing/kartapokupok-bank-key-2.pem", keys[0])
	w.edit("renewing", "        - kartapokupok-bank-key-1.pem",
		"        - kartapokupok-bank-key-2.pem\n        - kartapokupok-bank-key-1.pem")
	w.want(0, []string{"written    kassa/local/bank/renewing/kartapokupok", "unchanged  kassa/local/shop/renewing"},
		"shop", "put", w.path("renewing"))
	w.want(0, []string{"2 can be read"}, "bank", "ping", "renewing")
	var secret struct {
		Callback struct {
			PublicKeys []string `json:"public_keys"`
		}
	}
	if err := json.Unmarshal([]byte(w.secret("kassa/local/bank/renewing/kartapokupok")), &secret); err != nil ||
		len(secret.Callback.PublicKeys) != 2 || secret.Callback.PublicKeys[0] != string(keys[0]) {
		t.Errorf("%v, %d keys", err, len(secret.Callback.PublicKeys))
	}
	w.renew("kassa/local/bank/demo-by/kartapokupok") // for the tests that borrow from it
}

// TestPingLooksAtEachBank: one whose secret was never written is told, and does not hide the other.
func TestPingLooksAtEachBank(t *testing.T) {
	w := open(t)
	w.board("half", "--bank", "kartapokupok")
	name := "kassa/local/shop/half"
	text := strings.Replace(w.secret(name), `["kartapokupok"]`, `["kapital","kartapokupok"]`, 1)
	if !strings.Contains(text, "kapital\",") {
		t.Fatal("the secret is written in another way: " + text)
	}
	if _, err := w.secrets().PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &name,
		SecretString: &text}); err != nil {
		t.Fatal(err)
	}
	w.want(5, []string{"kapital", "settings", "bad", "its secret is not there", "the key signs"}, "bank", "ping", "half")
	w.want(3, []string{`no bank "kapitol"`}, "bank", "ping", "half", "kapitol")
}
