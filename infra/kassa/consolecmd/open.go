package consolecmd

import (
	"context"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"kassa/infra/kassa/tool"
)

// tell says the address: it is the command's result.
func tell(t *tool.Tool, address string) error {
	return t.Console.Show(struct {
		URL string `json:"url"`
	}{address}, func(w io.Writer) { _, _ = fmt.Fprintln(w, address) }) // w is a buffer
}

// open shows the address in the browser, where there is one. It goes by a file that nobody else may read: arguments of
// a program are seen by every user of the machine, and whoever has the address first is let in.
func open(ctx context.Context, t *tool.Tool, address string) {
	opener := map[string]string{"darwin": "open", "linux": "xdg-open", "freebsd": "xdg-open"}[runtime.GOOS]
	headless := opener == "xdg-open" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == ""
	path, err := exec.LookPath(opener)
	if opener == "" || headless || err != nil {
		return // the address is told, and a person can open it
	}
	folder, err := os.MkdirTemp("", "kassa-console-") // 0700
	if err != nil {
		return
	}
	context.AfterFunc(ctx, func() { _ = os.RemoveAll(folder) })
	file, to := filepath.Join(folder, "open.html"), html.EscapeString(address)
	text := `<!DOCTYPE html><meta charset="utf-8"><title>Kassa</title><meta name="referrer" content="no-referrer">` +
		`<meta http-equiv="refresh" content="0; url=` + to + `"><a href="` + to + `">Kassa</a>`
	if os.WriteFile(file, []byte(text), 0o600) != nil {
		return
	}
	// the browser outlives this command, and is not killed with it
	opening := exec.CommandContext(context.WithoutCancel(ctx), path, file) //nolint:gosec // one of the names above
	if err := opening.Start(); err != nil {
		t.Console.Note("the browser cannot be opened (%v); open the address yourself", err)
		return
	}
	go func() { _ = opening.Wait() }() // so that it leaves no entry in the table of processes
}
