package boot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/api"
	"kassa/shared/bank"
	"kassa/shared/boot/cloudtest"
	"kassa/shared/boot/environment"
	"kassa/shared/checkout"
	"kassa/shared/payment"
)

func appOf(c *cloudtest.Cloud, log *slog.Logger) App {
	return wire(environment.Settings{Table: "payments", Stage: environment.Local, Region: "eu-central-1", Endpoint: c.URL,
		Callback: "http://127.0.0.1:8082"}, log)
}

func TestKeysAndBanksComeFromSecrets(t *testing.T) {
	digest := sha256.Sum256([]byte("secret"))
	c := cloudtest.New(t, map[string]string{
		"kassa/local/shop/demo-az": `{"currency":"AZN","origins":["https://shop.example"],"banks":["kapital"],
		"keys":[{"id":"k1","sha256":"` + hex.EncodeToString(digest[:]) + `"}],"order_statuses":{"paid":"P"}}`})
	app := appOf(c, slog.New(slog.DiscardHandler))
	found, err := app.Keys.Shop(t.Context(), api.Key{Shop: "demo-az", ID: "k1", Secret: "secret"})
	if err != nil || found.ID != "demo-az" || found.KeyID != "k1" || found.Currency != payment.AZN ||
		found.Origins[0] != "https://shop.example" ||
		found.Banks[0] != "kapital" || found.OrderStatus["paid"] != "P" || found.InsecureLoopback {
		t.Errorf("%+v, %v", found, err)
	}
	for _, key := range []api.Key{{Shop: "demo-az", ID: "k1", Secret: "wrong"},
		{Shop: "nobody", ID: "k1", Secret: "secret"}} {
		if found, err := app.Keys.Shop(t.Context(), key); payment.KindOf(err) != payment.Forged || found.ID != "" {
			t.Errorf("%v: %+v, %v", key, found, err)
		}
	}
	refunds := false
	look := func(b bank.Bank) error { refunds = b.Profile().Refunds; return nil }
	if err := app.Service.Banks.With(t.Context(), "demo-az", "kapital", look); payment.KindOf(err) != payment.NotFound {
		t.Errorf("a bank without a secret: %v", err)
	}
	c.Secrets["kassa/local/bank/demo-by/kapital"] = `{"merchant_id":"E1","environment":"test","auth":"none"}`
	if err := app.Service.Banks.With(t.Context(), "demo-by", "kapital", look); err != nil || !refunds {
		t.Errorf("%t, %v", refunds, err)
	}
}

func TestPrewarmReadsOnce(t *testing.T) {
	var lines bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&lines, nil))
	c := cloudtest.New(t, nil)
	environment.Prewarm(log, environment.Table(appOf(c, log).Service.Store))
	if c.Reads.Load() != 1 || lines.Len() != 0 {
		t.Errorf("%d reads, log %s", c.Reads.Load(), lines.String())
	}
}

// TestPrewarmNeverFails: a table that does not answer costs the bounded time and a line in the log.
func TestPrewarmNeverFails(t *testing.T) {
	var lines bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&lines, nil))
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-gone:
		}
	}))
	defer server.Close()
	defer close(gone)
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	app := wire(environment.Settings{Table: "payments", Stage: environment.Local, Region: "eu-central-1",
		Endpoint: server.URL}, log)
	environment.Prewarm(log, environment.Table(app.Service.Store))
	if !strings.Contains(lines.String(), "could not be reached") {
		t.Errorf("log %q", lines.String())
	}
}

// TestStartReadsAhead: a function that has started has its connection to the table, and a table that is down keeps none
// from starting.
func TestStartReadsAhead(t *testing.T) {
	c := cloudtest.New(t, nil)
	for name, value := range map[string]string{"TABLE": "payments", "STAGE": environment.Local,
		"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": c.URL, "CALLBACK_URL": "http://127.0.0.1:8082/base/"} {
		t.Setenv(name, value)
	}
	app := MustStart(CallbackURL)
	if c.Reads.Load() != 1 || app.Service.CallbackURL != "http://127.0.0.1:8082/base" {
		t.Errorf("%d reads, callbacks to %s", c.Reads.Load(), app.Service.CallbackURL)
	}
	c.Close()
	if app := MustStart(); app.Service == nil || app.Keys == nil || app.Log == nil {
		t.Errorf("%+v", app)
	}
}

// slowStore tells how long the call ahead may take.
type slowStore struct {
	checkout.Store
	t *testing.T
}

func (s slowStore) Load(ctx context.Context, _ payment.ID) (payment.Payment, error) {
	if end, ok := ctx.Deadline(); !ok || time.Until(end) != 800*time.Millisecond {
		s.t.Errorf("the call ahead of the first request may take until %s", end)
	}
	<-ctx.Done()
	return payment.Payment{}, &payment.Error{Kind: payment.Unavailable, Cause: ctx.Err()}
}

func TestPrewarmIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		environment.Prewarm(slog.New(slog.DiscardHandler), environment.Table(slowStore{t: t}))
	})
}

func TestAppsEdge(t *testing.T) {
	app := appOf(cloudtest.New(t, nil), slog.New(slog.DiscardHandler))
	edge := app.Edge(map[string]api.Handler{"GET /x": func(context.Context, *api.Request) (api.Response, error) {
		return api.JSON(200, 1)
	}}, 10)
	if edge.MaxBody != 10 || len(edge.Routes) != 1 || edge.Now == nil || edge.Log == nil {
		t.Errorf("%+v", edge)
	}
}
