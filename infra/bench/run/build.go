package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"kassa/infra/bench"
	"kassa/infra/local/stack"
	"kassa/infra/template"
)

// functions are the logical ids of those that are measured, in the order of the tables.
func functions() []string {
	return []string{"Initiate", "StatusPoll", "Refund", "Callback", "BitrixCheckout", "Instalments", "ExpirySweep",
		"Notify"}
}

// build makes the release binaries of the functions and of what they are compared with.
func build(ctx context.Context, root, out string, progress io.Writer) error {
	if err := stack.Build(ctx, root, out, functions(), progress); err != nil {
		return err
	}
	return stack.Compile(ctx, root, out, []string{"./infra/bench/floor", "./infra/bench/sdk",
		"./infra/bench/clients"}, progress)
}

// buildBase makes Initiate as it was at a revision, from a copy of it, and gives the revision's full name.
func buildBase(ctx context.Context, root, folder, revision string, progress io.Writer) (string, error) {
	name, err := git(ctx, root, "rev-parse", "--verify", revision+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("BASE is %q, which is no revision here: %w", revision, err)
	}
	source := filepath.Join(folder, "source")
	if err := os.MkdirAll(source, 0o700); err != nil {
		return "", err
	}
	archive, err := git(ctx, root, "archive", "--output="+filepath.Join(folder, "source.tar"), name)
	if err != nil {
		return "", fmt.Errorf("%w %s", err, archive)
	}
	//nolint:gosec // paths that this program made
	if err := exec.CommandContext(ctx, "tar", "-xf", filepath.Join(folder, "source.tar"), "-C", source).Run(); err != nil {
		return "", fmt.Errorf("unpack %s: %w", name, err)
	}
	return name, stack.Build(ctx, source, folder, []string{"Initiate"}, progress)
}

// git gives what git says, without the line's end.
func git(ctx context.Context, root string, words ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", words...) //nolint:gosec // the words are ours, but for a revision
	command.Dir = root
	out, err := command.Output()
	return strings.TrimSpace(string(out)), err
}

// sizes measures a binary and the archive that would be uploaded, packed as tightly as a deployment does it.
func sizes(fact *bench.Fact, binary string) error {
	content, err := os.ReadFile(binary) //nolint:gosec // what was just built
	if err != nil {
		return err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.DefaultCompression)
	})
	file, err := w.Create("bootstrap")
	if err == nil {
		_, err = file.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	fact.BinaryB, fact.ZipB = len(content), out.Len()
	return err
}

// programs are all that can be compared, without Node and the earlier build. The bare handler and those of the clients
// get the event of Initiate: one is decoded by each. The shop is the one whose secret is fetched.
func programs(binaries string, shop stack.ShopInfo, next map[string]func() ([]byte, error)) []program {
	at := func(name string) string { return filepath.Join(binaries, name) }
	secret := map[string]string{"SECRET": "kassa/local/shop/" + shop.ID}
	all := []program{
		{name: bench.Floor, binary: at("floor"), next: next["Initiate"]},
		{name: bench.SDK, binary: at("sdk"), next: next["Initiate"], environment: secret},
		{name: bench.Clients, binary: at("clients"), next: next["Initiate"], environment: secret},
		{name: bench.Again, like: "Initiate", binary: at("initiate"), next: next["Initiate"]},
		{name: bench.Ahead, like: "Initiate", binary: at("initiate"), next: next["Initiate"],
			environment: map[string]string{"SHOPS_AT_START": shop.ID + "/" + shop.Banks[0]}},
	}
	for _, name := range functions() {
		all = append(all, program{name: name, like: name, binary: at(template.Folder(name)), next: next[name]})
	}
	return all
}
