package draft

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/infra/kassa/folder"
)

// TestADraftForTheJSONGateway holds that gateway alone, and with it filled in nothing is left to do. What stands
// behind a # are settings there, too.
func TestADraftForTheJSONGateway(t *testing.T) {
	bank := Bank{Name: "kapital", Merchant: "E1", Auth: "login", Login: "TerminalSys/kapital",
		Passwords: map[string]string{"password": "hush"}}
	shop := Shop{ID: "a-shop", Environment: "test", Currency: "AZN", Origins: []string{"https://a.example"},
		Banks: []Bank{bank}}
	dir := write(t, shop)
	f, err := folder.Read(dir, "prod", time.Now())
	if err != nil || len(f.Findings) != 0 {
		t.Fatalf("%v, %v", err, f.Findings)
	}
	secret := f.Banks[0].Secret
	inner, _ := secret["txpg"].(map[string]any)
	if secret["gateway"] != "txpg" || len(secret) != 3 || len(inner) != 3 || inner["login"] != bank.Login ||
		inner["password"] != "hush" {
		t.Errorf("%d settings, %d in the section", len(secret), len(inner))
	}
	info, err := os.Stat(filepath.Join(dir, "kapital-txpg-password.txt"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}

	shop.Banks[0].Address, shop.Banks[0].Hosts = "https://bank.example/api", []string{"a.example", "b.example:8443"}
	dir = write(t, shop)
	text := settingsOf(t, dir)
	section := strings.Index(text, "    txpg:\n")
	text = text[:section] + example.ReplaceAllString(text[section:], "$1$2")
	if err := os.WriteFile(filepath.Join(dir, folder.SettingsFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err = folder.Read(dir, "prod", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range f.Findings {
		if strings.HasPrefix(one.Field, "banks/kapital/") && !strings.HasSuffix(one.Field, "ca_file") {
			t.Errorf("%s", one)
		}
	}
	inner, _ = f.Banks[0].Secret["txpg"].(map[string]any)
	hosts, _ := inner["page_hosts"].([]any)
	if inner["base_url"] != "https://bank.example/api" || !slices.Equal(hosts, []any{"a.example", "b.example:8443"}) ||
		inner["page_path"] != "flex" {
		t.Errorf("%v", inner)
	}
}
