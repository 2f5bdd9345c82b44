// Telling what is wrong with a shop's directory. check tells it and ends; put demands that nothing of it stands in the
// way.

package shopcmd

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"kassa/infra/kassa/console"
	"kassa/infra/kassa/folder"
	"kassa/infra/kassa/tool"
)

// It needs no AWS and no stage, so that it can run where a directory is edited, and in the shop's own pipeline.
func newCheck(t *tool.Tool) *cobra.Command {
	return &cobra.Command{
		Use:   "check DIR",
		Short: "Say everything that is wrong with a shop's directory",
		Long: `Reads shop.yaml and the files that it names, and says everything that is wrong, by file, line and field.
Nothing is written and nothing is called. The last word have the decoders of the functions: what check finds sound, they
take. What stands in the way ends with 5; warnings alone, such as a certificate that ends soon, are shown and
end with 0, so that kassa shop put may follow.

Without --stage it is checked as for a deployment; a directory of the local stack needs --stage local.

With --json: {"shop","sound","findings":[{"file","line","field","serious","text"}]}

` + console.Codes,
		Example: "  kassa shop check my-shop\n  kassa shop check my-shop --stage local --json",
		Args:    tool.Exactly("DIR"),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := read(t, args[0])
			if err != nil {
				return err
			}
			return report(t.Console, f)
		},
	}
}

// read reads a directory for the stage that is named, or else as for a deployment.
func read(t *tool.Tool, dir string) (*folder.Folder, error) {
	stage, err := t.Flags.Name()
	if err != nil && t.Flags.Stage != "" {
		return nil, err
	}
	return readFor(t, dir, stage)
}

// readFor reads a directory for a stage; where there is none it says how to make one.
func readFor(t *tool.Tool, dir, stage string) (*folder.Folder, error) {
	f, err := folder.Read(dir, stage, t.Now())
	if console.CodeOf(err) == console.NotFound {
		return nil, console.Fail(console.NotFound, "there is no %s; this makes one: %s",
			filepath.Join(dir, folder.SettingsFile), t.Line("shop", "init", dir))
	}
	return f, err
}

// report shows what was found, and fails when anything of it stands in the way.
func report(c *console.Console, f *folder.Folder) error {
	findings := f.Findings
	if findings == nil {
		findings = []folder.Finding{}
	}
	err := c.Show(struct {
		Shop     string           `json:"shop"`
		Sound    bool             `json:"sound"`
		Findings []folder.Finding `json:"findings"`
	}{f.Shop, f.Sound(), findings}, func(w io.Writer) {
		for _, one := range f.Findings {
			_, _ = fmt.Fprintln(w, console.Plain(one.String())) // w is a buffer
		}
		if len(f.Findings) == 0 {
			_, _ = fmt.Fprintf(w, "%s is sound\n", f.Shop)
		}
	})
	if err != nil || len(f.Findings) == 0 {
		return err
	}
	if !f.Sound() {
		return console.Fail(console.Attention, "%s", verdict(f))
	}
	c.Note("%s", verdict(f))
	return nil
}

// verdict counts what was found; the findings themselves stand above it.
func verdict(f *folder.Folder) string {
	serious := 0
	for _, one := range f.Findings {
		if one.Serious {
			serious++
		}
	}
	if serious == 0 {
		return fmt.Sprintf("%d to look at; none stands in the way", len(f.Findings))
	}
	return fmt.Sprintf("%d to mend, %d to look at", serious, len(f.Findings)-serious)
}

// demand is that nothing stands in the way; what is to be said is said.
func demand(c *console.Console, f *folder.Folder) error {
	for _, one := range f.Findings {
		c.Note("%s", console.Plain(one.String()))
	}
	if f.Sound() {
		return nil
	}
	return &console.Exit{Code: console.Attention, Err: errors.New(verdict(f) + "; nothing was written")}
}
