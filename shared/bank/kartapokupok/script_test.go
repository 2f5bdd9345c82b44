package kartapokupok

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// minskNoon is the clock of the tests.
func minskNoon() time.Time {
	return time.Date(2026, 5, 20, 12, 0, 0, 0, time.FixedZone("Minsk", 3*3600))
}

// pki is an authority with one certificate for both sides.
type pki struct{ ca, certificate, key string }

// issued is made once: making keys is the slow part.
var issued = sync.OnceValues(func() (pki, error) {
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pki{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pki{}, err
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign, NotBefore: minskNoon().Add(-time.Hour),
		NotAfter: minskNoon().Add(400 * 24 * time.Hour)}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "P-100"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   minskNoon().Add(-time.Hour), NotAfter: minskNoon().Add(200 * 24 * time.Hour)}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, authority.Public(), authority)
	if err != nil {
		return pki{}, err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), authority)
	if err != nil {
		return pki{}, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return pki{block("CERTIFICATE", rootDER), block("CERTIFICATE", leafDER), block("PRIVATE KEY", keyDER)}, err
})

// complete is a secret with every required field.
func complete(t testing.TB) map[string]any {
	t.Helper()
	p, err := issued()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"partner_id": "P-100", "environment": "test", "base_url": "https://partner.bank.test/api",
		"payment_hosts": []string{"pay.bank.test"},
		"certificate":   p.certificate, "key": p.key, "ca": p.ca,
		"callback": map[string]any{"public_keys": []string{golden(t, "rsa.spki.pem")}},
	}
}

func secretOf(t testing.TB, fields, change map[string]any) []byte {
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

// partner is a shop that never calls anybody.
func partner(t testing.TB, change map[string]any) *KartaPokupok {
	t.Helper()
	k, err := New(secretOf(t, complete(t), change), Options{Now: minskNoon})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// callbackOf is the change that sets fields of callback beside the public keys.
func callbackOf(t testing.TB, change map[string]any) map[string]any {
	fields := map[string]any{"public_keys": []string{golden(t, "rsa.spki.pem")}}
	maps.Copy(fields, change)
	return map[string]any{"callback": fields}
}

// reply is one answer of a scripted bank; status 0 is 200, -1 cuts the connection.
type reply struct {
	status int
	body   string
}

// teller is a bank behind mutual TLS that answers from a script: what a path gets, call by call; the last answer stays.
type teller struct {
	*KartaPokupok
	script map[string][]reply
	asked  []string
	bodies []string
	header []http.Header
	log    strings.Builder
}

func tell(t *testing.T, script map[string][]reply, change map[string]any) *teller {
	t.Helper()
	x := &teller{script: script}
	p, err := issued()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := exchange.Pair(p.certificate, p.key)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := exchange.Roots(p.ca)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(x)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Time: minskNoon, Certificates: []tls.Certificate{pair},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots}
	server.StartTLS()
	t.Cleanup(server.Close)
	all := map[string]any{"base_url": server.URL + "/api/"}
	maps.Copy(all, change)
	x.KartaPokupok, err = New(secretOf(t, complete(t), all),
		Options{Now: minskNoon, Log: slog.New(slog.NewTextHandler(&x.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// ServeHTTP is called for one request at a time: the tests wait for each answer.
func (x *teller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	path := strings.TrimPrefix(r.URL.Path, "/api")
	x.asked, x.bodies, x.header = append(x.asked, r.Method+" "+path), append(x.bodies, string(body)),
		append(x.header, r.Header)
	answers := x.script[path]
	if len(answers) == 0 {
		http.Error(w, "not in the script", http.StatusNotFound)
		return
	}
	if len(answers) > 1 {
		x.script[path] = answers[1:]
	}
	if answers[0].status < 0 {
		panic(http.ErrAbortHandler)
	}
	if answers[0].status > 0 {
		w.WriteHeader(answers[0].status)
	}
	_, _ = io.WriteString(w, answers[0].body)
}

const (
	createPath = "/installment/create"
	statusPath = "/installment/status"
	refundPath = "/installment/refund"
)

func says(path string, replies ...reply) map[string][]reply { return map[string][]reply{path: replies} }

func ourHandle() bank.Handle {
	return bank.Handle{OrderID: "S-7f3a", Private: "12345", Account: bank.Account{Merchant: "P-100", Environment: "test"}}
}

func byn(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: payment.BYN} }

// The customer of the tests: nothing of it may be seen in an error or in the log.
const (
	canaryFirst = "Анна-Канарейка"
	canaryLast  = "O'Kanareyka"
	canaryPhone = "+375 (29) 765-43-21"
	canaryMail  = "kanareyka@mail.example"
)

func someOrder() bank.Order {
	return bank.Order{
		RefForBank: "12345", Amount: byn(12000), Term: 12, Description: "Order №12345", Locale: "be", Now: minskNoon(),
		ReturnURL: "https://shop.by/pay_x-1/token/return?a=1&b=2", NotifyURL: "https://shop.by/pay_x-1/token/notify",
		Items: []bank.Item{{SKU: "kettle-1", Name: `Чайник "Ёлка" <2 л>`, Quantity: 2, UnitAmount: 4995},
			{SKU: "cup", Name: "Cup & saucer", Quantity: 1, UnitAmount: 2010}},
		Customer: bank.Customer{FirstName: canaryFirst, LastName: canaryLast, Phone: canaryPhone, Email: canaryMail},
	}
}

func someRefund(amount int64) bank.Refund {
	return bank.Refund{Handle: ourHandle(), ID: "rf_abc", Amount: byn(amount), Captured: 12000, PaidAt: minskNoon(),
		Now: minskNoon().Add(time.Hour)}
}

func golden(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}
