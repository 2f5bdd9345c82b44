package scale

import (
	"cmp"
	"math"
	"slices"
)

// House is what the template and the code set, as the test reads it from there.
type House struct {
	Alarms, Dashboards, Keys int // in the template; alarms by the metrics that they watch
	Metrics                  int // names of Kassa's own
	BankMetrics              int // of those, by bank and operation
	Shards                   int // keys of each to-do list
	SweepWorkers             int
	NotifyWorkers            int
	BatchSize                int // of the stream
	Parallel                 int // batches of one shard of the stream at once
	APIRate                  int // requests a second that the API takes; 0 is the account's
}

// Line is one line of a monthly bill.
type Line struct {
	What   string
	Dollar float64
}

// Rest is what a month costs in which nothing is sold, for one shop with one bank.
func (h House) Rest(all map[string]Counts) []Line {
	const secrets, atRest = 2, 4 // the shop's and its bank's; sweep_lag_seconds and the three of the webhooks
	var runs, bytes, units, ms float64
	for _, flow := range []string{IdleSweep, IdleOutbox} {
		c := all[flow]
		runs, bytes = runs+monthRuns, bytes+monthRuns*float64(c.LogBytes+platformLog)
		units, ms = units+monthRuns*c.ReadUnits, ms+monthRuns*c.Busy()
	}
	return []Line{
		{"alarms", float64(h.Alarms) * alarm.Dollar},
		{"dashboard", float64(h.Dashboards) * dashboard.Dollar},
		{"keys of our own", float64(h.Keys) * key.Dollar},
		{"secrets of one shop with one bank", secrets * secret.Dollar},
		{"metrics that are sent every minute", atRest * customMetric.Dollar},
		{"two schedules: 16 queries of an index a minute each", units / million * readUnit.Dollar},
		{"two schedules: Lambda", runs/million*lambdaRequest.Dollar + ms/1000*memoryGB*lambdaTime.Dollar},
		{"two schedules: logs", bytes / gigabyte * logs.Dollar},
	}
}

// Busy is what comes on top of Rest in a month in which every metric is sent: one bank with its three operations.
func (h House) Busy() Line {
	const operations = 3
	return Line{"all metrics, with one bank", float64(h.Metrics+h.BankMetrics*operations)*customMetric.Dollar - 4*customMetric.Dollar}
}

// Limit is how far something goes before it must be turned.
type Limit struct {
	What    string
	Default float64 // payments opened a second
	Turn    string
	Then    float64 // payments a second after that; 0 where it is asked of AWS or the bank
}

// Limits of AWS. Sources: Lambda Developer Guide, "Lambda scaling behavior"; DynamoDB Developer Guide, "Understanding DynamoDB warm
// throughput" and "Burst and adaptive capacity"; Secrets Manager User Guide, "Quotas"; the API Gateway and concurrency quotas of an account.
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
	limits := []Limit{
		{"the sweep: questions about pages that customers left", sweep(float64(h.SweepWorkers), coreShare),
			"`sweepWorkers` in shared/checkout/sweep.go, here to 64, with 1,769 MB for a whole processor; beyond that one schedule for each shard", sweep(64, 1)},
		{"the API's own throttle", api / b.Requests, "the parameter ApiRateLimit, up to the account's rate", gatewayRate / b.Requests},
		{"concurrent runs of Lambda", concurrency / b.Busy, "the account's quota \"Concurrent executions\"", 0},
		{"Notify: messages of a new table's four stream shards", notify(float64(h.Parallel), 0), "`ParallelizationFactor` (10 at most); a busy table has more shards besides", notify(10, goal)},
		{"a new table's writes", freshTable / (b.WriteUnits + b.IndexUnits), "nothing if traffic grows gently; else its warm throughput beforehand", 0},
		{"the index `due`: its keys", key, "`payment.Shards`, now 16: old entries are still found, since only their number grows", key * 4},
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
