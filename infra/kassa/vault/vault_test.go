package vault

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"kassa/infra/local/engine"
	"kassa/shared/payment"
	"kassa/shared/shop"
)

// open makes a vault over an engine, spoken to by HTTP.
func open(t *testing.T) (*Vault, *secretsmanager.Client) {
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
	client := secretsmanager.New(secretsmanager.Options{Region: "eu-central-1", BaseEndpoint: &server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "k", SecretAccessKey: "s"}, nil
		})})
	return New(client, "test"), client
}

// TestWriteWritesWhatIsNew: one version for what says something else, none for the same in other words.
func TestWriteWritesWhatIsNew(t *testing.T) {
	v, client := open(t)
	name := v.BankName("a-shop", "kapital")
	for i, step := range []struct {
		content any
		written bool
	}{
		{map[string]any{"a": 1, "b": []int{9007199254740993}}, true},
		{json.RawMessage(`{ "b": [9007199254740993], "a": 1 }`), false},
		{json.RawMessage(`{"b":[9007199254740992],"a":1}`), true}, // as floats the two would be one
	} {
		written, err := v.Write(t.Context(), name, step.content)
		if err != nil || written != step.written {
			t.Errorf("step %d: written %v, %v", i, written, err)
		}
	}
	d, err := client.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &name})
	if err != nil || len(d.VersionIdsToStages) != 2 {
		t.Errorf("%d versions, %v", len(d.VersionIdsToStages), err)
	}
}

// TestLists holds that a list goes over pages and stays within its prefix.
func TestLists(t *testing.T) {
	v, _ := open(t)
	var want []string
	for i := range 120 {
		id := "shop-" + strings.Repeat("a", i%20) + string(rune('a'+i/20))
		want = append(want, id)
		if _, err := v.Write(t.Context(), v.ShopName(id), 1); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"kassa/prod/shop/other", "kassa/test/bank/shop-a/kapital",
		"kassa/test/bank/shop-ab/kapital", "kassa/test/shop/deep/er"} {
		if _, err := v.Write(t.Context(), name, 1); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(want)
	if got, err := v.Shops(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d shops, %v, want %d", len(got), err, len(want))
	}
	if got, err := v.Banks(t.Context(), "shop-a"); err != nil || !slices.Equal(got, []string{"kapital"}) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestMintedKeysAreTaken: the functions' own decoder takes what is made, the digest is that of the key, and ids are
// never taken twice.
func TestMintedKeysAreTaken(t *testing.T) {
	now := time.Date(2026, 11, 21, 20, 4, 0, 0, time.UTC)
	s := Shop{Currency: "AZN", Origins: []string{"https://shop.example"}, Banks: []string{"kapital"},
		Webhook: &Webhook{URL: "https://shop.example/hook"}}
	first, text := s.AddKey("a-shop", now)
	second, _ := s.AddKey("a-shop", now)
	hook := s.AddWebhookSecret()
	newer := s.AddWebhookSecret()
	content, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := shop.Read(content, "prod")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`^sk_a-shop_(k20261121-2004)_([0-9a-f]{64})$`).FindStringSubmatch(text)
	if m == nil || first != m[1] || second != "k20261121-2004-2" || !settings.HasKey(first, m[2]) ||
		settings.HasKey(second, m[2]) {
		t.Errorf("ids %q and %q", first, second)
	}
	if !slices.Equal(settings.Webhook.Secrets, []string{newer, hook}) || SecretID(hook) == SecretID(newer) {
		t.Error("the newest secret must stand first")
	}
	if !s.DropKey(first) || s.DropKey(first) || !slices.Equal(s.KeyIDs(), []string{second}) {
		t.Errorf("%q are left", s.KeyIDs())
	}
	if !s.DropWebhookSecret(SecretID(hook)) || s.DropWebhookSecret("00000000") || s.Webhook.Secrets[0] != newer {
		t.Error("the wrong secret went")
	}
}

// TestUnreadableShops are told and never overwritten.
func TestUnreadableShops(t *testing.T) {
	v, _ := open(t)
	for content, want := range map[string]string{
		`{"currency":"AZN"}`: "cannot be read",
		`[]`:                 "cannot be read",
	} {
		if _, err := v.Write(t.Context(), v.ShopName("a-shop"), json.RawMessage(content)); err != nil {
			t.Fatal(err)
		}
		if _, found, err := v.Shop(t.Context(), "a-shop"); !found || payment.KindOf(err) != payment.Misconfigured ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: found %v, %v", content, found, err)
		}
	}
	if _, err := v.Known(t.Context(), "nobody"); payment.KindOf(err) != payment.NotFound {
		t.Error(err)
	}
	if _, _, err := v.Shop(t.Context(), "../other"); payment.KindOf(err) != payment.Invalid {
		t.Error(err)
	}
}

// refusing is Secrets Manager that answers everything with one error.
type refusing struct {
	Secrets
	err error
}

func (r refusing) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput,
	...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return nil, r.err
}

// TestFailures holds what AWS's refusals mean to whoever typed the command.
func TestFailures(t *testing.T) {
	for want, err := range map[string]error{
		"restore-secret --secret-id kassa/test/shop/a":         &types.InvalidRequestException{},
		"AWS does not let these credentials read secrets":      &smithy.GenericAPIError{Code: "AccessDeniedException"},
		"Secrets Manager cannot be reached just now":           errors.New("dial tcp: connection refused"),
		"Secrets Manager refuses: read kassa/test/shop/a: api": &smithy.GenericAPIError{Code: "ValidationException"},
	} {
		_, _, got := New(refusing{err: err}, "test").Read(t.Context(), "kassa/test/shop/a")
		if got == nil || !strings.Contains(got.Error(), want) {
			t.Errorf("%v, want %q", got, want)
		}
	}
}
