package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// onceOnly are commands that may show a new key, and no other secret.
var onceOnly = regexp.MustCompile(`^shop (put|rotate-key|bitrix)`)

var (
	clientToken = regexp.MustCompile(`\bct_`)
	newKey      = regexp.MustCompile(`sk_[a-z0-9-]+_[A-Za-z0-9-]+_[0-9a-f]{64}|whsec_[A-Za-z0-9+/=]+`)
	hints       = regexp.MustCompile(`\bkassa (?:shop|payment|bank) [a-z-]+[^;\n]*`)
	shown       = map[string]string{}
	shownMutex  sync.Mutex
)

// watch looks at everything that the command has ever said: no private key, no token, no address of a bank's page, and
// a new key once and never again. And what it tells to type next names the stage: pasted into another window it would
// work on another one.
func watch(t *testing.T, args []string, text string) {
	t.Helper()
	line := strings.Join(args, " ")
	if slices.Contains(args, "--help") || slices.Contains(args, "help") {
		return
	}
	for _, never := range []string{"PRIVATE KEY", "?ORDERID=", "SESSIONID", "canary", "s3cr3tc0de"} {
		if strings.Contains(text, never) {
			t.Errorf("kassa %s says %q:\n%s", line, never, text)
		}
	}
	if clientToken.MatchString(text) {
		t.Errorf("kassa %s shows a client token", line)
	}
	for _, hint := range hints.FindAllString(text, -1) {
		if !strings.Contains(hint, " --stage ") && !strings.Contains(hint, " --help") &&
			!strings.Contains(hint, " has no command ") {
			t.Errorf("kassa %s tells to type %q, which names no stage", line, hint)
		}
	}
	shownMutex.Lock()
	defer shownMutex.Unlock()
	for _, key := range newKey.FindAllString(text, -1) {
		if before, again := shown[key]; again || !onceOnly.MatchString(strings.TrimPrefix(line, "--json ")) {
			t.Errorf("kassa %s shows a key that %q has shown already, or that is none of its business", line, before)
		}
		shown[key] = line
	}
}

// golden compares a text with a file of testdata, after what differs from run to run is replaced.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is now\n%s\nwant\n%s", name, got, want)
	}
}
