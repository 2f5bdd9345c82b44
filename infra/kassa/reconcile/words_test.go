package reconcile

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"kassa/shared/payment"
	"kassa/shared/wording"
)

// TestEveryTextIsThere in each language, each is said by somebody, and nobody says one that is missing.
func TestEveryTextIsThere(t *testing.T) {
	table, err := wording.Read(Words)
	if err != nil {
		t.Fatal(err)
	}
	same := regexp.MustCompile(`^who\.(bank|operator)$`)
	if problems := table.Problems(same); len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
	files, _ := filepath.Glob("*.go")
	screen := filepath.Join("..", "..", "console", "screen", "page", "reconciliation.html")
	said := map[string]bool{}
	for _, v := range urgency() {
		said["verdict."+string(v)] = true
	}
	call := regexp.MustCompile(`\b(says|say|Say|differ|unaskedError)[({ ]+"([a-z_0-9. ]*[a-z0-9])(?:, line )?"`)
	for _, file := range append(files, "report.html.tmpl", screen) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			key := strings.TrimPrefix(m[2], "reconciliation.")
			switch m[1] {
			case "differ":
				key = "what." + strings.ReplaceAll(key, " ", "_")
			case "unaskedError":
				key = "why." + key
			}
			if key = "reconciliation." + key; file != screen && !table.In("en").Has(key) {
				t.Errorf("there is no text %s", key)
			}
			said[key] = true
		}
	}
	for _, key := range table.In("en").Keys() {
		if mine := strings.Contains(Words, "\n= "+key+"\n"); mine && !said[key] {
			t.Errorf("nobody says %s", key)
		}
	}
}

// TestWhyABankWasNotAsked is said in plain words, whatever went wrong, with the right that is missing.
func TestWhyABankWasNotAsked(t *testing.T) {
	denied := &payment.Error{Kind: payment.Misconfigured, Cause: &smithy.GenericAPIError{Code: "AccessDeniedException",
		Message: "User: x is not authorized to perform: secretsmanager:GetSecretValue on resource: y"}}
	for want, err := range map[string]error{
		"The bank did not answer":                                 &payment.Error{Kind: payment.Unavailable},
		"the missing right is secretsmanager:GetSecretValue":      denied,
		"AWS does not accept these credentials":                   &smithy.GenericAPIError{Code: "ExpiredTokenException"},
		"The bank's settings are missing or wrong":                &payment.Error{Kind: payment.NotFound},
		"This bank has no such question":                          &payment.Error{Kind: payment.Unsupported},
		"The question failed":                                     errors.New("odd"),
		"Not asked: the bank did not answer three times in a row": unaskedError{"left_alone", ""},
	} {
		if got := english().Tell(unasked(err)); !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
