package shopcmd

import (
	"testing"
	"time"

	"kassa/infra/kassa/vault"
)

// TestAShopWithoutOneOfItsSecrets still tells the environment that its other banks are in, whichever is looked at last.
func TestAShopWithoutOneOfItsSecrets(t *testing.T) {
	v, now := vault.New(engineClient(t), "test"), time.Date(2026, 11, 21, 20, 4, 0, 0, time.UTC)
	s := vault.Shop{Currency: "AZN", Origins: []string{"https://shop.example"}, Banks: []string{"kapital", "kartapokupok"}}
	s.AddKey("a-shop", now)
	if _, err := v.Replace(t.Context(), "a-shop", vault.Shop{}, s); err != nil {
		t.Fatal(err)
	}
	secret := map[string]any{"environment": "test", "merchant_id": "E1"}
	if _, err := v.Write(t.Context(), v.BankName("a-shop", "kapital"), secret); err != nil {
		t.Fatal(err)
	}
	if seen, err := look(t.Context(), v, "a-shop", "test", now); err != nil || seen.Environment != "test" {
		t.Errorf("the environment is %q, %v", seen.Environment, err)
	}
}
