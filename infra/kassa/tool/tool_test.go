package tool

import (
	"os/exec"
	"strings"
	"testing"
)

// TestALineIsReadBackByAShell: whatever a shop calls its order, the hint names that order.
func TestALineIsReadBackByAShell(t *testing.T) {
	tool := Tool{Program: "./a b/kassa"}
	tool.Flags.Stage = "test"
	for _, word := range []string{"plain", "two words", "it's", `"$HOME"`, "`id`", "№ 7/2#;&", "", "a\\b", "--x=*", "~",
		"заказ"} {
		line := tool.Line("payment", "show", "--order", word)
		if !strings.HasPrefix(line, "'./a b/kassa' payment show --order ") || !strings.HasSuffix(line, " --stage test") {
			t.Errorf("%q becomes %s", word, line)
		}
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf '%s\\n' "+line).Output()
		if err != nil || string(out) != "./a b/kassa\npayment\nshow\n--order\n"+word+"\n--stage\ntest\n" {
			t.Errorf("%q is read back as %q, %v", word, out, err)
		}
	}
}
