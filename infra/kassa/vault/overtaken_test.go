package vault

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/kassa/console"
	"kassa/shared/payment"
)

// aShop stores a shop with one key.
func aShop(t *testing.T, v *Vault, now time.Time) {
	t.Helper()
	s := Shop{Currency: "AZN", Origins: []string{"https://shop.example"}, Banks: []string{"kapital"}}
	s.AddKey("a-shop", now)
	if _, err := v.Replace(t.Context(), "a-shop", Shop{}, s); err != nil {
		t.Fatal(err)
	}
}

// TestNobodyOverwritesAKeyOfAnothers: two people change a shop at once. The one who comes second is told, and the key
// that the first was shown lives on.
func TestNobodyOverwritesAKeyOfAnothers(t *testing.T) {
	v, _ := open(t)
	now := time.Date(2026, 11, 21, 20, 4, 0, 0, time.UTC)
	aShop(t, v, now)
	old, err := v.Known(t.Context(), "a-shop")
	first, second := old, old
	if err != nil {
		t.Fatal(err)
	}
	shown, _ := first.AddKey("a-shop", now.Add(time.Minute))
	if _, err := v.Replace(t.Context(), "a-shop", old, first); err != nil {
		t.Fatal(err)
	}
	second.Origins = append(second.Origins, "https://www.shop.example")
	written, err := v.Replace(t.Context(), "a-shop", old, second)
	if written || payment.CodeOf(err) != "changed_meanwhile" || console.CodeOf(err) != console.TryAgain {
		t.Errorf("written %v, %v", written, err)
	}
	s, err := v.Known(t.Context(), "a-shop")
	if err != nil || !slices.Contains(s.KeyIDs(), shown) {
		t.Errorf("the keys are %q, %v: %s is lost", s.KeyIDs(), err, shown)
	}
}

// TestNobodyFoundsAShopTwice: the second of two who found it at once is told, too.
func TestNobodyFoundsAShopTwice(t *testing.T) {
	v, _ := open(t)
	now := time.Date(2026, 11, 21, 20, 4, 0, 0, time.UTC)
	aShop(t, v, now)
	s := Shop{Currency: "AZN", Origins: []string{"https://shop.example"}, Banks: []string{"kapital"}}
	s.AddKey("a-shop", now)
	if written, err := v.Replace(t.Context(), "a-shop", Shop{}, s); written || payment.CodeOf(err) != "changed_meanwhile" {
		t.Errorf("written %v, %v", written, err)
	}
}

// rolledBack is Secrets Manager where somebody has gone back to an older version by hand.
type rolledBack struct {
	Secrets
	content, version string
}

func (r rolledBack) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput,
	...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return &secretsmanager.GetSecretValueOutput{SecretString: &r.content, VersionId: &r.version}, nil
}

// TestBackToAnOlderVersion: another version followed that one before, and yet one can go on from there.
func TestBackToAnOlderVersion(t *testing.T) {
	v, client := open(t)
	aShop(t, v, time.Date(2026, 11, 21, 20, 4, 0, 0, time.UTC))
	old, err := v.Known(t.Context(), "a-shop")
	if err != nil {
		t.Fatal(err)
	}
	back := New(rolledBack{client, string(old.content), old.version}, "test")
	for _, origin := range []string{"https://one.example", "https://two.example"} {
		next := old
		next.Origins = []string{origin}
		if written, err := back.Replace(t.Context(), "a-shop", old, next); !written || err != nil {
			t.Errorf("%s: written %v, %v", origin, written, err)
		}
		if s, err := v.Known(t.Context(), "a-shop"); err != nil || s.Origins[0] != origin {
			t.Errorf("%q, %v", s.Origins, err)
		}
	}
}

// TestBackToAnOlderVersionAndForthAgain: what followed that version is wanted again, word by word. Secrets Manager
// takes it for the request of then and ignores it.
func TestBackToAnOlderVersionAndForthAgain(t *testing.T) {
	v, client := open(t)
	aShop(t, v, time.Date(2026, 11, 21, 20, 4, 0, 0, time.UTC))
	old, err := v.Known(t.Context(), "a-shop")
	if err != nil {
		t.Fatal(err)
	}
	next := old
	next.Origins = []string{"https://two.example"}
	if _, err := v.Replace(t.Context(), "a-shop", old, next); err != nil {
		t.Fatal(err)
	}
	name := v.ShopName("a-shop")
	if _, err := client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &name,
		SecretString: aws.String(string(old.content))}); err != nil {
		t.Fatal(err)
	}
	back := New(rolledBack{client, string(old.content), old.version}, "test")
	if written, err := back.Replace(t.Context(), "a-shop", old, next); !written || err != nil {
		t.Errorf("written %v, %v", written, err)
	}
	if s, err := v.Known(t.Context(), "a-shop"); err != nil || s.Origins[0] != "https://two.example" {
		t.Errorf("said to be written, and the origins are %q, %v", s.Origins, err)
	}
}
