package boot

import (
	"slices"
	"testing"

	"kassa/shared/api"
	"kassa/shared/shop"
)

// TestEdgeAndSettingsNameTheSameScopes: a word that one of them lacks would be a right that nobody has, or that
// everybody has.
func TestEdgeAndSettingsNameTheSameScopes(t *testing.T) {
	settings, err := shop.Read([]byte(`{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],
		"keys":[{"id":"k1","sha256":"2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90"}]}`), "prod")
	if err != nil {
		t.Fatal(err)
	}
	if got := scopes(settings, "k1"); !slices.Equal(got, []api.Scope{api.Create, api.Read, api.Refund}) {
		t.Errorf("a key without scopes may %v", got)
	}
}
