package house

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v4"
)

// TestDeployExplainsEveryParameterAndOutput of the template with its default, and none that there is not.
func TestDeployExplainsEveryParameterAndOutput(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Parameters map[string]struct {
			Default string `yaml:"Default"`
		} `yaml:"Parameters"`
		Outputs map[string]any `yaml:"Outputs"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	deploy := page(t, "deploy.md")
	shown := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z][A-Za-z]+)` \\| `?([^|`]*?)`? \\| ").FindAllStringSubmatch(
		deploy, -1) {
		shown[row[1]] = row[2]
	}
	for name, p := range document.Parameters {
		want := p.Default
		if want == "" {
			want = "none"
		}
		if shown[name] != want {
			t.Errorf("docs/deploy.md says that the default of %s is %q, the template says %s", name, shown[name], want)
		}
		delete(shown, name)
	}
	for name := range shown {
		t.Errorf("docs/deploy.md explains the parameter %s, and the template has no such", name)
	}
	for name := range document.Outputs {
		if !regexp.MustCompile(fmt.Sprintf("(?m)^\\| .*`%s`", name)).MatchString(deploy) {
			t.Errorf("docs/deploy.md does not explain the output %s", name)
		}
	}
}
