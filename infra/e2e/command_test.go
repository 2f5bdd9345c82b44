package e2e

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
	"kassa/infra/local/stack"
)

// typist types lines of the command as somebody with a right: the engine hears who, and so does the comparison with the
// template's policies (infra/proof).
type typist struct {
	world
	right  string
	folder string // holds local.json
}

// as puts a messenger before the engine that signs what passes in the name of a right.
func (w world) as(t *testing.T, right string) typist {
	t.Helper()
	engine, err := url.Parse(w.Info.EngineURL)
	if err != nil {
		t.Fatal(err)
	}
	messenger := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(engine)
		r.Out.Header.Set("Authorization", strings.Replace(r.In.Header.Get("Authorization"), "Credential=local/",
			"Credential="+right+"/", 1))
	}})
	t.Cleanup(messenger.Close)
	text, err := json.Marshal(w.Info)
	var local map[string]any
	if err == nil {
		err = json.Unmarshal(text, &local)
	}
	if err != nil {
		t.Fatal(err)
	}
	local["engine_url"], local["table"] = messenger.URL, table
	if text, err = json.Marshal(local); err != nil {
		t.Fatal(err)
	}
	y := typist{w, right, t.TempDir()}
	if err := os.WriteFile(filepath.Join(y.folder, "local.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return y
}

// types runs one line, which must end with one of the codes.
func (y typist) types(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, complaints bytes.Buffer
	k := &tool.Tool{Console: &console.Console{Out: &out, Err: &complaints}, Now: time.Now, User: "tester"}
	k.Flags.Getenv = func(name string) string {
		return map[string]string{"KASSA_DATA": y.folder, "KASSA_STAGE": "local"}[name]
	}
	if got := command.Run(t.Context(), k, args); got != code {
		t.Errorf("%s: kassa %s ended with %d, want %d:\n%s%s", y.right, strings.Join(args, " "), got, code, &out, &complaints)
	}
	return out.String()
}

// TestEveryRightTypesItsCommands, so that what each needs of AWS is on record.
func TestEveryRightTypesItsCommands(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	paid, open := w.paid(t, 1, 5000), w.open(t, 2, 5100)
	shop := w.Info.Shops[0].ID

	read := w.as(t, "ReadPolicy")
	read.types(t, 0, "payment", "list", "--review")
	read.types(t, 0, "payment", "list", "--shop", shop, "--order", w.ref(t, 1))
	read.types(t, 0, "payment", "show", paid.ID)
	read.types(t, 0, "payment", "history", paid.ID)
	read.types(t, 0, "payment", "evidence", paid.ID)

	operate := w.as(t, "OperatePolicy")
	w.told(t, paid.ID)
	operate.types(t, 0, "payment", "redeliver", paid.ID, "--sequence", "3")
	operate.types(t, 1, "payment", "resolve", paid.ID, "--how", "dismiss", "--review", "regress", "--reason",
		"there is none", "--yes")

	refund := w.as(t, "RefundPolicy")
	refund.types(t, 0, "bank", "ping", shop)
	refund.types(t, 0, "payment", "cancel", open.ID, "--yes")
	refund.types(t, 0, "payment", "refund", paid.ID, "--amount", "10.00", "--yes")

	shops := w.as(t, "ShopPolicy")
	shops.types(t, 0, "shop", "list")
	shops.types(t, 0, "shop", "show", shop)
	shops.types(t, 0, "shop", "rotate-key", shop)
}
