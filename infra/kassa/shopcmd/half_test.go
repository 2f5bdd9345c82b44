package shopcmd

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/folder"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
	"kassa/infra/local/engine"
	"kassa/shared/payment"
)

// faulty is Secrets Manager with one secret that it cannot write.
type faulty struct {
	vault.Secrets
	name string
}

func (f *faulty) CreateSecret(ctx context.Context, in *secretsmanager.CreateSecretInput,
	o ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error) {
	if aws.ToString(in.Name) == f.name {
		return nil, errors.New("connection reset by peer")
	}
	return f.Secrets.CreateSecret(ctx, in, o...)
}

// engineClient speaks to an engine of the test's own.
func engineClient(t *testing.T) *secretsmanager.Client {
	t.Helper()
	e, err := engine.Open(filepath.Join(t.TempDir(), "engine.db"), engine.Options{Region: "eu-central-1"})
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
	return secretsmanager.New(secretsmanager.Options{Region: "eu-central-1", BaseEndpoint: &server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "k", SecretAccessKey: "s"}, nil
		})})
}

// TestHalfAPut: the bank is written, the shop is not. What stands is said, no key is shown, and the same once more
// completes it.
func TestHalfAPut(t *testing.T) {
	secrets := &faulty{engineClient(t), "kassa/test/shop/a-shop"}
	v := vault.New(secrets, "test")
	f := &folder.Folder{Shop: "a-shop", Environment: "test",
		Banks:    []folder.Bank{{Name: "kapital", Secret: map[string]any{"environment": "test", "merchant_id": "E1"}}},
		Settings: map[string]any{"currency": "AZN", "origins": []any{"https://shop.example"}}}
	var out, complaints bytes.Buffer
	work := &tool.Tool{Console: &console.Console{Out: &out, Err: &complaints}, Now: time.Now}
	attempt := func() (result, error) {
		r := result{Shop: f.Shop, Stage: "test"}
		old, _, err := v.Shop(t.Context(), f.Shop)
		if err != nil {
			t.Fatal(err)
		}
		next, err := renewed(f, old)
		if err != nil {
			t.Fatal(err)
		}
		mint(work, &next, &r)
		return r, r.write(t.Context(), v, f, old, next)
	}
	_, err := attempt()
	if console.CodeOf(err) != console.TryAgain {
		t.Errorf("ends with %d: %v", console.CodeOf(err), err)
	}
	for _, want := range []string{"Secrets Manager cannot be reached",
		"[kassa/test/bank/a-shop/kapital] is written and stays", "kassa shop rotate-key",
		"the same command once more is safe"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	if out.Len() > 0 || strings.Contains(err.Error(), "sk_") {
		t.Error("a key was shown that nobody may have stored")
	}
	secrets.name = ""
	r, err := attempt()
	if err != nil || r.APIKey == "" || len(r.Written) != 1 || len(r.Unchanged) != 1 {
		t.Errorf("once more: %v, written %q, unchanged %q", err, r.Written, r.Unchanged)
	}
}

// TestALostAnswerToANewWebhook: the shop is written, but nobody heard so, and its new signing secret was never shown.
// The same once more finds nothing to do, so it must be said how to get a secret that is known.
func TestALostAnswerToANewWebhook(t *testing.T) {
	err := (&result{Shop: "a-shop", WebhookSecret: "whsec_x"}).half(&payment.Error{Kind: payment.Unavailable,
		Message: "Secrets Manager cannot be reached just now"})
	if !strings.Contains(err.Error(), "kassa shop rotate-key --webhook") || strings.Contains(err.Error(), "whsec_") {
		t.Error(err)
	}
}
