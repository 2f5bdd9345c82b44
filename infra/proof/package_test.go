//go:build template

package proof

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// run runs a command in a folder and answers what it said.
func run(t *testing.T, folder string, environment []string, command ...string) string {
	t.Helper()
	c := exec.Command(command[0], command[1:]...)
	c.Dir, c.Env = folder, append(os.Environ(), environment...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	return string(out)
}

// TestPackageTwice packs here, and from a copy of the sources elsewhere: the same bytes must come out.
func TestPackageTwice(t *testing.T) {
	copied := t.TempDir()
	for _, name := range strings.Fields(run(t, root, nil, "git", "ls-files", "functions", "shared", "infra/pack",
		"infra/template", "infra/local/streams/filter", "go.mod", "go.sum", "Makefile", "template.yaml")) {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		to := filepath.Join(copied, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	here, there := t.TempDir(), t.TempDir()
	run(t, root, nil, "make", "package", "PACKAGE="+here)
	run(t, copied, nil, "make", "package", "PACKAGE="+there)
	for _, name := range []string{"SHA256SUMS", "sbom.cdx.json", "template.yaml", "Initiate.zip", "Notify.zip"} {
		first, firstErr := os.ReadFile(filepath.Join(here, name))
		second, secondErr := os.ReadFile(filepath.Join(there, name))
		if firstErr != nil || secondErr != nil || !bytes.Equal(first, second) {
			t.Errorf("%s comes out differently: %v, %v", name, firstErr, secondErr)
		}
	}
	sums, err := os.ReadFile(filepath.Join(here, "SHA256SUMS"))
	if lines := strings.Count(string(sums), "\n"); err != nil || lines != len(allFunctions)+2 {
		t.Errorf("%d checksums, %v", lines, err)
	}
}

// TestPackageIsUploadedAsItIs lets SAM upload the package to a store that stands in for S3: what a function will run is
// the archive that was packed, to the byte.
func TestPackageIsUploadedAsItIs(t *testing.T) {
	m, folder := serveMoto(t), t.TempDir()
	run(t, root, nil, "make", "package", "PACKAGE="+folder)
	bucket := m.address + "/artefacts"
	if status, _ := object(t, http.MethodPut, bucket); status != http.StatusOK {
		t.Fatalf("the bucket was not made: %d", status)
	}
	output := filepath.Join(folder, "packaged.yaml")
	sam, err := filepath.Abs(filepath.Join(filepath.Dir(python), "sam"))
	if err != nil {
		t.Fatal(err)
	}
	run(t, folder, []string{"AWS_ENDPOINT_URL=" + m.address, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_DEFAULT_REGION=us-east-1", "SAM_CLI_TELEMETRY=0"},
		sam, "package", "--template-file", "template.yaml", "--s3-bucket", "artefacts", "--output-template-file", output)
	packaged, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	uploads := regexp.MustCompile(
		`(?m)^  (\w+):\n(?:    .*\n)*?      CodeUri: s3://artefacts/(\S+)$`).FindAllStringSubmatch(string(packaged), -1)
	if len(uploads) != len(allFunctions) {
		t.Fatalf("%d functions were uploaded: %v", len(uploads), uploads)
	}
	for _, upload := range uploads {
		status, got := object(t, http.MethodGet, bucket+"/"+upload[2])
		want, err := os.ReadFile(filepath.Join(folder, upload[1]+".zip"))
		if err != nil || status != http.StatusOK || !bytes.Equal(got, want) {
			t.Errorf("%s was uploaded as another archive: %d, %v", upload[1], status, err)
		}
	}
}

// object asks the store for something by its address.
func object(t *testing.T, method, address string) (status int, content []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization",
		"AWS4-HMAC-SHA256 Credential=local/20261121/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err = io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, content
}
