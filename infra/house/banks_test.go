package house

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"kassa/shared/bank"
	"kassa/shared/boot"
	"kassa/shared/payment"
)

// TestTheContractHasEveryBank: openapi.yaml names banks for those who write clients, and says of each what its profile
// says.
func TestTheContractHasEveryBank(t *testing.T) {
	d := readContract(t)
	for _, complaint := range d.against(boot.Profiles()) {
		t.Error(complaint)
	}
	for name, c := range map[string]struct {
		spoil func(p *bank.Profile)
		want  string
	}{
		"a bank more": {func(p *bank.Profile) { p.Name = "next" }, "Payment/bank lists"},
		"its order":   {func(p *bank.Profile) { p.Name = "next" }, "CardOrder/bank lists"},
		"terms alone": {func(p *bank.Profile) { p.Terms.Needed = true }, "InstalmentOrder/bank lists"},
		"a currency":  {func(p *bank.Profile) { p.Currencies = []payment.Currency{"XXX"} }, "without XXX"},
		"a language":  {func(p *bank.Profile) { p.Locales = []string{"ka"} }, "Locale does not say `ka`"},
		"a title":     {func(p *bank.Profile) { p.Title = "Next Bank" }, "is not called Next Bank"},
		"its money":   {func(p *bank.Profile) { p.Title = "Next Bank" }, "does not say what Next Bank takes"},
	} {
		spoiled := boot.Profiles()
		for _, p := range boot.Profiles() {
			if !p.Terms.Needed {
				c.spoil(&p)
				spoiled[p.Name] = p
				break
			}
		}
		if said := strings.Join(d.against(spoiled), "\n"); !strings.Contains(said, c.want) {
			t.Errorf("%s: the rule says\n%s", name, said)
		}
	}
}

// schema is what is read here of one in openapi.yaml.
type schema struct {
	Title       string            `yaml:"title"`
	Description string            `yaml:"description"`
	Enum        []any             `yaml:"enum"` // some are no texts
	Required    any               `yaml:"required"`
	Properties  map[string]schema `yaml:"properties"`
}

type document struct {
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

func readContract(t *testing.T) (d document) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "shared", "api", "openapi.yaml"))
	if err == nil {
		err = yaml.Unmarshal(text, &d)
	}
	if err != nil || len(d.Components.Schemas) == 0 {
		t.Fatal(err, len(d.Components.Schemas))
	}
	return d
}

// against is where the document says something else than the profiles.
func (d document) against(banks map[string]bank.Profile) (complaints []string) {
	complain := func(format string, values ...any) { complaints = append(complaints, fmt.Sprintf(format, values...)) }
	schemas := d.Components.Schemas
	lists := func(at string, s schema, want []string) {
		slices.Sort(want)
		if got := fmt.Sprint(s.Enum); got != fmt.Sprint(slices.Compact(want)) {
			complain("%s lists %s, and the banks are %v", at, got, want)
		}
	}
	of := map[string][]string{"CardOrder": nil, "InstalmentOrder": nil}
	for name, p := range banks {
		order := "CardOrder"
		if p.Terms.Needed {
			order = "InstalmentOrder"
		}
		of[order] = append(of[order], name)
		if !strings.Contains(schemas[order].Title, p.Title) {
			complain("%s is not called %s, too: %s", order, p.Title, schemas[order].Title)
		}
		for _, c := range p.Currencies {
			if !slices.Contains(schemas["Currency"].Enum, any(string(c))) {
				complain("Currency lists %v, without %s, which %s takes", schemas["Currency"].Enum, c, p.Title)
			}
		}
		if !strings.Contains(schemas["Currency"].Description, p.Title) {
			complain("Currency does not say what %s takes", p.Title)
		}
		for _, l := range p.Locales {
			if !strings.Contains(schemas["Locale"].Description, "`"+l+"`") {
				complain("Locale does not say `%s`, which %s has", l, p.Title)
			}
		}
	}
	for order, names := range of {
		lists(order+"/bank", schemas[order].Properties["bank"], names)
		for _, field := range []string{"term", "items", "customer"} {
			needed := strings.Contains(fmt.Sprint(schemas[order].Required), field)
			if _, there := schemas[order].Properties[field]; !there || needed != (order == "InstalmentOrder") {
				complain("%s has the field %s: %v, and demands it: %v", order, field, there, needed)
			}
		}
	}
	lists("Payment/bank", schemas["Payment"].Properties["bank"], slices.Collect(maps.Keys(banks)))
	return complaints
}
