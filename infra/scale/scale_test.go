package scale

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"kassa/infra/figures"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

const (
	root    = "../../"
	thePage = root + "docs/scale.md"
)

var update = flag.Bool("update", false, "write the tables of docs/scale.md anew")

// TestThePageSaysWhatComesOut: every table of docs/scale.md is the one that the counts, the prices, the template and
// the code give.
func TestThePageSaysWhatComesOut(t *testing.T) {
	all, err := Measured()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(thePage)
	if err != nil {
		t.Fatal(err)
	}
	page, err := figures.Fill(string(text), Tables(all, house(t)))
	if err != nil {
		t.Fatal(err)
	}
	if !*update && page != string(text) {
		t.Errorf("%s is not what follows from the counts; go test ./infra/scale -update makes it anew", thePage)
	}
	if *update {
		if err := os.WriteFile(thePage, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAnOrdinaryPaymentIsCheap: created, opened, asked about, paid and told of, with addresses of 80 characters each.
func TestAnOrdinaryPaymentIsCheap(t *testing.T) {
	all, err := Measured()
	if err != nil {
		t.Fatal(err)
	}
	paid := all[CardPaid]
	if calls := paid.Reads + paid.Queries + paid.Writes; calls > 8 {
		t.Errorf("it takes %d calls", calls)
	}
	if units := paid.WriteUnits + paid.IndexUnits; units > 9 {
		t.Errorf("it takes %d write units", units)
	}
	if paid.WriteUnits != paid.Writes || paid.ItemBytes >= 1024 {
		t.Errorf("%d saves are %d units, and the item has %d bytes at last", paid.Writes, paid.WriteUnits, paid.ItemBytes)
	}
	if left := all[CardLeft]; left.WriteUnits != left.Writes {
		t.Errorf("one that its customer leaves: %d saves are %d units", left.Writes, left.WriteUnits)
	}
	if idle := all[IdleSweep].Queries + all[IdleOutbox].Queries; idle > 2*payment.Shards {
		t.Errorf("an idle minute takes %d queries", idle)
	}
}

// house reads what the template and the code set.
func house(t *testing.T) House {
	t.Helper()
	h := House{Shards: payment.Shards, BookShards: payment.BookShards,
		SweepWorkers:  constant(t, "shared/checkout/sweep.go", "sweepWorkers"),
		SweepKept:     constant(t, "shared/checkout/sweep.go", "sweepKept"),
		NotifyWorkers: constant(t, "shared/checkout/outbox/outbox.go", "wakeWorkers")}
	for _, m := range metric.All() {
		h.Metrics++
		if m.ByBank {
			h.BankMetrics++
		}
	}
	text, err := os.ReadFile(root + "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Parameters map[string]struct {
			Default any   `yaml:"Default"`
			Allowed []any `yaml:"AllowedValues"`
			Most    int   `yaml:"MaxValue"`
		} `yaml:"Parameters"`
		Resources map[string]struct {
			Type       string `yaml:"Type"`
			Condition  string `yaml:"Condition"`
			Properties struct {
				Metrics []struct {
					MetricStat any `yaml:"MetricStat"`
				} `yaml:"Metrics"`
				Events map[string]struct {
					Type       string `yaml:"Type"`
					Properties struct {
						BatchSize int `yaml:"BatchSize"`
					} `yaml:"Properties"`
				} `yaml:"Events"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for _, r := range document.Resources {
		switch r.Type {
		case "AWS::CloudWatch::Alarm":
			watched := 0
			for _, m := range r.Properties.Metrics {
				if m.MetricStat != nil {
					watched++
				}
			}
			h.watch(r.Condition, Watch{Alarms: max(1, watched)})
		case "AWS::CloudWatch::Dashboard":
			h.watch(r.Condition, Watch{Dashboards: 1})
		case "AWS::KMS::Key":
			h.watch(r.Condition, Watch{Keys: 1})
		case "AWS::Serverless::Function":
			for _, e := range r.Properties.Events {
				if e.Type == "DynamoDB" {
					h.BatchSize = e.Properties.BatchSize
				}
			}
		}
	}
	h.APIRate, _ = document.Parameters["ApiRateLimit"].Default.(int)
	shards, parallel := document.Parameters["DueShards"], document.Parameters["NotifyParallel"]
	for _, n := range shards.Allowed {
		h.MostShards = max(h.MostShards, n.(int))
	}
	h.Parallel, _ = parallel.Default.(int)
	h.MostParallel = parallel.Most
	if shards.Default != payment.Shards || h.MostShards == 0 || h.MostParallel == 0 {
		t.Fatalf("the template's parameters are %+v and %+v", shards, parallel)
	}
	if h.BatchSize == 0 || h.Parallel == 0 {
		t.Fatal("the template maps no stream")
	}
	return h
}

// watch counts what the template makes under a condition. What comes with an option that the defaults do not set counts
// for nobody.
func (h *House) watch(condition string, one Watch) {
	add := func(w *Watch) {
		w.Alarms, w.Dashboards, w.Keys = w.Alarms+one.Alarms, w.Dashboards+one.Dashboards, w.Keys+one.Keys
	}
	if condition == "" || condition == "BasicMonitoring" {
		add(&h.Basic)
	}
	if condition == "" || condition == "FullMonitoring" {
		add(&h.Full)
	}
}

// TestAtRestIsSaidTheSameEverywhere: README and the page's first lines say in words what the table reckons.
func TestAtRestIsSaidTheSameEverywhere(t *testing.T) {
	all, err := Measured()
	if err != nil {
		t.Fatal(err)
	}
	basic, full := 0.0, 0.0
	for _, l := range house(t).Rest(all) {
		basic, full = basic+l.Basic, full+l.Full
	}
	if basic >= 3 {
		t.Errorf("at rest it costs %.2f dollars by default", basic)
	}
	for page, want := range map[string]string{
		"README.md": fmt.Sprintf("At rest it costs about %.2f dollars a month", basic),
		"docs/scale.md": fmt.Sprintf("**At rest** it costs %.2f dollars a month by default, %.2f with `Monitoring=full`",
			basic, full),
	} {
		text, err := os.ReadFile(root + page)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q, %v", page, want, err)
		}
	}
}

// constant reads a number from the code, so that the page follows it.
func constant(t *testing.T, file, name string) int {
	t.Helper()
	text, err := os.ReadFile(root + file)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^\s*` + name + `\s*=\s*([0-9]+)`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s sets no %s", file, name)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAKnownBill reckons one flow by hand.
func TestAKnownBill(t *testing.T) {
	c := Counts{Invocations: map[string]int{"Initiate": 1, "Callback": 2}, Reads: 2, Writes: 3, ReadUnits: 2,
		WriteUnits: 4, IndexUnits: 6,
		BankCalls: 2, Webhooks: 1, LogBytes: 2000, ItemBytes: 1 << 10, AnswerBytes: 500, CPU: 2.56}
	got := c.Cost()
	want := Cost{
		API: 1.00, // one request comes through the gateway
		// 2.56 ms / (256/1769) + 5 calls of 5 ms + 2 of 300 + 1 of 200 = 842.69 ms
		Lambda:   3*0.20 + 1e6*0.84269*0.25*0.0000133334,
		Table:    10*0.625 + 2*0.125,                                    //
		Logs:     1e6 * float64(2000+3*700+400) / float64(1<<30) * 0.50, //
		Out:      1e6 * 1000 / float64(1<<30) * 0.09,                    // the answer and the message
		Traces:   15,                                                    //
		StoredGB: 1e6 * 1024 / float64(1<<30),                           //
	}
	for name, pair := range map[string][2]float64{"API": {got.API, want.API}, "Lambda": {got.Lambda, want.Lambda},
		"table": {got.Table, want.Table},
		"logs":  {got.Logs, want.Logs}, "out": {got.Out, want.Out}, "traces": {got.Traces, want.Traces},
		"stored": {got.StoredGB, want.StoredGB}} {
		if math.Abs(pair[0]-pair[1]) > 0.001 {
			t.Errorf("%s: %g, want %g", name, pair[0], pair[1])
		}
	}
}

// TestTheMeasuredFlowsAreThere: a flow that was never measured would cost nothing.
func TestTheMeasuredFlowsAreThere(t *testing.T) {
	all, err := Measured()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flows() {
		if c := all[f[0]]; c.LogBytes == 0 || c.Reads == 0 {
			t.Errorf("%s was not measured: %+v", f[0], c)
		}
	}
	for n, want := range map[float64]string{0: "0", 0.26: "0.3", 4.44: "4.4", 9.96: "10", 99.6: "100", 1234: "1,200",
		87654321: "88,000,000"} {
		if got := about(n); got != want {
			t.Errorf("about %g is %s, want %s", n, got, want)
		}
	}
}
