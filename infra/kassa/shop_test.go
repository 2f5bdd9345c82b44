package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/kassa/stage"
)

// secrets speaks to the stack's Secrets Manager.
func (w world) secrets() *secretsmanager.Client {
	w.t.Helper()
	flags := stage.Flags{Stage: "local", Getenv: func(string) string { return w.path(".kassa") }}
	at, err := flags.Open(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return at.Secrets()
}

// versions is how many versions a secret has.
func (w world) versions(name string) int {
	w.t.Helper()
	d, err := w.secrets().DescribeSecret(w.t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(d.VersionIdsToStages)
}

// secret is the content of a secret.
func (w world) secret(name string) string {
	w.t.Helper()
	v, err := w.secrets().GetSecretValue(w.t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	return aws.ToString(v.SecretString)
}

// newKeys are what a put or a rotation has shown.
type newKeys struct {
	KeyID         string   `json:"key_id"`
	APIKey        string   `json:"api_key"`
	WebhookSecret string   `json:"webhook_secret"`
	Written       []string `json:"written"`
}

func (w world) read(o output) (k newKeys) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(o.out), &k); err != nil {
		w.t.Fatalf("%v: %s", err, o.out)
	}
	return k
}

// board takes a new shop on board and gives its keys.
func (w world) board(id string, flags ...string) newKeys {
	w.t.Helper()
	w.want(0, nil, append([]string{"shop", "init", w.path(id)}, flags...)...)
	return w.read(w.want(0, nil, "--json", "shop", "put", w.path(id)))
}

// edit changes a shop's settings file.
func (w world) edit(id, from, to string) {
	w.t.Helper()
	path := filepath.Join(w.path(id), "shop.yaml")
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), from) {
		w.t.Fatalf("%v: %s holds no %s", err, path, from)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// status is how the API answers to a key.
func (w world) status(key string) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), "GET", w.Info.APIURL+"/v1/payments?order_ref=none", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// TestPutWritesOneVersionOfEach: a first put makes keys; the same directory again changes nothing; a changed setting
// changes one secret and keeps the keys.
func TestPutWritesOneVersionOfEach(t *testing.T) {
	w := open(t)
	const shop, bank = "kassa/local/shop/put-one", "kassa/local/bank/put-one/kapital"
	keys := w.board("put-one", "--webhook-url", "http://127.0.0.1:9/canary-hook", "--on-success", "P", "--on-error", "F")
	if keys.APIKey == "" || keys.WebhookSecret == "" || len(keys.Written) != 2 || w.versions(shop) != 1 ||
		w.versions(bank) != 1 {
		t.Fatalf("the first put gave %d keys and wrote %q", len(keys.APIKey), keys.Written)
	}
	if w.status(keys.APIKey) != http.StatusOK {
		t.Error("the new key opens nothing")
	}
	if strings.Contains(w.secret(shop), keys.APIKey[strings.LastIndex(keys.APIKey, "_")+1:]) {
		t.Error("the API key itself is kept")
	}
	again := w.want(0, []string{"unchanged  " + shop, "unchanged  " + bank}, "shop", "put", w.path("put-one"))
	if again.out != "" || w.versions(shop) != 1 || w.versions(bank) != 1 {
		t.Errorf("a put of what is there says %q and makes versions %d and %d", again.out, w.versions(shop), w.versions(bank))
	}
	before := w.secret(shop)
	w.edit("put-one", `paid: "P"`, `paid: "DONE"`)
	w.want(0, []string{"written    " + shop, "unchanged  " + bank}, "shop", "put", w.path("put-one"))
	if after := w.secret(shop); after != strings.Replace(before, `"paid":"P"`, `"paid":"DONE"`, 1) ||
		w.versions(shop) != 2 || w.versions(bank) != 1 {
		t.Errorf("a changed word made of %s\n%s", before, after)
	}
}

// TestWarningsDoNotStandInTheWay: check says what put would say, and ends as put does, so that one may follow the
// other.
func TestWarningsDoNotStandInTheWay(t *testing.T) {
	w := open(t)
	w.board("warned")
	if err := os.Chmod(w.path("warned/kapital-key.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.want(0, []string{"can be read by others", "1 to look at; none stands in the way"}, "shop", "check", w.path("warned"))
	w.want(0, []string{"can be read by others"}, "shop", "put", w.path("warned"))
	w.edit("warned", `currency: "AZN"`, `currency: "JPY"`)
	w.want(5, []string{"1 to mend, 1 to look at"}, "shop", "check", w.path("warned"))
	w.want(0, []string{"warnings alone", "end with 0"}, "shop", "check", "--help")
	w.want(0, []string{"soon and bad end with 5"}, "bank", "ping", "--help")
}

// TestAShopStaysItself: neither its environment nor, unless it is meant, its merchant changes.
func TestAShopStaysItself(t *testing.T) {
	w := open(t)
	w.board("itself")
	w.edit("itself", `environment: "test"`, `environment: "prod"`)
	w.want(1, []string{"test is another shop", "nothing was written"}, "shop", "put", w.path("itself"))
	w.edit("itself", `environment: "prod"`, `environment: "test"`)
	w.edit("itself", `merchant_id: "E1000010"`, `merchant_id: "E2000020"`)
	w.want(1, []string{`is "E1000010" at the bank kapital`, "--new-merchant"}, "shop", "put", w.path("itself"))
	if w.versions("kassa/local/bank/itself/kapital") != 1 {
		t.Error("a refused put wrote something")
	}
	w.want(0, nil, "shop", "put", "--new-merchant", w.path("itself"))
	w.want(5, []string{"status question", "bad", "does not know this merchant"}, "bank", "ping", "itself")
}

// TestAWebhookThatComesLater gets its secret then, and its people hear from when on it is called.
func TestAWebhookThatComesLater(t *testing.T) {
	w := open(t)
	w.board("late-hook")
	w.edit("late-hook", "#webhook:", "webhook:\n  url: http://127.0.0.1:9/canary-hook")
	keys := w.want(0, []string{"within five minutes", "redeliver --sequence"}, "shop", "put", w.path("late-hook")).out
	if !strings.HasPrefix(keys, "KASSA_WEBHOOK_SECRET=whsec_") || strings.Count(keys, "\n") != 1 {
		t.Error("the new secret alone must be the output")
	}
	if again := w.want(0, nil, "shop", "put", w.path("late-hook")); strings.Contains(again.err, "five minutes") {
		t.Errorf("a webhook that was there is told as a new one:\n%s", again.err)
	}
	w.edit("late-hook", "webhook:\n  url: http://127.0.0.1:9/canary-hook", "#webhook:")
	w.want(0, []string{"the webhook was taken out"}, "shop", "put", w.path("late-hook"))
}

// TestABankThatLeavesKeepsItsEnvironment: the shop may still have payments there.
func TestABankThatLeavesKeepsItsEnvironment(t *testing.T) {
	w := open(t)
	w.board("leaving", "--bank", "kartapokupok")
	if err := os.RemoveAll(w.path("leaving")); err != nil {
		t.Fatal(err)
	}
	w.want(0, nil, "shop", "init", w.path("leaving"), "--bank", "kapital")
	w.edit("leaving", `environment: "test"`, `environment: "prod"`)
	w.want(1, []string{"at the bank kartapokupok", "test is another shop"}, "shop", "put", w.path("leaving"))
}

// TestKeysHaveScopes: what a key may do is said when it is made, shown afterwards, and never grows by a rotation.
func TestKeysHaveScopes(t *testing.T) {
	w := open(t)
	first := w.board("scoped")
	for _, wrong := range [][]string{{"--scopes", "refunds"}, {"--scopes", "read,read"}, {"--scopes", "read", "--webhook"},
		{"--scopes", "read", "--finish", first.KeyID}} {
		w.want(2, []string{"--scopes"}, append([]string{"shop", "rotate-key", "scoped"}, wrong...)...)
	}
	teller := w.read(w.want(0, []string{"create, read"}, "--json", "shop", "rotate-key", "scoped", "--scopes",
		"create,read"))
	desk := w.read(w.want(0, nil, "--json", "shop", "rotate-key", "scoped", "--scopes", "refund"))
	w.want(0, []string{first.KeyID, "may create, read, refund", teller.KeyID, "may create, read\n", desk.KeyID,
		"may refund\n"}, "shop", "show", "scoped")
	if w.status(teller.APIKey) != 200 || w.status(desk.APIKey) != 403 {
		t.Error("a key does not do what its scopes say")
	}
	w.want(2, []string{"different things", "--scopes", teller.KeyID + " (create, read)"}, "shop", "rotate-key", "scoped")
	w.want(0, []string{"--finish " + teller.KeyID}, "shop", "rotate-key", "scoped", "--scopes", "read,create")
	w.want(1, []string{"--finish first"}, "shop", "rotate-key", "scoped", "--scopes", "read,create")
	w.want(0, nil, "shop", "rotate-key", "scoped", "--finish", first.KeyID)
	w.want(0, nil, "shop", "rotate-key", "scoped", "--finish", desk.KeyID)
	w.want(0, nil, "shop", "rotate-key", "scoped", "--finish", teller.KeyID)
	w.want(0, []string{"\"create\"", "\"read\""}, "--json", "shop", "rotate-key", "scoped") // all that are left are alike
}

// TestKeysRotate: two keys work, a third is refused, the old one goes, the last one stays.
func TestKeysRotate(t *testing.T) {
	w := open(t)
	first := w.board("rotating", "--webhook-url", "http://127.0.0.1:9/hook")
	w.want(2, []string{"--finish is empty"}, "shop", "rotate-key", "rotating", "--finish", "")
	second := w.read(w.want(0, []string{"--finish " + first.KeyID}, "--json", "shop", "rotate-key", "rotating"))
	if w.status(first.APIKey) != 200 || w.status(second.APIKey) != 200 {
		t.Error("while they rotate, one of two keys does not work")
	}
	w.want(1, []string{"--finish first"}, "shop", "rotate-key", "rotating")
	w.want(3, []string{first.KeyID, second.KeyID}, "shop", "rotate-key", "rotating", "--finish", "k0")
	w.want(0, []string{first.KeyID + " is gone"}, "shop", "rotate-key", "rotating", "--finish", first.KeyID)
	w.want(1, []string{"only API key"}, "shop", "rotate-key", "rotating", "--finish", second.KeyID)

	hook := w.read(w.want(0, nil, "--json", "shop", "rotate-key", "rotating", "--webhook"))
	var stored struct{ Webhook struct{ Secrets []string } }
	if err := json.Unmarshal([]byte(w.secret("kassa/local/shop/rotating")), &stored); err != nil {
		t.Fatal(err)
	}
	if got := stored.Webhook.Secrets; len(got) != 2 || got[0] != hook.WebhookSecret || got[1] != first.WebhookSecret {
		t.Error("the newest secret must stand first, and the old one behind it")
	}
	w.want(1, []string{"--finish first"}, "shop", "rotate-key", "rotating", "--webhook")
	said := w.want(3, []string{"it has "}, "shop", "rotate-key", "rotating", "--webhook", "--finish", "0")
	ids := regexp.MustCompile(`[0-9a-f]{8}`).FindAllString(said.err, -1)
	w.want(0, []string{ids[0] + " (new) " + ids[1] + " (old)"}, "shop", "show", "rotating")
	w.want(0, nil, "shop", "rotate-key", "rotating", "--webhook", "--finish", ids[1])
	w.want(1, []string{"only webhook secret"}, "shop", "rotate-key", "rotating", "--webhook", "--finish", ids[0])
	if text := w.secret("kassa/local/shop/rotating"); !strings.Contains(text, hook.WebhookSecret) ||
		strings.Contains(text, first.WebhookSecret) {
		t.Error("the wrong secret went")
	}
	w.want(3, nil, "shop", "rotate-key", "nobody")
	w.want(1, []string{"has no webhook"}, "shop", "rotate-key", w.boardID("plain"), "--webhook")
}

// boardID is board, for whoever needs the id alone.
func (w world) boardID(id string, flags ...string) string {
	w.t.Helper()
	w.board(id, flags...)
	return id
}

// changing is what differs from run to run.
var changing = regexp.MustCompile(
	`127\.0\.0\.1:[0-9]+|k[0-9]{8}-[0-9]{4}(-[0-9])?|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]+Z)?|` +
		`"[0-9a-f]{8}"|\b[0-9a-f]{8}\b|` +
		`days_left": [0-9]+|[0-9]+ days left|\b7[0-9]{2}\b|public_keys": [0-9]|[0-9] public key`)

func normal(text string) string {
	return changing.ReplaceAllStringFunc(text, func(found string) string {
		switch {
		case strings.HasPrefix(found, "127."):
			return "HOST"
		case strings.Contains(found, "public"): // other tests let the bank change its key
			return "PUBLIC KEYS"
		case strings.HasPrefix(found, "k"):
			return "KEY"
		case strings.Contains(found, "days"), len(found) == 3:
			return "DAYS"
		case strings.Contains(found, "-"):
			return "DATE"
		}
		return "ID"
	})
}

// TestShowAndList hold the shapes that people and programs read. Of the webhook's address, which may hold a token, the
// host alone is shown.
func TestShowAndList(t *testing.T) {
	w := open(t)
	w.board("shown", "--bank", "kartapokupok", "--webhook-url", "http://127.0.0.1:9/canary-path", "--webhook-acknowledge",
		"--on-success", "P")
	golden(t, "show.txt", normal(w.want(0, nil, "shop", "show", "shown").out))
	golden(t, "show.json", normal(w.want(0, nil, "shop", "show", "shown", "--json").out))
	list := w.want(0, []string{"demo-az", "demo-by"}, "shop", "list").out
	lines := []string{}
	for line := range strings.Lines(list) {
		if strings.HasPrefix(line, "SHOP") || strings.HasPrefix(line, "shown") {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
	}
	golden(t, "list.txt", normal(strings.Join(lines, "\n")+"\n"))
	var all struct{ Shops []json.RawMessage }
	if err := json.Unmarshal([]byte(w.want(0, nil, "shop", "list", "--json").out), &all); err != nil ||
		len(all.Shops) < 3 {
		t.Errorf("%d shops, %v", len(all.Shops), err)
	}
}

// TestNobodyToAskNothingToGuess: what is missing is a wrong command line, told in words.
func TestNobodyToAskNothingToGuess(t *testing.T) {
	w := open(t)
	w.write("empty.crt", []byte("\n"))
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"shop", "put"}, 2, "DIR is missing"},
		{[]string{"shop", "put", "a", "b"}, 2, `"b" is one argument too many`},
		{[]string{"shop", "frobnicate"}, 2, `no command "frobnicate"`},
		{[]string{"frobnicate"}, 2, "frobnicate"},
		{[]string{"shop", "list", "--frob"}, 2, "unknown flag: --frob"},
		{[]string{"shop", "list", "--stage", "UP"}, 2, "is no stage"},
		{[]string{"shop", "show", "nobody"}, 3, `no shop "nobody"`},
		{[]string{"shop", "show", "../etc"}, 2, "is no id of a shop"},
		{[]string{"shop", "rotate-key", "MY"}, 2, "is no id of a shop"},
		{[]string{"bank", "ping", "MY"}, 2, "is no id of a shop"},
		{[]string{"payment", "list", "--shop", "MY", "--order", "1"}, 2, "is no id of a shop"},
		{[]string{"shop", "put", ""}, 2, "DIR is empty"},
		{[]string{"shop", "init", ""}, 2, "DIR is empty"},
		{[]string{"shop", "init", "x", "--terms", "3,x"}, 2,
			`invalid argument "3,x" for "--terms": "x" must be a whole number`},
		{[]string{"shop", "init", "x", "--min-amount", "99999999999999999999"}, 2,
			`for "--min-amount": "99999999999999999999" must be a whole number of at most 18 digits`},
		{[]string{"payment", "refund", "x", "--yes=perhaps"}, 2, `"perhaps" is neither`},
		{[]string{"payment", "redeliver", "x", "--sequence", "abc"}, 2, `"abc" must be a whole number`},
		{[]string{"payment", "redeliver", "--help"}, 0,
			"may be repeated (default all that were given up or wait for over a minute)\n"},
		{[]string{"payment", "redeliver", "--help"}, 0, "--sequence number "},
		{[]string{"help", "nope"}, 2, `kassa has no command "nope"`},
		{[]string{"help", "shop", "nope"}, 2, `kassa shop has no command "nope"`},
		{[]string{"completion", "foo"}, 2, `kassa completion has no command "foo"`},
		{[]string{"help", "shop", "list"}, 0, "kassa shop list"},
		{[]string{"help"}, 0, "kassa sets up the shops"},
		{[]string{"completion", "bash"}, 0, "bash completion"},
		{[]string{"shop", "check", w.path("nowhere")}, 3, "kassa shop init"},
		{[]string{"shop", "init", w.path("x"), "--bank", "sparkasse"}, 2, `"sparkasse" is no bank`},
		{[]string{"shop", "init", w.path("Big Name")}, 2, "add --shop"},
		{[]string{"shop", "init", w.path("x"), "--merchant-id", "E1"}, 2, "leave those flags out"},
		{[]string{"shop", "init", w.path("x"), "--environment", "prod"}, 2, "environment test alone"},
		{[]string{"shop", "init", w.path("x"), "--stage", "prod", "--bank", "kapital", "--ca", w.path("empty.crt")}, 1,
			"empty.crt is empty"},
		{[]string{"shop", "init", w.path("x"), "--stage", "prod", "--bank", "kartapokupok", "--auth", "login"}, 2,
			`knows a shop by certificate or none, not by "login"`},
		{[]string{"shop", "init", w.path("x"), "--stage", "prod", "--bank", "kapital", "--public-key", "k.pem"}, 2,
			"the bank kapital has no use for --public-key"},
		{[]string{"shop", "init", w.path("x"), "--stage", "prod", "--bank", "kapital", "--auth", "login", "--key", "k"}, 2,
			"no use for --key with --auth login"},
		{[]string{"bank", "ping", "nobody"}, 3, "nobody"},
		{[]string{"bank", "ping", "demo-az", "kartapokupok"}, 3, "has no bank"},
		{[]string{"payment", "show", "5"}, 2, "is no id of a payment"},
		{[]string{"payment", "show", "pay_" + strings.Repeat("a", 26) + "-1"}, 3, "there is no payment"},
		{[]string{"payment", "list"}, 2, "say what to list"},
		{[]string{"payment", "list", "--from", "2026-11-01"}, 2, "say what to list"},
		{[]string{"payment", "list", "--shop", "demo-az", "--order", "1", "--csv"}, 2, "--csv go with --from"},
		{[]string{"payment", "list", "--shop", "demo-az", "--from", "2026-11-01", "--csv", "--json"}, 2, "not both"},
		{[]string{"payment", "list", "--shop", "demo-az", "--from", "1.11.2026", "--status", "sold"}, 2, "--status \"sold\""},
		{[]string{"payment", "list", "--review", "--late"}, 2, "--csv go with --from"},
		{[]string{"payment", "list", "--review=false"}, 2, "--csv go with --from"},
		{[]string{"payment", "list", "--shop", "demo-az", "--from", "2026-11-01", "--late=perhaps"}, 2, "is neither"},
		{[]string{"payment", "list", "--shop", "demo-az", "--from", "2026-11-01", "--amount-from", "5"}, 2,
			"--amount-from \"5\" must have two decimals"},
		{[]string{"payment", "list", "--shop", "demo-az", "--from", "0001-01-01"}, 2, "from the year 2000 on"},
		{[]string{"payment", "find", "1"}, 2, "--shop is needed"},
		{[]string{"payment", "find", " ", "--shop", "demo-az"}, 2, "the number is empty"},
		{[]string{"payment", "find", "nobody's", "--shop", "demo-az"}, 3, "has no order \"nobody's\""},
		{[]string{"payment", "find", "1", "--shop", "demo-az", "--to", "2026-11-01"}, 2, "--from \"\""},
		{[]string{"totals", "--by", "month"}, 2, "--by \"month\""},
		{[]string{"book", "fill", "--rate", "0"}, 2, "--rate is 1 to 1000"},
		{[]string{"book", "fill", "--shop", "demo-az", "--orders", "/no/such/file"}, 2, "--orders"},
		{[]string{"payment", "list", "--order", "none", "--shop", "demo-az"}, 3, "no payment of an order none"},
	} {
		if o := w.want(c.code, []string{c.want}, c.args...); strings.Contains(o.err, "strconv") {
			t.Errorf("it is told in Go's words: %s", o.err)
		}
	}
}

// TestPeopleAreAsked: at a terminal what no flag says is asked for; a password is asked for unseen.
func TestPeopleAreAsked(t *testing.T) {
	w := open(t)
	person := &typist{lines: []string{"kapital", "prod", "https://shop.example", "", "P", "F", "E7654321"},
		hidden: "canary password"}
	o := w.asked(person, "shop", "init", w.path("asked"), "--stage", "prod", "--auth", "password")
	if o.code != 0 || len(person.lines) != 0 {
		t.Fatalf("%d %s%s, %d answers left", o.code, o.out, o.err, len(person.lines))
	}
	w.want(0, []string{"asked is sound"}, "shop", "check", w.path("asked"), "--stage", "prod")
	if text, err := os.ReadFile(filepath.Join(w.path("asked"), "kapital-password.txt")); err != nil ||
		string(text) != "canary password\n" {
		t.Errorf("%q, %v", text, err)
	}
	o = w.asked(person, "shop", "init", w.path("asked"), "--stage", "prod", "--auth", "password", "--bank", "kapital")
	if o.code != 1 {
		t.Errorf("without an answer the directory is made: %d %s", o.code, o.err)
	}
}

// TestPeopleAreAskedAgain: a slip of the keyboard is told and asked for once more, and what was answered before is
// kept.
func TestPeopleAreAskedAgain(t *testing.T) {
	w := open(t)
	w.board("slips-lender")
	file := func(name string) string { return w.path("slips-lender/kapital-" + name + ".pem") }
	person := &typist{lines: []string{"kapitl", "", "kapital", "production", "prod", "shop.example",
		"https://shop.example/x", "https://shop.example",
		"http://shop.example/hook", "https://shop.example/hook", "P\x07", "P", "F", "E7654321", w.path("nowhere.crt"),
		file("certificate"), file("key"), w.path("."), file("ca")}}
	o := w.asked(person, "shop", "init", w.path("slips"), "--stage", "prod")
	if o.code != 0 || len(person.lines) != 0 {
		t.Fatalf("%d %s%s, %d answers left", o.code, o.out, o.err, len(person.lines))
	}
	for _, want := range []string{`"kapitl" is no bank`, "no bank is named", `"production" is no environment`,
		"must be an origin such as", "must begin with https://", "printable text", "nowhere.crt"} {
		if !strings.Contains(o.err, want) {
			t.Errorf("%q is not said:\n%s", want, o.err)
		}
	}
	w.want(0, []string{"slips is sound"}, "shop", "check", w.path("slips"), "--stage", "prod")
}

// typist answers in turn.
type typist struct {
	lines  []string
	hidden string
}

func (p *typist) Line() (string, error) {
	if len(p.lines) == 0 {
		return "", fmt.Errorf("the keyboard is gone")
	}
	line := p.lines[0]
	p.lines = p.lines[1:]
	return line, nil
}

func (p *typist) Hidden() (string, error) { return p.hidden, nil }
