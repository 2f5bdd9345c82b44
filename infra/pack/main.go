// Command pack makes what a deployment uploads from the functions that `make build` has built: an archive for each
// function, the template that names them, a list of everything that is in them, and the checksums of it all. The same
// sources and the same Go make the same bytes, on any machine and at any time.
//
//	go run ./infra/pack template.yaml .build/package
//
// A third argument is the deployment's settings, as text. A changed parameter by itself makes no new version of a
// function, so the alias would go on with the old value; the settings' digest in each function's description makes one.
package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 3 && len(os.Args) != 4 {
		_, _ = fmt.Fprintln(os.Stderr,
			"usage: pack template.yaml folder [settings]: the folder holds Initiate/bootstrap and so on")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2], strings.Join(os.Args[3:], "")); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack fills the folder that holds the functions' binaries. Settings may be empty.
func pack(templatePath, folder, settings string) error {
	source, err := os.ReadFile(templatePath) //nolint:gosec // the caller names its own template
	if err != nil {
		return err
	}
	template, functions, err := packaged(source, settings)
	if err != nil {
		return fmt.Errorf("%s: %w", templatePath, err)
	}
	files := map[string][]byte{"template.yaml": template}
	bill := newBill()
	for _, function := range functions {
		binary := filepath.Join(folder, function, bootstrap)
		if files[function+".zip"], err = archive(binary); err != nil {
			return fmt.Errorf("run make package, which builds the functions first: %w", err)
		}
		if err := bill.add(function, binary, files[function+".zip"]); err != nil {
			return err
		}
	}
	if files["sbom.cdx.json"], err = bill.encode(); err != nil {
		return err
	}
	return write(folder, files)
}

// write writes the files and, beside them, their checksums as sha256sum checks them.
func write(folder string, files map[string][]byte) error {
	var sums []string
	var failed error
	for name, content := range files {
		sums = append(sums, fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name))
		//nolint:gosec // there is no secret in it
		failed = errors.Join(failed, os.WriteFile(filepath.Join(folder, name), content, 0o644))
	}
	slices.SortFunc(sums, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	//nolint:gosec // nor here
	return errors.Join(failed, os.WriteFile(filepath.Join(folder, "SHA256SUMS"), []byte(strings.Join(sums, "")), 0o644))
}
