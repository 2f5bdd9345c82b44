package folder

import (
	"strings"
	"testing"
)

// both adds the JSON gateway to a sound directory.
func both(t *testing.T) directory {
	t.Helper()
	d, _, _ := sound(t)
	d["shop.yaml"] += `    gateway: txpg
    txpg:
      merchant_id: E1
      login: TerminalSys/kapital
      password_file: txpg-password.txt
      ca_file: ca.pem
`
	d["txpg-password.txt"] = "canary-pass\n"
	return d
}

// TestBothGatewaysStandInOneSecret, and the JSON one alone does.
func TestBothGatewaysStandInOneSecret(t *testing.T) {
	d := both(t)
	alone := both(t)
	alone.edit(t, `    merchant_id: E1
    certificate_file: own.pem
    key_file: own-key.pem
    ca_file: ca.pem
`, "")
	for fields, d := range map[int]directory{7: d, 3: alone} {
		f := d.read(t)
		if len(f.Findings) > 0 {
			t.Fatalf("%d: %s", fields, texts(f))
		}
		secret := f.Banks[0].Secret
		inner, _ := secret["txpg"].(map[string]any)
		if len(secret) != fields || len(inner) != 4 || inner["password"] != "canary-pass" || inner["ca"] != d["ca.pem"] ||
			inner["login"] != "TerminalSys/kapital" {
			t.Errorf("the secret has %d fields, its section %d", len(secret), len(inner))
		}
	}
}

// TestWhatIsWrongWithAGatewayIsToldWhereItStands, by the name that people write, and no password with it.
func TestWhatIsWrongWithAGatewayIsToldWhereItStands(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"a password in the file itself": {"password_file: txpg-password.txt", "password: canary-pass",
			"banks/kapital/txpg/password: must stand in a file of its own; name the file as password_file"},
		"no password": {"      password_file: txpg-password.txt\n", "",
			"banks/kapital/txpg/password_file: must be the password"},
		"a file that is not": {"txpg-password.txt", "other.txt",
			"banks/kapital/txpg/password_file: other.txt is not there"},
		"a misspelt name":    {"login:", "logn:", "banks/kapital/txpg/logn: is not a field"},
		"an unknown gateway": {"gateway: txpg", "gateway: json", "banks/kapital/gateway: must be one of: xml, txpg"},
		"a CA that is none": {"      ca_file: ca.pem", "      ca_file: own-key.pem",
			"banks/kapital/txpg/ca_file: own-key.pem holds"},
		"no section at all": {"    txpg:\n      merchant_id: E1\n      login: TerminalSys/kapital\n      password_file: " +
			"txpg-password.txt\n      ca_file: ca.pem\n", "", "banks/kapital/txpg: is missing"},
		"what the other has": {"      login:", "      endpoint: https://a.example\n      login:",
			"banks/kapital/txpg/endpoint: is not a field"},
		"a term beyond measure": {"      login:", "      taksit_terms: [99]\n      login:",
			"banks/kapital/txpg/taksit_terms: must be months from 2 to 60"},
	} {
		d := both(t)
		d.edit(t, c.from, c.to)
		f := d.read(t)
		if f.Sound() || strings.Count(texts(f), c.want) != 1 || strings.Contains(texts(f), "canary") {
			t.Errorf("%s: %q is not told once:\n%s", name, c.want, texts(f))
		}
	}
}

// TestTermsThatTheShopsCurrencyHasNot: the badge would show plans in dollars, and the bank has them in manat alone.
func TestTermsThatTheShopsCurrencyHasNot(t *testing.T) {
	const refused = "instalments/terms/0: is a term that the bank kapital does not take in USD: " +
		"Kapital Bank sells by instalments in AZN only"
	for currency, want := range map[string]string{"AZN": "", "USD": refused} {
		d := both(t)
		d.edit(t, "currency: AZN", "currency: "+currency+"\ninstalments:\n  terms: [3]")
		d.edit(t, "      login:", "      taksit_terms: [3]\n      currencies: [AZN, USD]\n      login:")
		d.edit(t, "    merchant_id: E1\n    cert", "    currencies: [AZN, USD]\n    merchant_id: E1\n    cert")
		f := d.read(t)
		if f.Sound() != (want == "") || strings.Count(texts(f), want) != max(1, len(f.Findings)) && want != "" {
			t.Errorf("%s: want %q once:\n%s", currency, want, texts(f))
		}
	}
}
