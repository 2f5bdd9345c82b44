package scale

import (
	"cmp"
	"math"
	"slices"
)

// House is what the template and the code set, as the test reads it from there.
type House struct {
	Basic, Full   Watch // by the parameter Monitoring
	Metrics       int   // names of Kassa's own
	BankMetrics   int   // of those, by bank and operation
	Shards        int   // keys of each to-do list
	BookShards    int   // keys of a shop's day in the book
	SweepWorkers  int
	NotifyWorkers int
	BatchSize     int // of the stream
	Parallel      int // batches of one shard of the stream at once
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
	concurrency  = 1000.  // runs at once in an account
	gatewayRate  = 10000. // requests a second in an account
	partition    = 1000.  // write units a second of one key
	freshTable   = 4000.  // write units a second of a new table; its partitions follow from it
	secretRate   = 10000. // GetSecretValue a second
	secretLife   = 300.   // seconds that a function keeps a secret
	sweepSeconds = 52.    // of a minute in which the sweep begins something
	goal         = 10000. // payments a second
)

// Limits for a mix, the nearest first.
func (h House) Limits(b Blend) []Limit {
	ask := (bankMS + 3*dynamoMS) / 1000 // an open page takes one exchange, between a read and two saves
	perBatch := math.Ceil(float64(h.BatchSize)/float64(h.NotifyWorkers)) * (webhookMS + 2*dynamoMS) / 1000
	perShard := float64(h.BatchSize) / perBatch
	streamShards := func(rate float64) float64 { return math.Max(freshTable, rate*b.WriteUnits) / partition }
	api := float64(h.APIRate)
	if api == 0 {
		api = gatewayRate
	}
	sweep := func(workers, share float64) float64 {
		return min(workers/ask, 1000*share/b.AskCPU) * sweepSeconds / 60 / b.Asks
	}
	notify := func(parallel, rate float64) float64 { return streamShards(rate) * parallel * perShard / b.Webhooks }
	key := float64(h.Shards) * partition / b.DueUnits
	entries := float64(h.BookShards) * partition / b.BookUnits
	limits := []Limit{
		{"the sweep: questions about pages that customers left", sweep(float64(h.SweepWorkers), coreShare),
			"`sweepWorkers` in shared/checkout/sweep.go, here to 64, with 1,769 MB for a whole processor; beyond that one " +
				"schedule for each shard", sweep(64, 1)},
		{"the API's own throttle", api / b.Requests, "the parameter ApiRateLimit, up to the account's rate",
			gatewayRate / b.Requests},
		{"concurrent runs of Lambda", concurrency / b.Busy, "the account's quota \"Concurrent executions\"", 0},
		{"Notify: messages of a new table's four stream shards", notify(float64(h.Parallel), 0),
			"`ParallelizationFactor` (10 at most); a busy table has more shards besides", notify(10, goal)},
		{"a new table's writes", freshTable / (b.WriteUnits + b.IndexUnits),
			"nothing if traffic grows gently; else its warm throughput beforehand", 0},
		{"the index `due`: its keys", key,
			"`payment.Shards`, now 16: old entries are still found, since only their number grows", key * 4},
		{"the index `book`: one shop's keys of a day", entries,
			"`payment.BookShards`, now 8: old entries are still found, since only their number grows", entries * 2},
		{"API Gateway", gatewayRate / b.Requests, "the account's quota", 0},
		{"Secrets Manager", secretRate * secretLife / 2 / b.Busy, "`goodFor` in shared/shop/cache.go", 0},
	}
	slices.SortStableFunc(limits, func(a, b Limit) int { return cmp.Compare(a.Default, b.Default) })
	return limits
}

// Needs is what a rate of payments a second takes.
func (h House) Needs(b Blend, rate float64) (requests, runs, units, key, messages, asks, bank float64) {
	return rate * b.Requests, rate * b.Busy, rate * (b.WriteUnits + b.IndexUnits), rate * b.DueUnits / float64(h.Shards),
		rate * b.Webhooks, rate * b.Asks * 60, rate * b.BankCalls
}
