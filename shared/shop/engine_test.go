package shop_test

import (
	"cmp"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/local/engine"
	"kassa/shared/awsclient"
	"kassa/shared/payment"
	"kassa/shared/shop"
)

// TestOverTheWire fetches secrets with the real client from the local engine.
func TestOverTheWire(t *testing.T) {
	e, err := engine.Open(filepath.Join(t.TempDir(), "engine.db"), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	shops := overTheWire(t, server.URL)
	if got := e.Calls().Counts["GetSecretValue"]; got != 4 {
		t.Errorf("%d fetches, want 4", got)
	}
	for _, kind := range []engine.FaultKind{engine.FaultThrottle, engine.FaultInternal, engine.FaultLostBefore} {
		if err := e.Fault(engine.Fault{Operation: "GetSecretValue", Kind: kind, Count: 3}); err != nil {
			t.Fatal(err)
		}
		if _, err := shops.Settings(t.Context(), "demo-by"); payment.KindOf(err) != payment.Unavailable {
			t.Errorf("%s: %v, want unavailable", kind, err)
		}
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	if _, err := shops.Settings(t.Context(), "demo-by"); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("without credentials: %v", err)
	}
}

// TestShopsOnEndpoint does the same where KASSA_SECRETS_ENDPOINT says: moto, or AWS itself.
func TestShopsOnEndpoint(t *testing.T) {
	endpoint := os.Getenv("KASSA_SECRETS_ENDPOINT")
	if endpoint == "" {
		t.Skip("KASSA_SECRETS_ENDPOINT is not set")
	}
	overTheWire(t, endpoint)
}

// overTheWire puts the secrets of a shop at an endpoint, under a stage of its own, and looks at what is read of them.
// It makes four fetches.
func overTheWire(t *testing.T, endpoint string) *shop.Shops {
	t.Setenv("AWS_ACCESS_KEY_ID", cmp.Or(os.Getenv("AWS_ACCESS_KEY_ID"), "local"))
	t.Setenv("AWS_SECRET_ACCESS_KEY", cmp.Or(os.Getenv("AWS_SECRET_ACCESS_KEY"), "local"))
	client := secretsmanager.NewFromConfig(awsclient.Config("eu-central-1", endpoint, 2*time.Second))
	stage := "t" + strings.ToLower(rand.Text()[:12])
	for _, in := range []*secretsmanager.CreateSecretInput{
		{Name: aws.String("kassa/" + stage + "/shop/demo-az"),
			SecretString: aws.String(`{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],
			"keys":[{"id":"k1","sha256":"2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90"}]}`)},
		{Name: aws.String("kassa/" + stage + "/bank/demo-az/text"), SecretString: aws.String("as text")},
		{Name: aws.String("kassa/" + stage + "/bank/demo-az/bytes"), SecretBinary: []byte{0, 255}},
	} {
		if _, err := client.CreateSecret(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	shops := shop.New(shop.NewClient("eu-central-1", endpoint), stage, time.Now, slog.New(slog.DiscardHandler))
	if s, err := shops.Authenticate(t.Context(), "demo-az", "k1", "alice"); err != nil || s.Currency != payment.AZN {
		t.Errorf("settings %+v, %v", s, err)
	}
	if s, err := shops.Settings(t.Context(), "demo-az"); err != nil || len(s.Origins) != 1 {
		t.Errorf("settings %+v, %v", s, err)
	}
	if _, err := shops.Settings(t.Context(), "nobody"); payment.KindOf(err) != payment.NotFound {
		t.Errorf("a shop that is none: %v", err)
	}
	for bank, want := range map[string]string{"text": "as text", "bytes": "\x00\xff"} {
		if b, err := shops.BankSecret(t.Context(), "demo-az", bank, false); err != nil || b.Raw() != want ||
			b.Version() == "" {
			t.Errorf("%s: %q %q, %v", bank, b.Raw(), b.Version(), err)
		}
	}
	return shops
}
