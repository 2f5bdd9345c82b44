//go:build contract

package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"kassa/infra/local/stack"
	"kassa/shared/simbank/kapitalxml"
)

var (
	program = flag.String("schemathesis", "", "path of schemathesis")
	source  = flag.String("document", "../../shared/api/openapi.yaml", "what the stack is held to")
)

// TestTheRunningStackSaysWhatIsDocumented lets schemathesis call every operation with data that the document allows and
// with data that it does not, as each of those who may call.
func TestTheRunningStackSaysWhatIsDocumented(t *testing.T) {
	if *program == "" {
		t.Fatal("`make contract` starts this with schemathesis")
	}
	path, err := filepath.Abs(*program)
	if err != nil {
		t.Fatal(err)
	}
	s, err := stack.Start(t.Context(), stack.Config{Root: "../..", Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	az, by := s.Info.Shops[0], s.Info.Shops[1]
	open, paid := order(t, s, az.APIKey, card("open")), order(t, s, az.APIKey, card("paid"))
	pay(t, s, az.APIKey, paid)
	applied := order(t, s, by.APIKey, application("applied"))
	for _, caller := range []struct {
		name, bearer string
		seconds      int
		ids          []string
		more         []string
	}{
		{"customer", open.ClientToken, 10, []string{open.ID, paid.ID}, []string{"--include-operation-id", "getPayment"}},
		{"shop that sells by card", az.APIKey, 40, []string{open.ID, paid.ID, applied.ID}, nil},
		{"shop that sells by instalments", by.APIKey, 30, []string{applied.ID, paid.ID}, nil},
	} {
		t.Run(caller.name, func(t *testing.T) {
			look(t, path, append([]string{"run"}, append(caller.more, document(t, s, caller.ids), "--url", s.Info.APIURL,
				"--header", "Authorization: Bearer "+caller.bearer, "--max-time", fmt.Sprint(caller.seconds))...))
		})
	}
	reached(t, s)
}

// reached holds that the search came everywhere: where all is refused, nothing is learned of what is accepted.
func reached(t *testing.T, s *stack.Stack) {
	t.Helper()
	count := map[string]int{}
	for _, function := range []string{"Initiate", "StatusPoll", "Refund", "Instalments"} {
		log, err := os.ReadFile(s.LogFile(function))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(log) {
			var request struct {
				Route  string `json:"route"`
				Status int    `json:"status"`
			}
			if err := json.Unmarshal(line, &request); err == nil && request.Route != "" {
				count[fmt.Sprintf("%s %d", request.Route, request.Status)]++
			}
		}
	}
	t.Logf("answers: %v", count)
	for _, answer := range []string{"POST /v1/payments 201", "POST /v1/payments 200", "POST /v1/payments 400",
		"POST /v1/payments 401",
		"POST /v1/payments 409", "POST /v1/payments 422", "GET /v1/payments 200", "GET /v1/payments 400",
		"GET /v1/payments/{id} 200",
		"GET /v1/payments/{id} 404", "POST /v1/payments/{id}/refunds 201", "POST /v1/payments/{id}/refunds 409",
		"POST /v1/payments/{id}/refunds 422", "POST /v1/payments/{id}/cancel 200", "POST /v1/payments/{id}/cancel 409",
		"GET /v1/instalments 200", "GET /v1/instalments 404", "GET /v1/instalments 422"} {
		if count[answer] == 0 {
			t.Errorf("nothing was answered with %s", answer)
		}
	}
}

// look runs schemathesis as one caller.
func look(t *testing.T, path string, arguments []string) {
	t.Helper()
	arguments = append(arguments, "--no-color", "--warnings", "off", "--mode", "all", "--seed", "20261121",
		"--generation-database", "none",
		"--continue-on-failure", "--no-shrink", "--checks", "all", "--exclude-checks", strings.Join([]string{
			// rules between fields, and how an order or a payment stands, refuse much that is well-formed
			"positive_data_acceptance",
			"unsupported_method", // API Gateway answers 404 where 405 is looked for
		}, ","))
	search := exec.CommandContext(t.Context(), path, arguments...)
	search.Dir = t.TempDir() // what it remembers of a run is of no use to the next
	out, err := search.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("schemathesis: %v", err)
	}
}

// document is openapi.yaml with what only this stack knows filled in: the one origin that its shops may send customers
// back to, and payments that are there. Nothing that is checked changes.
func document(t *testing.T, s *stack.Stack, ids []string) string {
	t.Helper()
	text, err := os.ReadFile(*source)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte("https://shop.example"), []byte(s.Info.ShopURL))
	var doc map[string]any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	at := func(steps ...string) map[string]any {
		here := doc
		for _, step := range steps {
			here = here[step].(map[string]any)
		}
		return here
	}
	backs := []string{s.Info.ShopURL + "/", s.Info.ShopURL + "/thanks?order=1"}
	at("components", "schemas", "ReturnURL")["enum"] = backs
	at("components", "schemas", "OptionalReturnURL")["enum"] = append(backs, "")
	at("components", "parameters", "PaymentID")["schema"] = map[string]any{"type": "string", "enum": ids}
	delete(at("components", "parameters", "PaymentID"), "example")
	if text, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// payment is what of one is needed here.
type payment struct {
	ID          string `json:"id"`
	Status      string `json:"status"`
	BankOrderID string `json:"bank_order_id"`
	ClientToken string `json:"client_token"`
}

func card(ref string) string {
	return fmt.Sprintf(`"order_ref":%q,"bank":"kapital","amount":15000`, ref)
}

func application(ref string) string {
	return fmt.Sprintf(`"order_ref":%q,"bank":"kartapokupok","amount":12000,"term":12,"items":[{"sku":"1","name":"Tree",
		"quantity":1,"unit_amount":12000}],
		"customer":{"first_name":"Anna","last_name":"Kavalenka","phone":"+375291234567","email":"anna@example.by"}`, ref)
}

func order(t *testing.T, s *stack.Stack, key, fields string) payment {
	t.Helper()
	return call(t, s, key, http.MethodPost, "/v1/payments", fmt.Sprintf(`{%s,"return_urls":{"success":"%s/"}}`, fields,
		s.Info.ShopURL))
}

func call(t *testing.T, s *stack.Stack, key, method, path, body string) (p payment) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.Info.APIURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(&p); err != nil || answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %v", method, path, answer.StatusCode, err)
	}
	return p
}

// pay has the simulated bank take the money, and reads the payment until Kassa knows.
func pay(t *testing.T, s *stack.Stack, key string, p payment) {
	t.Helper()
	if _, err := s.Kapital.Pay(p.BankOrderID, kapitalxml.Card{PAN: "4169741330151124", Expiry: "12/30",
		CVV: "119"}); err != nil {
		t.Fatal(err)
	}
	if p = call(t, s, key, http.MethodGet, "/v1/payments/"+p.ID, ""); p.Status != "paid" {
		t.Fatalf("%s is %s", p.ID, p.Status)
	}
}
