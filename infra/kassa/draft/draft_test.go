package draft

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/infra/kassa/folder"
)

func write(t *testing.T, s Shop) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	if _, err := Write(dir, s); err != nil {
		t.Fatal(err)
	}
	return dir
}

func settingsOf(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, folder.SettingsFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// everyBank is each bank that there is, with nothing known of it.
func everyBank() (all []Bank) {
	for _, name := range Banks() {
		all = append(all, Bank{Name: name})
	}
	return all
}

// example is a setting behind a #, alone on its line.
var example = regexp.MustCompile(`(?m)^( *)#( *[a-z0-9_A-Z]+:|  )`)

// TestEverySettingIsOne: what stands behind a # in a new file are settings, too: none is misspelt or unknown to the
// decoders.
func TestEverySettingIsOne(t *testing.T) {
	dir := write(t, Shop{ID: "a-shop", Environment: "test", Currency: "BYN", Origins: []string{"https://shop.example"},
		Banks: everyBank()})
	text := example.ReplaceAllString(settingsOf(t, dir), "$1$2")
	if strings.Count(text, "\n") < 100 || strings.Contains(text, "#fields") {
		t.Fatalf("not everything was taken in:\n%s", text)
	}
	if err := os.WriteFile(filepath.Join(dir, folder.SettingsFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := folder.Read(dir, "prod", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range f.Findings {
		missing := strings.HasSuffix(one.Field, "_file") || strings.Contains(one.Field, "public_key_files") ||
			strings.HasSuffix(one.Text, "has no value; write one, or take the line out")
		if !missing && one.Field != "currency" && !strings.Contains(one.Field, "partner_id") &&
			!strings.Contains(one.Field, "base_url") && !strings.Contains(one.Field, "payment_hosts") &&
			!strings.Contains(one.Field, "merchant_id") {
			t.Errorf("%s", one)
		}
	}
}

// taken is a field that a decoder takes.
var taken = regexp.MustCompile(
	`\b(?:f|sub|s|types|read)\.(?:Matching|OneOf|Text|TextOr|Flag|Number|Numbers|Hosts|List|Words|Inner|` +
		`Switched|Duration|Address|clock|zone|endpoint)\("([a-z_]+)"|"([a-z_]+)": +func\(at string, raw`)

// TestEverySettingIsThere: each field that the decoders take stands in the file of a new shop, set or behind a #.
func TestEverySettingIsThere(t *testing.T) {
	text := settingsOf(t, write(t,
		Shop{ID: "a-shop", Loopback: true, Banks: everyBank()}))
	elsewhere := []string{"keys", "secrets", "id", "sha256", "scopes"} // what kassa shop put makes
	fields := 0
	rooms := [][]string{{"shop/*.go"}, {"bank/exchange/trust.go"}}
	for _, name := range Banks() {
		rooms = append(rooms, []string{"bank/" + name + "/*.go", "bank/" + name + "/*/*.go"})
	}
	for _, room := range rooms {
		var files []string
		for _, pattern := range room {
			more, err := filepath.Glob(filepath.Join("../../../shared", pattern))
			if err != nil {
				t.Fatal(err, pattern)
			}
			files = append(files, more...)
		}
		if len(files) == 0 {
			t.Errorf("there is no source in %q", room)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range taken.FindAllStringSubmatch(string(source), -1) {
				name := m[1] + m[2]
				if name == "" || slices.Contains(elsewhere, name) {
					continue
				}
				fields++
				if name == "public_keys" {
					name = "public_key_files"
				}
				if !regexp.MustCompile(`(?m)^[ #]*` + name + `(_file)?:`).MatchString(text) {
					t.Errorf("%s takes %s, which no new file has", file, name)
				}
			}
		}
	}
	if fields < 40 {
		t.Errorf("only %d fields were found", fields)
	}
}

// TestWhatIsKnownIsFilledIn: texts are quoted whatever is in them, files are their owner's alone, and nothing is
// overwritten.
func TestWhatIsKnownIsFilledIn(t *testing.T) {
	s := Shop{ID: "a-shop", Environment: "prod", Currency: "AZN", Origins: []string{"https://a.example"},
		WebhookURL: `https://a.example/"#: &x`, Acknowledge: true,
		Statuses: []Status{{"paid", "Оплачен: да #1"}}, Terms: []int{3, 12}, MinAmount: 500,
		Banks: []Bank{{Name: "kapital", Merchant: "E1", Auth: "password", Passwords: map[string]string{"password": "hush"}}}}
	dir := write(t, s)
	f, err := folder.Read(dir, "prod", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	hook, _ := f.Settings["webhook"].(map[string]any)
	statuses, _ := f.Settings["order_statuses"].(map[string]any)
	if hook["url"] != s.WebhookURL || hook["acknowledge"] != true || statuses["paid"] != "Оплачен: да #1" ||
		f.Banks[0].Secret["password"] != "hush" {
		t.Errorf("settings %v, findings %v", f.Settings, f.Findings)
	}
	info, err := os.Stat(filepath.Join(dir, "kapital-password.txt"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if ignored, err := os.ReadFile(filepath.Join(dir, ".gitignore")); err != nil ||
		!strings.HasSuffix(string(ignored), "\n*\n") {
		t.Errorf("%q, %v", ignored, err)
	}
	before := settingsOf(t, dir)
	s.ID = "another"
	if _, err := Write(dir, s); err == nil || !strings.Contains(err.Error(), "shop.yaml is there already") ||
		settingsOf(t, dir) != before {
		t.Errorf("a directory that is there: %v", err)
	}
}
