package boot

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"kassa/shared/bank"
	"kassa/shared/dynamo/memory"
	"kassa/shared/payment"
)

// one is Secrets Manager with a single secret.
type one struct{ name, content string }

func (o one) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput,
	_ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	if aws.ToString(in.SecretId) != o.name {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &o.content}, nil
}

// TestConnect finds a shop's bank by the client that the program brings, and only in its stage.
func TestConnect(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	secrets := one{"kassa/test/bank/a-shop/kapital", `{"merchant_id":"E1","environment":"test","auth":"none"}`}
	service := Connect(&memory.Store{}, secrets, "test", quiet)
	found := func(bank.Bank) error { return nil }
	if err := service.Banks.With(t.Context(), "a-shop", "kapital", found); err != nil {
		t.Error(err)
	}
	other := Connect(&memory.Store{}, secrets, "prod", quiet)
	if err := other.Banks.With(t.Context(), "a-shop", "kapital", found); payment.KindOf(err) != payment.NotFound {
		t.Errorf("in another stage: %v", err)
	}
	if service.CallbackURL != "" || service.Now == nil || service.Store == nil || service.Allowances == nil ||
		service.Undeliveries == nil || service.Days == nil {
		t.Errorf("%+v", service)
	}
}

func TestNewBank(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	for _, name := range slices.Sorted(maps.Keys(Profiles())) {
		if b, err := NewBank(name, []byte(`{}`), "prod", quiet); b != nil || payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
	if b, err := NewBank("nosuch", []byte(`{}`), "prod", quiet); b != nil || payment.KindOf(err) != payment.NotFound {
		t.Errorf("%v, %v", b, err)
	}
	if b, err := NewBank("kapital", []byte(`{"merchant_id":"E1","environment":"test","auth":"none"}`), "prod",
		quiet); b == nil || err != nil {
		t.Errorf("%v, %v", b, err)
	}
}
