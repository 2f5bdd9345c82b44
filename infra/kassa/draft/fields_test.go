package draft

import (
	"strings"
	"testing"

	"kassa/shared/bank"
	"kassa/shared/boot"
)

// TestWhatAShopBrings, by the way in which its bank knows it: a bank that is new to the command is asked for as those
// that it has met.
func TestWhatAShopBrings(t *testing.T) {
	small := bank.Profile{Name: "small", Secret: []bank.Field{{Name: "shop", Role: bank.RoleAccount},
		{Name: "pages", Role: bank.RoleHosts}, {Name: "ca", Role: bank.RoleCA}}}
	byLogin := bank.Profile{Name: "by-login", Secret: []bank.Field{{Name: "account/id", Role: bank.RoleAccount},
		{Name: "account/user", Role: bank.RoleLogin}, {Name: "account/word", Role: bank.RolePassword}}}
	for _, c := range []struct {
		of   bank.Profile
		auth string
		want string // or what the error says
	}{
		{small, "", "shop pages ca"},
		{small, "none", "shop pages ca"},
		{small, "certificate", `the bank small knows a shop by none, not by "certificate"`},
		{byLogin, "", "account/id account/user account/word"},
		{byLogin, "password", "account/id account/word"},
		{boot.Profiles()["kapital"], "", "merchant_id endpoint page_hosts certificate key ca"},
		{boot.Profiles()["kapital"], "password", "merchant_id endpoint page_hosts ca password"},
		{boot.Profiles()["kapital"], "none", "merchant_id endpoint page_hosts ca"},
		{boot.Profiles()["kapital"], "login",
			"txpg/merchant_id txpg/base_url txpg/page_hosts txpg/login txpg/password txpg/ca"},
		{boot.Profiles()["kapital"], "letter",
			`the bank kapital knows a shop by certificate or login or password or none, not by "letter"`},
		{boot.Profiles()["kartapokupok"], "certificate",
			"partner_id base_url payment_hosts certificate key ca callback/public_keys"},
		{boot.Profiles()["kartapokupok"], "login", `knows a shop by certificate or none, not by "login"`},
	} {
		fields, err := Fields(c.of, c.auth)
		var names []string
		for _, f := range fields {
			names = append(names, f.Name)
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.HasSuffix(got, c.want)) {
			t.Errorf("%s, %q: %s, want %s", c.of.Name, c.auth, got, c.want)
		}
	}
}

// TestEveryBankHasADraft of its part of the settings, under its own name.
func TestEveryBankHasADraft(t *testing.T) {
	for _, name := range Banks() {
		text, err := settings(Shop{ID: "a-shop", Banks: []Bank{{Name: name}}})
		if err != nil || !strings.Contains(text, "\n  "+name+":\n") {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// TestEachPasswordHasAFileOfItsOwn, which the drafts call by the field: one that is kept under another's name is lost.
func TestEachPasswordHasAFileOfItsOwn(t *testing.T) {
	files := Bank{Name: "kapital", Passwords: map[string]string{"password": "a", "secret_key": "b", "other": ""}}.files()
	if len(files) != 2 || files["kapital-password.txt"] != "a\n" || files["kapital-secret-key.txt"] != "b\n" {
		t.Errorf("%q", files)
	}
	for name := range files {
		if text, err := bank.Draft("kapital"); err != nil || !strings.Contains(text, "_file: "+name) {
			t.Errorf("the draft does not name %s (%v)", name, err)
		}
	}
}
