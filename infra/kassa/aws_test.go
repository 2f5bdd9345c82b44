package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/local/engine"
)

// TestCredentialsThatMayNotDoIt: what AWS refuses is told with what to look at. Who may read payments and no secrets
// gets an empty list, and hears that the shop could not be looked up.
func TestCredentialsThatMayNotDoIt(t *testing.T) {
	tables := `{"Count":0,"ScannedCount":0,"Items":[]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB") && tables != "" {
			_, _ = w.Write([]byte(tables))
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"AccessDeniedException","Message":"User is not authorized"}`))
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-central-1",
		"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "KASSA_STAGE": "prod"} {
		t.Setenv(name, value)
	}
	run := func(code int, want string, args ...string) {
		t.Helper()
		var out, complaints bytes.Buffer
		got := command.Run(t.Context(), &tool.Tool{Console: &console.Console{Out: &out, Err: &complaints}, Now: time.Now,
			User: "tester"}, args)
		if got != code || !strings.Contains(complaints.String(), want) {
			t.Errorf("kassa %s ended with %d, want %d and %q:\n%s", strings.Join(args, " "), got, code, want,
				complaints.String())
		}
	}
	run(0, "whether there is a shop s in stage prod in eu-central-1 cannot be told", "payment", "list", "--review",
		"--shop", "s")
	run(1, "AWS does not let these credentials read secrets", "shop", "show", "s")
	tables = ""
	run(1, "AWS does not let these credentials work on the table kassa-prod-payments of stage prod in eu-central-1; "+
		"which these are, this shows: aws sts get-caller-identity",
		"payment", "list", "--review")
}

// TestAStageOfAWS runs the commands as against a deployment: credentials and region from the environment, the shop
// described by flags and by the bank's files, and no stack on this machine.
func TestAStageOfAWS(t *testing.T) {
	e, err := engine.Open(filepath.Join(t.TempDir(), "engine.db"), engine.Options{Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-central-1",
		"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "s",
		"AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none", "KASSA_STAGE": "prod"} {
		t.Setenv(name, value)
	}
	run := func(code int, want string, args ...string) string {
		t.Helper()
		var out, complaints bytes.Buffer
		got := command.Run(t.Context(), &tool.Tool{Console: &console.Console{Out: &out, Err: &complaints}, Now: time.Now,
			User: "tester"}, args)
		all := out.String() + complaints.String()
		watch(t, args, all)
		if got != code || !strings.Contains(all, want) {
			t.Fatalf("kassa %s ended with %d, want %d and %q:\n%s", strings.Join(args, " "), got, code, want, all)
		}
		return out.String()
	}
	w := open(t) // for a certificate that a bank has issued
	w.board("lender")
	dir := filepath.Join(t.TempDir(), "shop-az")
	run(2, "no bank is named", "shop", "init", dir)
	run(0, "kapital-key.pem", "shop", "init", dir, "--bank", "kapital", "--environment", "prod", "--merchant-id",
		"E7654321", "--origin", "https://shop.example",
		"--webhook-url", "https://shop.example/hook", "--on-success", "P", "--on-error", "F", "--certificate",
		w.path("lender/kapital-certificate.pem"),
		"--key", w.path("lender/kapital-key.pem"), "--ca", w.path("lender/kapital-ca.pem"))
	run(0, "shop-az is sound", "shop", "check", dir)
	if keys := run(0, "written    kassa/prod/shop/shop-az", "shop", "put", dir); strings.Count(keys, "\n") != 2 ||
		!strings.HasPrefix(keys, "KASSA_API_KEY=sk_shop-az_") {
		t.Error("a new shop's two keys must be all of the output")
	}
	run(0, "shop-az  prod", "shop", "list")
	run(0, "merchant E7654321", "shop", "show", "shop-az")
	run(0, "unchanged  kassa/prod/bank/shop-az/kapital", "shop", "put", dir)
	run(3, "no shop", "shop", "show", "shop-az", "--stage", "test")
	run(0, "there is no shop in stage prdo; if that is the stage you mean, this adds one: kassa shop put DIR --stage "+
		"prdo --region eu-central-1",
		"shop", "list", "--stage", "prdo", "--region", "eu-central-1")
	run(3, "this shows those there are: kassa shop list --stage test", "shop", "show", "shop-az", "--stage", "test")
	run(1, "there is no table kassa-prdo-payments in stage prdo in eu-central-1: is that the Stage of the deployment, "+
		"and the region? This shows the tables: aws dynamodb list-tables --region eu-central-1",
		"payment", "show", "--shop", "shop-az", "--order", "1", "--stage", "prdo", "--region", "eu-central-1")
	// there is no such table
	if list := run(1, "kassa-prod-payments", "payment", "list", "--review", "--json"); list != "" {
		t.Errorf("payments that cannot be read look like none: %s", list)
	}

	text, err := os.ReadFile(filepath.Join(dir, "shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), append(text, "insecure_loopback: true\n"...),
		0o600); err != nil {
		t.Fatal(err)
	}
	run(5, `insecure_loopback: is for the stage "local" alone`, "shop", "put", dir)
}
