// What a stage is made of, kept in samconfig.toml beside the template: the SAM CLI reads it by itself, so a deployment
// by hand and one by a pipeline say the same, and it can be put under version control, for there is no secret in it.

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// answersFile is where the SAM CLI looks for what a stage is made of. It holds no secret.
const answersFile = "samconfig.toml"

// answers are a stage's part of answersFile.
type answers struct {
	there   bool
	region  string // where the stage was first deployed to
	unasked bool   // confirm_changeset is false, as a pipeline sets it: nobody is there to say yes
	text    string // its sections as they stand there
}

// readAnswers reads a stage's part. The SAM CLI itself reads the values; here it is only looked for what would deploy
// another stage.
func readAnswers(path, stage string) (answers, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the repository's own
	if errors.Is(err, os.ErrNotExist) {
		return answers{}, nil
	}
	if err != nil {
		return answers{}, err
	}
	var a answers
	ours, section := false, regexp.MustCompile(`^\s*\[\s*"?([^]."]*)"?\s*[].]`)
	for line := range strings.Lines(string(text)) {
		if m := section.FindStringSubmatch(line); m != nil {
			ours = strings.TrimSpace(m[1]) == stage
		}
		if ours {
			a.text += line
		}
	}
	a.there = strings.Contains(a.text, "deploy")
	a.unasked = regexp.MustCompile(`(?m)^\s*confirm_changeset\s*=\s*false\b`).MatchString(a.text)
	if m := regexp.MustCompile(`(?m)^\s*region\s*=\s*"([^"]+)"`).FindStringSubmatch(a.text); m != nil {
		a.region = m[1]
	}
	if named := regexp.MustCompile(`\bStage\s*=\s*\\?"?` + regexp.QuoteMeta(stage) + `[\\" ,\n]`); a.there &&
		!named.MatchString(a.text) {
		return answers{}, fmt.Errorf("%s: the part [%s.deploy.parameters] must say Stage=%[2]s among its parameter_overrides",
			path, stage)
	}
	return a, nil
}

// console is where people are asked.
type console struct {
	in  io.Reader
	out io.Writer
}

// line reads one line and not a byte more: the SAM CLI reads the next.
func (c console) line() (string, error) {
	var text []byte
	for b := make([]byte, 1); ; {
		n, err := c.in.Read(b)
		if n == 1 && b[0] != '\n' {
			text = append(text, b[0])
		} else if n == 1 {
			return strings.TrimSpace(string(text)), nil
		}
		if err != nil {
			return "", errors.New("nobody is there to answer; name the parameters instead: make deploy STAGE=... " +
				"PARAMETERS=\"AlarmEmail=...\"")
		}
	}
}

// ask asks for what every deployment sets, which is the template's first group, and keeps the answers. Whatever else
// the stage shall have is added to the file by hand.
func (t template) ask(c console, stage, region string) (answers, error) {
	_, _ = fmt.Fprintf(c.out,
		"The stage %s has no answers in %s yet. Enter takes what stands in brackets; all can be changed there later.\n",
		stage, answersFile)
	overrides := []parameter{{"Stage", stage}}
	if len(t.Metadata.Interface.Groups) == 0 {
		return answers{}, errors.New("the template names no group of parameters")
	}
	for _, name := range slices.DeleteFunc(slices.Clone(t.Metadata.Interface.Groups[0].Parameters),
		func(name string) bool { return name == "Stage" }) {
		d := t.Parameters[name]
		_, _ = fmt.Fprintf(c.out, "\n%s\n", d.Description)
		value, err := c.ask(name, d)
		if err != nil {
			return answers{}, err
		}
		if value != d.Default {
			overrides = append(overrides, parameter{name, value})
		}
	}
	text := fmt.Sprintf("[%s.deploy.parameters]\nregion = %q\nparameter_overrides = [\n", stage, region)
	for _, p := range overrides {
		text += fmt.Sprintf("  %q,\n", p.String())
	}
	text += "]\n"
	return answers{there: true, region: region, text: text}, keep(answersFile, text)
}

// ask asks until the answer will do.
func (c console) ask(name string, d declaration) (string, error) {
	for {
		_, _ = fmt.Fprintf(c.out, "%s [%s]: ", name, d.Default)
		value, err := c.line()
		if err != nil {
			return "", err
		}
		if value == "" {
			value = d.Default
		}
		why := d.wrong(value)
		if why == "" {
			return value, nil
		}
		_, _ = fmt.Fprintf(c.out, "%q will not do: %s\n", value, why)
	}
}

// keep adds a stage's part to the file, which begins with its version.
func keep(path, part string) error {
	before, err := os.ReadFile(path) //nolint:gosec // the repository's own
	if errors.Is(err, os.ErrNotExist) {
		before, err = []byte("version = 0.1\n"), nil
	}
	if err != nil {
		return err
	}
	text := strings.TrimRight(string(before), "\n") + "\n\n" + part
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // there is no secret in it
}
