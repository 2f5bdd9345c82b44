package stage

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/kassa/console"
)

// local writes a local.json and gives flags that find it.
func local(t *testing.T, text string) *Flags {
	t.Helper()
	folder := t.TempDir()
	if text != "" {
		if err := os.WriteFile(filepath.Join(folder, "local.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &Flags{Stage: "local", Getenv: func(name string) string {
		return map[string]string{"KASSA_DATA": folder}[name]
	}}
}

func TestLocal(t *testing.T) {
	for text, want := range map[string]struct {
		code int
		says string
	}{
		"":                          {console.TryAgain, `type "make run" in another terminal`},
		"{":                         {console.Failed, `type "make run" again`},
		`{"shop_url":"http://x"}`:   {console.Failed, "does not say where the local stack listens"},
		`{"engine_url":"http://x"}`: {console.Failed, "does not say where the local stack listens"},
		`{"engine_url":"http://127.0.0.1:1","table":"x"}`: {console.TryAgain, `it has ended; type "make run" again`},
	} {
		_, err := local(t, text).Open(t.Context())
		if console.CodeOf(err) != want.code || !strings.Contains(err.Error(), want.says) {
			t.Errorf("%q: %d %v", text, console.CodeOf(err), err)
		}
	}
	engine := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(engine.Close)
	f := local(t, `{"engine_url":"`+engine.URL+`","table":"kassa-local-payments"}`)
	if at, err := f.Open(t.Context()); err != nil || at.Table != "kassa-local-payments" || at.Name != "local" ||
		at.Local == nil {
		t.Errorf("%+v, %v", at, err)
	}
	f.Table = "another"
	if at, err := f.Open(t.Context()); err != nil || at.Table != "another" {
		t.Errorf("%+v, %v", at, err)
	}
}

func TestStage(t *testing.T) {
	for stage, want := range map[string]string{"": "no stage is named", "Prod": "is no stage", "a/b": "is no stage"} {
		f := Flags{Stage: stage, Getenv: func(string) string { return "" }}
		if _, err := f.Open(t.Context()); console.CodeOf(err) != console.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", stage, err)
		}
	}
	f := Flags{Getenv: func(name string) string { return map[string]string{"KASSA_STAGE": "test"}[name] }}
	if stage, err := f.Name(); stage != "test" || err != nil {
		t.Errorf("from the environment: %q %v", stage, err)
	}
}

// TestWords: a hint works on the same stage, account and table as the command that gave it.
func TestWords(t *testing.T) {
	f := Flags{Profile: "shop", Region: "eu-north-1", Table: "restored", Getenv: func(name string) string {
		return map[string]string{"KASSA_STAGE": "test"}[name]
	}}
	if got := strings.Join(f.Words(), " "); got != "--stage test --profile shop --region eu-north-1 --table restored" {
		t.Error(got)
	}
	if got := (&Flags{Getenv: func(string) string { return "" }}).Words(); len(got) != 0 {
		t.Errorf("no stage is known: %v", got)
	}
}

// bare takes everything away that AWS tools read, and keeps them from asking the network.
func bare(t *testing.T) {
	t.Helper()
	for _, value := range os.Environ() {
		if name, _, _ := strings.Cut(value, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range map[string]string{"AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE":             filepath.Join(t.TempDir(), "config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "credentials")} {
		t.Setenv(name, value)
	}
}

// TestAWS holds what is said when region, profile or credentials are missing, and that profile, region and table count
// when they are there.
func TestAWS(t *testing.T) {
	bare(t)
	refused := func(f Flags, want string) {
		t.Helper()
		f.Stage = "prod"
		if _, err := f.Open(t.Context()); err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v", f, err)
		}
	}
	refused(Flags{}, "add --region, such as --region eu-central-1")
	refused(Flags{Region: "eu-central-1"}, "run aws sso login, or set AWS_ACCESS_KEY_ID")
	refused(Flags{Region: "eu-central-1", Profile: "shop"}, `there is no AWS profile "shop": aws configure list-profiles`)

	config := "[profile shop]\nregion = eu-north-1\naws_access_key_id = AKIASHOP\naws_secret_access_key = secret\n"
	if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var signed string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed = r.Header.Get("Authorization")
		_, _ = w.Write([]byte(`{"SecretList":[]}`))
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	f := Flags{Stage: "prod", Profile: "shop"}
	at, err := f.Open(t.Context())
	if err != nil || at.Table != "kassa-prod-payments" || at.Local != nil || at.String() != "stage prod in eu-north-1" {
		t.Fatalf("%+v, %v", at, err)
	}
	for _, given := range []struct{ flag, env, want string }{{"", "restored", "restored"},
		{"named", "restored", "named"}} {
		f := Flags{Stage: "prod", Profile: "shop", Table: given.flag, Getenv: func(name string) string {
			return map[string]string{"KASSA_TABLE": given.env}[name]
		}}
		if at, err := f.Open(t.Context()); err != nil || at.Table != given.want {
			t.Errorf("--table %q and KASSA_TABLE %q: %q, %v", given.flag, given.env, at.Table, err)
		}
	}
	if _, err := at.Secrets().ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{}); err != nil ||
		!strings.Contains(signed, "Credential=AKIASHOP/") || !strings.Contains(signed, "/eu-north-1/") {
		t.Errorf("%v, signed by %q", err, signed)
	}
}

// TestTheSDKIsSilent: on a machine whose metadata service refuses, what to do is told, and nothing of the SDK's own
// comes before it.
func TestTheSDKIsSilent(t *testing.T) {
	bare(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.URL)
	said, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	terminal := os.Stderr
	os.Stderr = said
	_, err = (&Flags{Stage: "prod", Region: "eu-central-1"}).Open(t.Context())
	os.Stderr = terminal
	if err == nil || !strings.Contains(err.Error(), "run aws sso login") {
		t.Error(err)
	}
	if text, readErr := os.ReadFile(said.Name()); readErr != nil || len(text) > 0 || said.Close() != nil {
		t.Errorf("the SDK says %q, %v", text, readErr)
	}
}
