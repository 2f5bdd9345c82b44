package stack

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/infra/local/demo"
)

// binaries builds the functions of testdata/app once per run.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "binaries")
	if err != nil {
		return "", err
	}
	return dir, Build(context.Background(), "testdata/app", dir, []string{"Items", "Callback", "Sweep", "Watch"},
		io.Discard)
})

// TestMain also is the program that TestPowerCut kills.
func TestMain(m *testing.M) {
	if data := os.Getenv("STACK_TEST_CHILD"); data != "" {
		port, _ := strconv.Atoi(os.Getenv("STACK_TEST_PORT"))
		_, err := Start(context.Background(), Config{
			Root: "testdata/app", Data: data, Port: port, Binaries: os.Getenv("STACK_TEST_BINARIES"), Errors: os.Stderr,
		})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready")
		select {}
	}
	code := m.Run()
	if dir, err := binaries(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

func config(t *testing.T) Config {
	t.Helper()
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	return Config{Root: "testdata/app", Data: t.TempDir(), Binaries: dir, Ticks: make(chan time.Time)}
}

func start(t *testing.T, c Config) *Stack {
	t.Helper()
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func call(t *testing.T, method, url, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/plain") // or the gateway would encode the body
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text) + response.Header.Get("Location")
}

func want(t *testing.T, method, url, body string, status int, answer string) {
	t.Helper()
	gotStatus, got := call(t, method, url, body)
	if gotStatus != status || !strings.Contains(got, answer) {
		t.Errorf("%s %s: %d %q, want %d %q", method, url, gotStatus, got, status, answer)
	}
}

func TestEveryRoad(t *testing.T) {
	c := config(t)
	ticks := make(chan time.Time)
	c.Ticks = ticks
	s := start(t, c)
	i := s.Info
	want(t, "POST", i.APIURL+"/items/a", "hello", 201, i.CallbackURL+"/")
	want(t, "GET", i.APIURL+"/items/a", "", 200, "hello")
	want(t, "GET", i.APIURL+"/nowhere", "", 404, `{"message":"Not Found"}`)
	want(t, "POST", i.APIURL+"/items/a", "panic", 500, `{"message":"Internal Server Error"}`)
	want(t, "GET", i.APIURL+"/items/a", "", 200, "hello")
	want(t, "GET", i.CallbackURL+"/a%2Fb?x=1;2", "", 303, "/a%2Fb?x=1;2")
	want(t, "GET", i.ShopURL+"/", "", 200, "<html")
	want(t, "GET", i.Simulators["kapital"].PageURL+"/_sim/ledger", "", 200, `"orders"`)
	want(t, "GET", i.Simulators["kartapokupok"].PageURL+"/_sim/ledger", "", 200, `"orders"`)
	want(t, "GET", i.Simulators["kapital-txpg"].PageURL+"/_sim/ledger", "", 200, `"orders"`)
	want(t, "GET", i.EngineURL+"/_engine/calls", "", 200, `"PutItem":1`)

	ticks <- time.Date(2026, 11, 21, 17, 9, 0, 0, time.UTC)
	for !strings.Contains(read(t, s.LogFile("Sweep")), "swept local 17:09\n") {
		runtime.Gosched()
	}
	if _, err := s.Invoke(t.Context(), "Sweep", []byte(`{"time":"2026-11-21T18:00:00Z"}`)); err != nil {
		t.Error(err)
	}
	if log := read(t, s.LogFile("Sweep")); !strings.Contains(log, "swept local 18:00\n") {
		t.Errorf("log %q", log)
	}
	if log := read(t, s.LogFile("Items")); !strings.Contains(log, "as asked") {
		t.Errorf("the panic is not in the log: %q", log)
	}
	if _, err := s.Invoke(t.Context(), "Nobody", nil); err == nil {
		t.Error("invoked a function that is not declared")
	}
}

// TestEverythingListensOnLoopbackOnly reads it off the listeners.
func TestEverythingListensOnLoopbackOnly(t *testing.T) {
	s := &Stack{}
	if err := s.listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Kill() }()
	if len(s.Ports.listeners) != s.Ports.Engine-s.Ports.Shop+1 {
		t.Errorf("%d listeners", len(s.Ports.listeners))
	}
	for _, l := range s.Ports.listeners {
		if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
			t.Errorf("listens on %s", l.Addr())
		}
	}
}

func TestInfoFile(t *testing.T) {
	s := start(t, config(t))
	var got map[string]any
	if err := json.Unmarshal([]byte(read(t, s.InfoFile())), &got); err != nil {
		t.Fatal(err)
	}
	shops, simulators := got["shops"].([]any), got["simulators"].(map[string]any)
	json := simulators["kapital-txpg"].(map[string]any)
	if json["url"] != fmt.Sprintf("https://127.0.0.1:%d", s.Ports.Shop+7) || json["page_url"] != address(s.Ports.Shop+8) {
		t.Errorf("the JSON gateway: %v", json)
	}
	kapital, karta := simulators["kapital"].(map[string]any), simulators["kartapokupok"].(map[string]any)
	if got["engine_url"] != address(s.Ports.Shop+3+2*len(demo.Simulators())) || got["table"] != "app-local" {
		t.Errorf("the engine is %v, the table %v", got["engine_url"], got["table"])
	}
	if got["shop_url"] != s.Info.ShopURL || got["api_url"] != address(s.Ports.Shop+1) ||
		got["callback_url"] != address(s.Ports.Shop+2) ||
		kapital["url"] != fmt.Sprintf("https://127.0.0.1:%d", s.Ports.Shop+3) ||
		kapital["page_url"] != address(s.Ports.Shop+4) ||
		karta["url"] != fmt.Sprintf("https://127.0.0.1:%d", s.Ports.Shop+5) || karta["page_url"] != address(s.Ports.Shop+6) {
		t.Errorf("%v", got)
	}
	for i, want := range []struct{ id, bank string }{{"demo-az", "kapital"}, {"demo-by", "kartapokupok"},
		{"demo-az-json", "kapital"}} {
		shop := shops[i].(map[string]any)
		if key := shop["api_key"].(string); shop["id"] != want.id || !strings.HasPrefix(key, "sk_"+want.id+"_k1_") ||
			len(key) != len("sk__k1_")+len(want.id)+64 ||
			fmt.Sprint(shop["banks"]) != "["+want.bank+"]" || len(shops) != len(demo.Shops()) {
			t.Errorf("shop %d is %v, want %v", i, shop, want)
		}
	}
	if info, err := os.Stat(s.InfoFile()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: the file holds a key", info.Mode(), err)
	}
}

// TestPowerCut kills a stack with SIGKILL and starts another on its folder: what was answered is there, so are the keys
// and the addresses, and no function process is left.
func TestPowerCut(t *testing.T) {
	c := config(t)
	c.Port = freeBlock(t)
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), "STACK_TEST_CHILD="+c.Data, "STACK_TEST_BINARIES="+c.Binaries, "STACK_TEST_PORT="+
		strconv.Itoa(c.Port))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatal(line, err)
	}
	before := read(t, filepath.Join(c.Data, "local.json"))
	api := address(c.Port + 1)
	want(t, "POST", api+"/items/a", "kept", 201, "")
	if _, err := Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "is kassa running already?") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("a second instance on the folder: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // reports the kill
	noProcessOf(t, c.Binaries)

	s := start(t, c)
	want(t, "GET", api+"/items/a", "", 200, "kept")
	awaitText(t, s.LogFile("Watch"), "saw INSERT a kept\n") // by the killed stack or by this one
	if after := read(t, s.InfoFile()); after != before {
		t.Errorf("keys or addresses changed\nbefore %s\nafter %s", before, after)
	}
}

// noProcessOf waits until no process runs a binary of a folder, where the system lets us see it.
func noProcessOf(t *testing.T, folder string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	for alive := true; alive; {
		alive = false
		links, err := filepath.Glob("/proc/[0-9]*/exe")
		if err != nil || t.Context().Err() != nil {
			t.Fatal("gave up", err)
		}
		for _, link := range links {
			target, err := os.Readlink(link)
			alive = alive || err == nil && filepath.Dir(target) == folder
		}
	}
}

func TestKillInProcessAndStartAgain(t *testing.T) {
	c := config(t)
	s := start(t, c)
	c.Port = s.Ports.Shop
	want(t, "POST", s.Info.APIURL+"/items/a", "kept", 201, "")
	s.Host.KillAll()
	want(t, "POST", s.Info.APIURL+"/items/b", "by a new process", 201, "")
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	again := start(t, c)
	want(t, "GET", again.Info.APIURL+"/items/a", "", 200, "kept")
	if again.Info.Shops[0].APIKey != s.Info.Shops[0].APIKey {
		t.Error("the key changed")
	}
}

// TestAddressesMoveWithThePort holds that a secret follows the port while the rest of it stays.
func TestAddressesMoveWithThePort(t *testing.T) {
	c := config(t)
	c.BankSettings = map[string]map[string]any{"kapital": {"session": "2m"}, "kartapokupok": {"recheck": "never"}}
	first := start(t, c)
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.BankSettings = nil
	second := start(t, c)
	v := second.vault()
	got, found, err := v.get(t.Context(), "kassa/local/bank/demo-az/kapital")
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if got["session"] != "2m" || got["endpoint"] != second.Info.Simulators["kapital"].URL+"/api/order/" {
		t.Errorf("%v, want the endpoint of ports %v", got, second.Ports.Simulators)
	}
	got, found, err = v.get(t.Context(), "kassa/local/bank/demo-by/kartapokupok")
	if err != nil || !found || got["recheck"] != "never" || got["base_url"] != second.Info.Simulators["kartapokupok"].URL {
		t.Errorf("%v %v %v, want the address of ports %v", got, found, err, second.Ports.Simulators)
	}
}

// TestRefusals holds that each thing that can be wrong is one line that says what to do.
func TestRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	port := taken.Addr().(*net.TCPAddr).Port
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"port in use": {func(c *Config) {
			c.Port = port
		}, fmt.Sprintf("cannot listen on 127.0.0.1:%d (the port itself)", port)},
		"port too high": {func(c *Config) { c.Port = 65530 }, "PORT 65530 is out of range"},
		"port negative": {func(c *Config) { c.Port = -1 }, "PORT -1 is out of range"},
		"no template":   {func(c *Config) { c.Root = t.TempDir() }, "template.yaml: not found; run this from the root"},
		"broken template": {func(c *Config) {
			c.Root = "testdata/broken-template"
		}, "broken-template/template.yaml:11: Ref Nowhere"},
		"broken function": {func(c *Config) {
			c.Root, c.Binaries = "testdata/broken-build", ""
		}, "the functions do not build: functions/items/main.go:5:"},
		"no function":       {func(c *Config) { c.Root, c.Binaries = "testdata/broken-template", "" }, "Ref Nowhere"},
		"missing binary":    {func(c *Config) { c.Binaries = t.TempDir() }, "no such file"},
		"data is no folder": {func(c *Config) { c.Data = file }, "KASSA_DATA moves it"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			c.change(&cfg)
			s, err := Start(t.Context(), cfg)
			if err == nil {
				_ = s.Kill()
				t.Fatal("started")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got  %q\nwant %q", err, c.want)
			}
		})
	}
}

func TestPortOfTheBlockInUse(t *testing.T) {
	c := config(t)
	c.Port = freeBlock(t)
	taken, err := net.Listen("tcp", hostPort(c.Port+1))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, err = Start(t.Context(), c)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("cannot listen on 127.0.0.1:%d (PORT %d + 1): ", c.Port+1,
		c.Port)) {
		t.Errorf("got %v", err)
	}
}

// freeBlock finds ports that a stack can take.
func freeBlock(t *testing.T) int {
	t.Helper()
	probe := &Stack{}
	if err := probe.listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := probe.Kill(); err != nil {
		t.Fatal(err)
	}
	return probe.Ports.Shop
}

func TestFunctionThatDoesNotStart(t *testing.T) {
	c := config(t)
	folder := t.TempDir()
	for _, name := range []string{"items", "callback", "sweep", "watch"} {
		script := "#!/bin/sh\necho 'TABLE is not set' >&2\nexit 1\n"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c.Binaries = folder
	_, err := Start(t.Context(), c)
	if err == nil || !strings.Contains(err.Error(), "it did not start: exit status 1: TABLE is not set (log: ") {
		t.Errorf("got %v", err)
	}
}

func TestTableOfAnotherTemplateIsRefused(t *testing.T) {
	c := config(t)
	if err := start(t, c).Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	text := read(t, "testdata/app/template.yaml")
	c.Root = t.TempDir()
	other := strings.ReplaceAll(text, "AttributeName: sk", "AttributeName: attempt")
	if err := os.WriteFile(filepath.Join(c.Root, "template.yaml"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "was made by another template.yaml") {
		t.Errorf("got %v", err)
	}
}

func TestCloseIsIdempotent(t *testing.T) {
	s := start(t, config(t))
	if err := errors.Join(s.Close(t.Context()), s.Kill(), s.Close(t.Context())); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", hostPort(s.Ports.API)); err == nil {
		t.Error("still listening")
	}
}

// TestFlagsAreThoseOfTheDeployment holds the Makefile, which builds for AWS, and Build together.
func TestFlagsAreThoseOfTheDeployment(t *testing.T) {
	makefile := read(t, "../../../Makefile")
	for _, flags := range []string{"CGO_ENABLED=0",
		`-buildvcs=false -tags lambda.norpc,nethttpomithttp2 -trimpath -ldflags "-s -w"`} {
		if !strings.Contains(makefile, flags) {
			t.Errorf("the Makefile does not build with %s", flags)
		}
	}
}

func TestFollowTellsProgressFromComplaints(t *testing.T) {
	var progress bytes.Buffer
	got := follow(strings.NewReader(
		"go: downloading example.com/x v1.0.0\nkassa/shared/payment\n# kassa/functions/items\nfunctions/items/"+
			"main.go:5:2: undefined: x\n"), &progress)
	if len(got) != 2 || !strings.Contains(progress.String(), "downloading example.com/x") {
		t.Errorf("%q, %q", got, progress.String())
	}
	if err := broken(errors.New("exit status 1"),
		got); err.Error() != "the functions do not build: functions/items/main.go:5:2: undefined: x" {
		t.Errorf("%v", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
