package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"kassa/infra/template"
)

// tree is a folder with binaries of every function, as make build leaves them: here each is this very test.
func tree(t *testing.T, functions ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for i, function := range functions {
		path := filepath.Join(folder, function, bootstrap)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(int64(1e9+i), time.Now().UnixNano()%1e9) // the time of a file must not be seen in its archive
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

const small = `
Resources: # of a small deployment
  B: {Type: AWS::Serverless::Function, Properties: {Handler: !Sub "${X}"}}
  Q: {Type: AWS::SQS::Queue}
  A:
    Type: AWS::Serverless::Function
    Properties: {}
`

func packed(t *testing.T) map[string][]byte {
	t.Helper()
	folder := tree(t, "A", "B")
	source := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(source, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := pack(source, folder, ""); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range []string{"A.zip", "B.zip", "template.yaml", "sbom.cdx.json", "SHA256SUMS"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = content
	}
	return files
}

// TestPackage packs twice and looks at what came of it.
func TestPackage(t *testing.T) {
	first, second := packed(t), packed(t)
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("%s differs", name)
		}
	}
	t.Run("archive", func(t *testing.T) { archiveHolds(t, first["A.zip"]) })
	t.Run("bill", func(t *testing.T) { billLists(t, first) })
}

func archiveHolds(t *testing.T, content []byte) {
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || len(r.File) != 1 {
		t.Fatalf("%v, %d files", err, len(r.File))
	}
	f := r.File[0]
	if f.Name != "bootstrap" || f.Mode() != 0o755 || !f.Modified.Equal(born) {
		t.Errorf("%s %v %v", f.Name, f.Mode(), f.Modified)
	}
	file, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(file)
	self, _ := os.Executable()
	if want, _ := os.ReadFile(self); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the archive holds another file: %v", err)
	}
}

func billLists(t *testing.T, files map[string][]byte) {
	var bill struct {
		BomFormat, SerialNumber string
		Components              []component
		Dependencies            []dependency
	}
	if err := json.Unmarshal(files["sbom.cdx.json"], &bill); err != nil {
		t.Fatal(err)
	}
	found := map[string]component{}
	for _, c := range bill.Components {
		found[c.Ref] = c
	}
	if len(found) != len(bill.Components) || found["function/A"].Hashes[0] != found["function/B"].Hashes[0] ||
		len(bill.Dependencies) != 2 {
		t.Errorf("%+v", bill)
	}
	if !strings.Contains(string(files["SHA256SUMS"]), found["function/A"].Hashes[0].Content+"  A.zip\n") {
		t.Error("the bill and the checksums name different archives")
	}
	for _, ref := range bill.Dependencies[0].Uses {
		c, listed := found[ref]
		if !listed || c.PURL != "pkg:golang/"+c.Name+"@"+c.Version || c.Version == "" {
			t.Errorf("%s: %+v", ref, c)
		}
		if c.Name != "stdlib" && (len(c.Properties) != 1 || !strings.HasPrefix(c.Properties[0].Value, "h1:")) {
			t.Errorf("%s has no checksum", ref)
		}
	}
	// which this test is linked with
	if !strings.Contains(string(files["sbom.cdx.json"]), "pkg:golang/go.yaml.in/yaml/v4@") {
		t.Error("a module is missing")
	}
}

// TestPackagedTemplate: what one machine sees of the packaged template is what it sees of the source.
func TestPackagedTemplate(t *testing.T) {
	source, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, functions, err := packaged(source, "")
	if err != nil || len(functions) != 8 {
		t.Fatalf("%v, functions %v", err, functions)
	}
	app := func(text []byte) *template.App {
		document, err := template.Parse("template.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		app, err := document.App(template.Values{Parameters: map[string]string{"Stage": "x", "BitrixPortal": "on"},
			FunctionURLs: map[string]string{"Callback": "https://c/"}})
		if err != nil {
			t.Fatal(err)
		}
		return app
	}
	if !reflect.DeepEqual(app(text), app(source)) {
		t.Error("the packaged template describes another application")
	}
	for _, function := range functions {
		if !strings.Contains(string(text), "CodeUri: "+function+".zip") {
			t.Errorf("%s has no archive", function)
		}
	}
}

func TestWrongTemplates(t *testing.T) {
	for _, text := range []string{"", "Resources: {}", "a: b", ": :",
		"Resources: {F: {Type: AWS::Serverless::Function}}",
		"Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: x}}}"} {
		if _, _, err := packaged([]byte(text), ""); err == nil {
			t.Errorf("%q was packed", text)
		}
	}
	if err := pack("../../template.yaml", t.TempDir(), ""); err == nil || !strings.Contains(err.Error(), "make package") {
		t.Errorf("without binaries: %v", err)
	}
}

// TestSettings: another setting is another description of every function, which makes a new version; the same is the
// same.
func TestSettings(t *testing.T) {
	source, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	with := func(settings string) string {
		text, _, err := packaged(source, settings)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if again := with("A=1"); again != with("A=1") || again == with("A=2") ||
		strings.Count(with("A=1"), "[settings ") != 8 || strings.Contains(with(""), "[settings") {
		t.Error("settings are not told apart in each function's description")
	}
	if _, _, err := packaged([]byte(small), "A=1"); err == nil {
		t.Error("a function without a description was packed with settings")
	}
}
