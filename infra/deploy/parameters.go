// The parameters of a stage, by the rules that the template itself declares. They are looked at here because
// CloudFormation finds a wrong value only after everything was uploaded, and never finds a wrong name.

package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// template is what a deployment may say, as template.yaml declares it.
type template struct {
	Parameters map[string]declaration `yaml:"Parameters"`
	Metadata   struct {
		Interface struct {
			Groups []struct {
				Parameters []string `yaml:"Parameters"`
			} `yaml:"ParameterGroups"`
		} `yaml:"AWS::CloudFormation::Interface"`
	} `yaml:"Metadata"`
}

// declaration is a parameter of the template.
type declaration struct {
	Type        string   `yaml:"Type"`
	Default     string   `yaml:"Default"`
	Description string   `yaml:"Description"`
	Pattern     string   `yaml:"AllowedPattern"`
	Allowed     []string `yaml:"AllowedValues"`
	Least       *int     `yaml:"MinValue"`
	Constraint  string   `yaml:"ConstraintDescription"`
}

// parameter is one with its value.
type parameter struct{ name, value string }

// String is the parameter as the SAM CLI reads it. Without quotes it would refuse an empty value.
func (p parameter) String() string {
	return p.name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.value) + `"`
}

// readTemplate reads only the parameters and how they are grouped; infra/template reads the rest.
func readTemplate(path string) (template, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the repository's own
	if err != nil {
		return template{}, fmt.Errorf("deploy from the root of the repository: %w", err)
	}
	var t template
	if err := yaml.Unmarshal(text, &t); err != nil {
		return template{}, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// checkStage refuses the name local: in a stage of that name the functions let plain http through.
func (t template) checkStage(stage string) error {
	switch wrong := t.Parameters["Stage"].wrong(stage); {
	case stage == "":
		return errors.New("say which stage: make deploy STAGE=test")
	case stage == "local":
		return errors.New("the stage \"local\" is that of `make run`, which loosens checks; take another name")
	case wrong != "":
		return fmt.Errorf("STAGE=%q: %s", stage, wrong)
	}
	return nil
}

// wrong says what is wrong with a value, or nothing.
func (d declaration) wrong(value string) string {
	if d.Pattern != "" && !regexp.MustCompile("^(?:"+d.Pattern+")$").MatchString(value) {
		return d.Constraint
	}
	if len(d.Allowed) > 0 && !slices.Contains(d.Allowed, value) {
		return "one of " + strings.Join(d.Allowed, ", ")
	}
	if d.Type == "Number" {
		n, err := strconv.Atoi(value)
		switch {
		case err != nil:
			return "a whole number"
		case d.Least != nil && n < *d.Least:
			return fmt.Sprintf("a whole number, at least %d", *d.Least)
		}
	}
	return ""
}

// parse reads PARAMETERS. CloudFormation would pass a name over that the template does not have, so a slip of the pen
// is told here, and everything that is wrong at once. Nothing at all is nil.
func (t template) parse(stage, text string) ([]parameter, error) {
	words, err := split(text)
	if err != nil {
		return nil, err
	}
	var all []parameter
	var wrong []error
	seen := map[string]bool{}
	for _, word := range words {
		name, value, is := strings.Cut(word, "=")
		d, known := t.Parameters[name]
		switch {
		case !is:
			wrong = append(wrong, fmt.Errorf("%q is no Name=value; values hold no blanks", word))
		case !known:
			wrong = append(wrong, fmt.Errorf("there is no parameter %s; there are %s", name,
				strings.Join(slices.Sorted(maps.Keys(t.Parameters)), ", ")))
		case seen[name]:
			wrong = append(wrong, fmt.Errorf("%s is named twice", name))
		case name == "Stage":
			if value != stage {
				wrong = append(wrong, fmt.Errorf("the stage is said by STAGE=%[2]s alone, not by Stage=%[1]s", value, stage))
			}
		default:
			if why := d.wrong(value); why != "" {
				wrong = append(wrong, fmt.Errorf("%s=%q: %s", name, value, why))
			}
			all = append(all, parameter{name, value})
		}
		seen[name] = true
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("PARAMETERS:\n%w", errors.Join(wrong...))
	}
	return all, nil
}

// split cuts a text into words as a shell would, but for what a shell would run: quotes keep blanks together.
func split(text string) (words []string, err error) {
	var word strings.Builder
	inside, quote := false, rune(0)
	for _, c := range text {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, inside = c, true
		case quote == 0 && strings.ContainsRune(" \t\r\n", c):
			if inside {
				words = append(words, word.String())
			}
			word.Reset()
			inside = false
		default:
			word.WriteRune(c)
			inside = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("PARAMETERS: a %c is opened and never closed", quote)
	}
	if inside {
		words = append(words, word.String())
	}
	return words, nil
}
