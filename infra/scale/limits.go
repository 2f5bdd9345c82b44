package scale

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// House is what the template and the code set, as the test reads it from there.
type House struct {
	Basic, Full   Watch // by the parameter Monitoring
	Metrics       int   // names of Kassa's own
	BankMetrics   int   // of those, by bank and operation
	Shards        int   // keys of each to-do list, where nothing else is said
	MostShards    int   // keys of the bank's, as the parameter DueShards goes
	SweepKept     int   // payments that a run keeps which looks at all shards
	BookShards    int   // keys of a shop's day in the book
	SweepWorkers  int
	NotifyWorkers int
	BatchSize     int // of the stream
	Parallel      int // batches of one shard of the stream at once
	MostParallel  int // as the parameter NotifyParallel goes
	APIRate       int // requests a second that the API takes; 0 is the account's
}

// Watch is what looks after a deployment that sets nothing but Monitoring; alarms by the metrics that they watch.
type Watch struct{ Alarms, Dashboards, Keys int }

// Line is one line of a monthly bill, for each Monitoring.
type Line struct {
	What        string
	Basic, Full float64
}

// always are the names of metrics that are sent when nothing happens: sweep_lag_seconds. A count of zero is none; see
// shared/metric.
const always = 1

// Rest is what a month costs in which nothing is sold, for one shop with one bank.
func (h House) Rest(all map[string]Counts) []Line {
	const secrets = 2 // the shop's and its bank's
	var runs, bytes, units, ms float64
	for _, flow := range []string{IdleSweep, IdleOutbox} {
		c := all[flow]
		runs, bytes = runs+monthRuns, bytes+monthRuns*float64(c.LogBytes+platformLog)
		units, ms = units+monthRuns*c.ReadUnits, ms+monthRuns*c.Busy()
	}
	both := func(what string, dollar float64) Line { return Line{what, dollar, dollar} }
	each := func(what string, of func(Watch) int, price float64) Line {
		return Line{what, float64(of(h.Basic)) * price, float64(of(h.Full)) * price}
	}
	return []Line{
		each("alarms", func(w Watch) int { return w.Alarms }, alarm.Dollar),
		each("dashboard", func(w Watch) int { return w.Dashboards }, dashboard.Dollar),
		each("a key of our own, for the alarms' way", func(w Watch) int { return w.Keys }, key.Dollar),
		both("secrets of one shop with one bank", secrets*secret.Dollar),
		both("the metric that is sent every minute", always*customMetric.Dollar),
		both("two schedules: 16 queries of an index a minute each", units/million*readUnit.Dollar),
		both("two schedules: Lambda", runs/million*lambdaRequest.Dollar+ms/1000*memoryGB*lambdaTime.Dollar),
		both("two schedules: EventBridge Scheduler, its free runs not counted", 2*monthRuns/million*scheduler.Dollar),
		both("two schedules: logs", bytes/gigabyte*logs.Dollar),
	}
}

// Busy is what comes on top of Rest at most: a month in each hour of which every metric is sent, by one bank with its
// three operations.
func (h House) Busy() Line {
	const operations = 3
	dollar := float64(h.Metrics+h.BankMetrics*operations-always) * customMetric.Dollar
	return Line{"all metrics with one bank, at most: each is paid for by the hours in which it is sent", dollar, dollar}
}

// Limit is how far something goes before it must be turned.
type Limit struct {
	What    string
	Default float64 // payments opened a second
	Turn    string
	Then    float64 // payments a second after that; 0 where it is asked of AWS or the bank
}

// Limits of AWS. Sources: Lambda Developer Guide, "Lambda scaling behavior"; DynamoDB Developer Guide, "Understanding
// DynamoDB warm throughput" and "Burst and adaptive capacity"; Secrets Manager User Guide, "Quotas"; the API Gateway
// and concurrency quotas of an account.
const (
	concurrency = 1000.  // runs at once in an account
	gatewayRate = 10000. // requests a second in an account
	partition   = 1000.  // write units a second of one key
	freshTable  = 4000.  // write units a second of a new table; its partitions follow from it
	secretRate  = 10000. // GetSecretValue a second
	secretLife  = 300.   // seconds that a function keeps a secret
	goal        = 10000. // payments a second
)

// Limits for a mix, the nearest first.
func (h House) Limits(b Blend) []Limit {
	perBatch := math.Ceil(float64(h.BatchSize)/float64(h.NotifyWorkers)) * (webhookMS + 2*dynamoMS) / 1000
	perShard := float64(h.BatchSize) / perBatch
	streamShards := func(rate float64) float64 { return math.Max(freshTable, rate*b.WriteUnits) / partition }
	api := float64(h.APIRate)
	if api == 0 {
		api = gatewayRate
	}
	sweep := func(shards int) float64 { return h.sweep(b, shards).Most() / b.Asks }
	notify := func(parallel, rate float64) float64 { return streamShards(rate) * parallel * perShard / b.Webhooks }
	key := func(shards int) float64 { return float64(shards) * partition / b.DueUnits }
	entries := float64(h.BookShards) * partition / b.BookUnits
	limits := []Limit{
		{"the sweep: questions about pages that customers left", sweep(h.Shards),
			fmt.Sprintf("the parameter DueShards, here to %d", h.MostShards), sweep(h.MostShards)},
		{"the API's own throttle", api / b.Requests, "the parameter ApiRateLimit, up to the account's rate", 0},
		{"concurrent runs of Lambda", concurrency / b.Busy, "the account's quota \"Concurrent executions\"", 0},
		{"Notify: messages of a new table's four stream shards", notify(float64(h.Parallel), 0),
			fmt.Sprintf("the parameter NotifyParallel, here to %d; a busy table has more shards besides", h.MostParallel),
			notify(float64(h.MostParallel), goal)},
		{"a new table's writes", freshTable / (b.WriteUnits + b.IndexUnits),
			"nothing if traffic grows gently; else its warm throughput beforehand", 0},
		{"the index `due`: its keys", key(h.Shards), fmt.Sprintf("the parameter DueShards, here to %d", h.MostShards),
			key(h.MostShards)},
		{"the index `book`: one shop's keys of a day", entries,
			"a second shop, which has keys of its own", entries * 2},
		{"API Gateway", gatewayRate / b.Requests, "the account's quota", 0},
		{"Secrets Manager", secretRate * secretLife / 2 / b.Busy, "`goodFor` in shared/shop/cache.go", 0},
	}
	slices.SortStableFunc(limits, func(a, b Limit) int { return cmp.Compare(a.Default, b.Default) })
	return limits
}

// DueShards is the fewest keys of the bank's to-do list that a rate of payments a second can do with, as the parameter
// goes: by twos.
func (h House) DueShards(b Blend, rate float64) int {
	shards := h.Shards
	for shards < h.MostShards && (rate*b.DueUnits/float64(shards) > partition ||
		h.sweep(b, shards).Course(rate*b.Asks).Left > 0) {
		shards *= 2
	}
	return shards
}

// Needs is what a rate of payments a second takes; key is of the write units those on one key of the index due.
func (h House) Needs(b Blend, rate float64) (requests, runs, units, key, messages, asks, bank float64) {
	return rate * b.Requests, rate * b.Busy, rate * (b.WriteUnits + b.IndexUnits),
		rate * b.DueUnits / float64(h.DueShards(b, rate)), rate * b.Webhooks, rate * b.Asks * 60, rate * b.BankCalls
}
