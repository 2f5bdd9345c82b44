package folder

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"kassa/infra/kassa/console"
	"kassa/shared/boot"
)

// TestWrongSettings goes through what people write into shop.yaml; everything wrong is told by line and field.
func TestWrongSettings(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"shop id":             {"shop: a-shop", "shop: A Shop", "shop.yaml:1: shop: must be the shop's id"},
		"shop id as a number": {"shop: a-shop", "shop: 12", "shop.yaml:1: shop: must be a text; put it in quotes"},
		"environment": {"environment: test", "environment: production",
			"shop.yaml:2: environment: must be test or prod"},
		"unknown setting": {"currency: AZN", "currency: AZN\ncolour: red", "shop.yaml:4: colour: is not a setting"},
		"currency":        {"currency: AZN", "currency: JPY", "shop.yaml:3: currency: must be AZN, BYN, USD or EUR"},
		"currencies": {"merchant_id: E1", "merchant_id: E1\n    currencies: [AZN, dollars]",
			"shop.yaml:13: banks/kapital/currencies: must be different currencies, each AZN, USD or EUR"},
		"a currency that its terminals never have": {"merchant_id: E1", "merchant_id: E1\n    currencies: [AZN, BYN]",
			"shop.yaml:13: banks/kapital/currencies: must be different currencies, each AZN, USD or EUR"},
		"one currency without a list": {"merchant_id: E1", "merchant_id: E1\n    currencies: USD",
			"shop.yaml:13: banks/kapital/currencies: must be a list of strings"},
		"dollars without the bank": {"currency: AZN", "currency: USD",
			"shop.yaml:3: currency: does not fit the bank kapital: Kapital Bank takes AZN only."},
		"manat without the bank": {"merchant_id: E1", "merchant_id: E1\n    currencies: [USD, EUR]",
			"shop.yaml:3: currency: does not fit the bank kapital: Kapital Bank takes USD or EUR only."},
		"currency of the bank": {"currency: AZN", "currency: BYN",
			"shop.yaml:3: currency: does not fit the bank kapital: Kapital Bank takes AZN only."},
		"currency missing": {"currency: AZN\n", "", "shop.yaml: currency: is required"},
		"origin with a path": {"https://shop.example\n", "https://shop.example/shop\n",
			"shop.yaml:5: origins/0: must be an origin such as https://shop.example"},
		"plain origin": {"https://shop.example\n", "http://shop.example\n",
			"shop.yaml:5: origins/0: must be an origin"},
		"loopback on AWS": {"currency: AZN", "currency: AZN\ninsecure_loopback: true",
			`shop.yaml:4: insecure_loopback: is for the stage "local" alone`},
		"status":             {"paid: P", "payd: P", "shop.yaml:7: order_statuses/payd: is not a status of a payment"},
		"status as a number": {"paid: P", "paid: 5", "shop.yaml:7: order_statuses/paid: must be a text; put it in quotes"},
		"plain webhook":      {"https://shop.example/hook", "http://shop.example/hook", "shop.yaml:9: webhook/url: "},
		"webhook as a text": {"webhook:\n  url: https", "webhook: https",
			"shop.yaml:8: webhook: must have settings of its own below it, each a name and a value"},
		"webhook secrets": {"/hook", "/hook\n  secrets: [x]",
			"shop.yaml:10: webhook/secrets: are made by kassa shop put"},
		"keys":    {"currency: AZN", "currency: AZN\nkeys: []", "shop.yaml:4: keys: is made by kassa shop put"},
		"no bank": {"  kapital:", "  #kapital:", "banks"},
		"unknown bank": {"kapital:", "kapitol:",
			fmt.Sprintf(`shop.yaml:11: banks/kapitol: There is no bank "kapitol"; there are %q`,
				slices.Sorted(maps.Keys(boot.Profiles())))},
		"unknown bank setting": {"merchant_id: E1", "merchant_id: E1\n    merchant: x",
			"shop.yaml:13: banks/kapital/merchant: is not a field of this secret"},
		"merchant id": {"merchant_id: E1", "merchant_id: 10001",
			"shop.yaml:12: banks/kapital/merchant_id: must be a text; put it in quotes"},
		"merchant id form": {"merchant_id: E1", "merchant_id: E 1",
			"shop.yaml:12: banks/kapital/merchant_id: must be the merchant id that the bank issued"},
		"order expiration": {"merchant_id: E1", "merchant_id: E1\n    order_expiration: never",
			"shop.yaml:13: banks/kapital/order_expiration: must be one of: on, off"},
		"TranId": {"merchant_id: E1", "merchant_id: E1\n    tran_id: twoId",
			"shop.yaml:13: banks/kapital/tran_id: must be one of: empty, two_id"},
		"plain endpoint": {"merchant_id: E1", "merchant_id: E1\n    endpoint: http://bank.example",
			"shop.yaml:13: banks/kapital/endpoint: must be an https address"},
		"inline key": {"key_file: own-key.pem", "key: |\n      -----BEGIN PRIVATE KEY-----",
			"shop.yaml:14: banks/kapital/key: must stand in a file of its own; name the file as key_file"},
		"key left out": {"    key_file: own-key.pem\n", "",
			"banks/kapital/key_file: is missing, and certificate and key belong together"},
		"password without file": {"merchant_id: E1", "merchant_id: E1\n    auth: password",
			"banks/kapital/password_file: is missing; auth password needs it"},
		"bank's environment": {"merchant_id: E1", "merchant_id: E1\n    environment: prod",
			"shop.yaml:13: banks/kapital/environment: is set for the whole shop, at the top of the file"},
		"name twice": {"currency: AZN", "currency: AZN\ncurrency: BYN",
			"shop.yaml:4: currency: stands twice, first in line 3"},
		"no value": {"currency: AZN", "currency:",
			"shop.yaml:3: currency: has no value; write one, or take the line out"},
		"no YAML": {"currency: AZN", "currency: [AZN", "is no YAML"},
		"a bank without any": {"banks:\n", "banks:\n  kartapokupok: yes\n",
			"shop.yaml:11: banks/kartapokupok: must have the bank's settings below it"},
	} {
		t.Run(name, func(t *testing.T) {
			d, _, _ := sound(t)
			d.edit(t, c.from, c.to)
			if f := d.read(t); f.Sound() || !strings.Contains(texts(f), c.want) {
				t.Errorf("findings\n%swant\n%s", texts(f), c.want)
			}
		})
	}
}

// TestTermsAndLimits holds what a shop that sells by instalments is told.
func TestTermsAndLimits(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"sound": {"terms", "terms", ""},
		"descending": {"[3, 6, 12]", "[3, 12, 6]",
			"shop.yaml:6: instalments/terms/2: must be longer than the term before it"},
		"too long": {"[3, 6, 12]", "[3, 600]",
			"shop.yaml:6: instalments/terms/1: must be a number of months from 2 to 60"},
		"limits": {"terms: [3, 6, 12]", "terms: [3]\n  min_amount: 500\n  max_amount: 400",
			"shop.yaml:8: instalments/max_amount: must not be below min_amount"},
		"limit with point": {"terms: [3, 6, 12]", "terms: [3]\n  min_amount: 30.00",
			"shop.yaml:7: instalments/min_amount: must be a whole number in plain digits"},
		"none": {"instalments:\n  terms: [3, 6, 12]\n", "",
			"banks/kartapokupok: sells by instalments alone; name the terms that the shop offers in instalments/terms"},
		"not the bank's": {"    callback:", "    terms: {3: \"\", 6: \"\"}\n    callback:",
			"shop.yaml:6: instalments/terms/2: is a term that the bank kartapokupok does not take"},
		"code as a number": {"    callback:", "    terms: {3: 90000001}\n    callback:",
			"shop.yaml:15: banks/kartapokupok/terms/3: must be a text; put it in quotes"},
		"status off": {"    callback:", "    status: {mode: off}\n    recheck: always\n    callback:",
			"banks/kartapokupok/recheck: cannot be always while status/mode is off"},
		"order_ref": {"    callback:", "    order_ref: short\n    callback:",
			"shop.yaml:15: banks/kartapokupok/order_ref: must be one of: as_is, plain"},
		"where a code is": {"    callback:", "    status: {fields: {code: code}}\n    callback:",
			`banks/kartapokupok/status/fields/code: must be a JSON pointer such as "/data/code"`},
		"no key": {"public_key_files: [bank-key.pem]", "header: X-Sign",
			"banks/kartapokupok/callback/public_key_files: must hold 1 to 8 public keys"},
		"keys as a word": {"[bank-key.pem]", "bank-key.pem",
			"shop.yaml:16: banks/kartapokupok/callback/public_key_files: must be a list of names of files"},
		"inline keys": {"public_key_files: [bank-key.pem]", "public_keys: [x]",
			"callback/public_keys: must stand in files of their own; name the files as public_key_files"},
	} {
		t.Run(name, func(t *testing.T) {
			d := karta(t)
			d.edit(t, c.from, c.to)
			if f := d.read(t); f.Sound() != (c.want == "") || !strings.Contains(texts(f), c.want) {
				t.Errorf("findings\n%swant\n%s", texts(f), c.want)
			}
		})
	}
}

// TestSoundDirectoriesBecomeSecrets holds what of a directory goes where.
func TestSoundDirectoriesBecomeSecrets(t *testing.T) {
	d, _, _ := sound(t)
	f := d.read(t)
	if len(f.Findings) > 0 || f.Shop != "a-shop" || f.Environment != "test" || len(f.Banks) != 1 {
		t.Fatalf("%+v\n%s", f, texts(f))
	}
	secret := f.Banks[0].Secret
	if secret["environment"] != "test" || secret["certificate"] != d["own.pem"] || secret["key"] != d["own-key.pem"] ||
		secret["ca"] != d["ca.pem"] || len(secret) != 5 {
		t.Errorf("the bank's secret has %d fields", len(secret))
	}
	for _, name := range []string{"shop", "environment", "banks"} {
		if _, there := f.Settings[name]; there {
			t.Errorf("the shop's secret would hold %s", name)
		}
	}
	d = karta(t)
	callback, _ := d.read(t).Banks[0].Secret["callback"].(map[string]any)
	if keys, _ := callback["public_keys"].([]any); len(keys) != 1 || keys[0] != d["bank-key.pem"] || len(callback) != 1 {
		t.Errorf("callback is %v", callback)
	}
}

// TestEverythingAtOnce holds that one mistake does not hide another, and that nothing is said twice.
func TestEverythingAtOnce(t *testing.T) {
	d, _, _ := sound(t)
	d.edit(t, "currency: AZN", "currency: JPY\ncolour: red")
	d.edit(t, "https://shop.example\n", "https://shop.example/x\n")
	d["own-key.pem"] = d["own.pem"]
	f := d.read(t)
	for _, want := range []string{"currency: must be", "colour: is not", "origins/0: must be",
		"key_file: own-key.pem holds a certificate"} {
		if strings.Count(texts(f), want) != 1 {
			t.Errorf("%q is not told once:\n%s", want, texts(f))
		}
	}
	if len(f.Findings) != 4 {
		t.Errorf("%d findings:\n%s", len(f.Findings), texts(f))
	}
}

func TestNoDirectory(t *testing.T) {
	_, err := Read(t.TempDir(), "prod", day())
	if exit, ok := errors.AsType[*console.Exit](err); !ok || exit.Code != console.NotFound ||
		!strings.Contains(err.Error(), "kassa shop init") {
		t.Errorf("%v", err)
	}
}

// TestTermsFitTheBanks: what the badge shows and a customer chooses must be what the bank takes, also at a bank that
// takes payments without a term.
func TestTermsFitTheBanks(t *testing.T) {
	const all = "instalments:\n  terms: [3, 6]\n"
	for name, c := range map[string]struct{ taksit, instalments, want string }{
		"a contract for them": {"      taksit_terms: [3, 6]\n", all, ""},
		"one more": {"      taksit_terms: [3]\n", all,
			"instalments/terms/1: is a term that the bank kapital does not take"},
		"no contract": {"", all, "instalments/terms/0: is a term that the bank kapital does not take"},
		"others there": {"      taksit_terms: [3]\n", all + "  banks:\n    kapital: [3]\n",
			""},
		"wrong others there": {"      taksit_terms: [3]\n", all + "  banks:\n    kapital: [3, 9]\n",
			"instalments/banks/kapital/1: is a term that the bank kapital does not take"},
		"none there": {"", all + "  banks:\n    kapital: []\n", ""},
		"another's bank": {"      taksit_terms: [3, 6]\n", all + "  banks:\n    bankn: [3]\n",
			"instalments/banks/bankn: is no bank of the shop"},
	} {
		d := both(t)
		d.edit(t, "      login:", c.taksit+"      login:")
		d["shop.yaml"] = c.instalments + d["shop.yaml"]
		if f := d.read(t); f.Sound() != (c.want == "") || !strings.Contains(texts(f), c.want) {
			t.Errorf("%s: want %q in\n%s", name, c.want, texts(f))
		}
	}
}
