package stack

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"kassa/infra/template"
)

// Build compiles functions, by their logical ids, from root/functions into a folder, with the flags of the deployment
// but for this machine. What the go command downloads and how far it is goes to progress. An error is one line.
func Build(ctx context.Context, root, out string, functions []string, progress io.Writer) error {
	var packages []string
	for _, name := range functions {
		folder := "functions/" + template.Folder(name)
		if _, err := os.Stat(filepath.Join(root, folder)); err != nil {
			return fmt.Errorf("the template declares %s, but there is no folder %s", name, folder)
		}
		packages = append(packages, "./"+folder)
	}
	return Compile(ctx, root, out, packages, progress)
}

// Compile does the same for commands by the paths of their packages, with further flags of the go command.
func Compile(ctx context.Context, root, out string, packages []string, progress io.Writer, flags ...string) error {
	args := append([]string{"build", "-v", "-buildvcs=false", "-tags", "lambda.norpc,nethttpomithttp2", "-trimpath",
		"-ldflags", "-s -w", "-o", out + string(filepath.Separator)}, flags...)
	args = append(args, packages...)
	command := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the arguments are ours and folders of the template
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := command.StderrPipe()
	if err != nil {
		return fmt.Errorf("run the go command: %w", err)
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("the functions are built by the go command, which cannot be run: %w", err)
	}
	complaints := follow(output, progress)
	if err := command.Wait(); err != nil {
		return broken(err, complaints)
	}
	return nil
}

// follow reads the go command's messages: packages and downloads are progress, the rest are complaints.
func follow(output io.Reader, progress io.Writer) (complaints []string) {
	compiled, last := 0, time.Now()
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "go: downloading "):
			_, _ = fmt.Fprintln(progress, "kassa:", line) // a closed terminal stops nothing
		case isPackage(line):
			compiled++
			if now := time.Now(); now.Sub(last) > 3*time.Second {
				last = now
				_, _ = fmt.Fprintf(progress, "kassa: %d packages compiled\n", compiled)
			}
		default:
			complaints = append(complaints, line)
		}
	}
	_, _ = io.Copy(io.Discard, output) // a line too long to scan must not block the go command
	return complaints
}

// isPackage tells the import paths that -v prints from messages, which hold a space or a colon.
func isPackage(line string) bool { return line != "" && !strings.ContainsAny(line, " :\t") }

// broken picks the line that says what is wrong: the first complaint that is no heading.
func broken(err error, complaints []string) error {
	best := ""
	for _, line := range complaints {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		if best == "" {
			best = line
		}
	}
	if best == "" {
		return fmt.Errorf("the functions do not build: %w", err)
	}
	if len(complaints) > 2 {
		best += " (the go command says more: go build ./functions/...)"
	}
	return errors.New("the functions do not build: " + strings.TrimSpace(best))
}

// prepareBinaries builds the functions unless the caller brings them.
func (s *Stack) prepareBinaries(ctx context.Context) error {
	if s.config.Binaries != "" {
		absolute, err := filepath.Abs(s.config.Binaries)
		s.config.Binaries = absolute
		return err
	}
	into, err := filepath.Abs(cmp.Or(s.config.Built, s.data("bin")))
	if err != nil {
		return fmt.Errorf("the folder of the binaries: %w", err)
	}
	s.config.Binaries = into
	var names []string
	for _, f := range s.app.Functions {
		names = append(names, f.Name)
	}
	s.say("building %d functions; the first time this takes a minute or two", len(names))
	return Build(ctx, s.config.Root, s.config.Binaries, names, s.config.Progress)
}

// binary is where a function's program is.
func (s *Stack) binary(function string) string {
	path := filepath.Join(s.config.Binaries, template.Folder(function))
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	return path
}
