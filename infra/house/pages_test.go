package house

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/shared/metric"
)

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestOperateExplainsEveryMetric: docs/operate.md has a row for each, with what it means, and speaks of none that there
// is not.
func TestOperateExplainsEveryMetric(t *testing.T) {
	var want strings.Builder
	fmt.Fprintf(&want, "| metric | unit | one figure says |\n| --- | --- | --- |\n")
	for _, m := range metric.All() {
		fmt.Fprintf(&want, "| `%s` | %s | %s |\n", m.Name, m.Unit, m.Means)
	}
	_, table, _ := strings.Cut(page(t, "operate.md"), "<!-- metrics -->\n")
	if table, _, _ = strings.Cut(table, "<!-- /metrics -->"); table != want.String() {
		t.Errorf("the table of metrics in docs/operate.md must read\n%s", want.String())
	}
}

// TestOperateKnowsEveryAlarm of the template, and none that there is not.
func TestOperateKnowsEveryAlarm(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Resources map[string]struct {
			Type      string `yaml:"Type"`
			Condition string `yaml:"Condition"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	row := regexp.MustCompile("(?m)^\\| (`[^|]+`) \\| (?:now|today|look) \\|")
	for _, m := range row.FindAllStringSubmatch(page(t, "operate.md"), -1) {
		for _, name := range strings.Split(m[1], ", ") {
			name = strings.Trim(name, "`")
			for id, r := range document.Resources {
				if r.Type == "AWS::Serverless::Function" && strings.HasPrefix(name, "<Function>") {
					explained[strings.Replace(name, "<Function>", id, 1)] = true
				}
			}
			if !strings.HasPrefix(name, "<Function>") {
				explained[name] = true
			}
		}
	}
	alarms := map[string]bool{}
	for id, r := range document.Resources {
		if r.Type == "AWS::CloudWatch::Alarm" {
			alarms[id] = true
		}
	}
	var basic []string
	for id := range alarms {
		if c := document.Resources[id].Condition; c == "" || c == "BasicMonitoring" {
			basic = append(basic, "`"+id+"`")
		}
	}
	slices.Sort(basic)
	if want := "<!-- basic -->\n" + strings.Join(basic, ", ") +
		"\n<!-- /basic -->"; !strings.Contains(page(t, "operate.md"), want) {
		t.Errorf("docs/operate.md must say which alarms there are by default:\n%s", want)
	}
	for id := range alarms {
		if !explained[id] {
			t.Errorf("docs/operate.md does not explain the alarm %s", id)
		}
	}
	for id := range explained {
		if !alarms[id] {
			t.Errorf("docs/operate.md explains %s, and the template has no such alarm", id)
		}
	}
}

// TestPagesSpeakTheCommand: every line of the command kassa in the pages is one that it takes, by its words and its
// flags.
func TestPagesSpeakTheCommand(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	line, flag := regexp.MustCompile("(?m)(?:^|`|\\$\\()kassa ((?:shop|bank|payment)[^`\n)]*)"),
		regexp.MustCompile(`--[a-z][a-z-]*`)
	checked := 0
	for _, file := range files {
		for _, m := range line.FindAllStringSubmatch(page(t, filepath.Base(file)), -1) {
			words := strings.Fields(m[1])
			if len(words) < 2 {
				continue
			}
			var help strings.Builder
			code := command.Run(t.Context(), &tool.Tool{Console: &console.Console{Out: &help, Err: &help}},
				[]string{words[0], words[1], "--help"})
			if code != console.Done || !strings.Contains(help.String(), "kassa "+words[0]+" "+words[1]) {
				t.Errorf("%s: there is no kassa %s %s", filepath.Base(file), words[0], words[1])
			}
			for _, f := range flag.FindAllString(m[1], -1) {
				if !slices.Contains(strings.Fields(help.String()), f) {
					t.Errorf("%s: kassa %s %s has no %s", filepath.Base(file), words[0], words[1], f)
				}
			}
			checked++
		}
	}
	if checked < 20 {
		t.Errorf("only %d command lines were found", checked)
	}
}

// TestSecurityNamesTestsThatExist, at least one for each threat but those that the template answers.
func TestSecurityNamesTestsThatExist(t *testing.T) {
	text := page(t, "security.md")
	named := regexp.MustCompile("`((?:functions|infra|shared)/[a-z0-9/-]+) ((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		files, err := filepath.Glob(filepath.Join(root, m[1], "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := slices.ContainsFunc(files, func(file string) bool {
			source, err := os.ReadFile(file)
			return err == nil && strings.Contains(string(source), "\nfunc "+m[2]+"(")
		})
		if !found {
			t.Errorf("docs/security.md names %s in %s, and there is no such test", m[2], m[1])
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| ([0-9]+) \|.*$`).FindAllStringSubmatch(text, -1) {
		if !named.MatchString(row[0]) {
			t.Errorf("docs/security.md names no test for threat %s", row[1])
		}
	}
}
