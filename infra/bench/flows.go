package bench

import (
	"fmt"

	"kassa/infra/figures"
	"kassa/infra/scale"
)

// asked is what each program asks of others.
func (r Results) asked() string {
	var t figures.Table
	t.Head("program", "TLS sessions before the first answer: table, bank", "secrets before the first answer",
		"calls of the table before the first answer", "calls of the table for a later request", "secrets then",
		"TLS sessions then: table, bank")
	for _, name := range r.programs() {
		f := r.Facts[name]
		if len(r.Free[name][WarmCPU]) == 0 {
			continue
		}
		t.Row(name, fmt.Sprintf("%d, %d", f.Cold.TableHandshakes, f.Cold.BankHandshakes), f.Cold.Secrets, f.Cold.TableCalls,
			f.Warm.TableCalls, f.Warm.Secrets, fmt.Sprintf("%d, %d", f.Warm.TableHandshakes, f.Warm.BankHandshakes))
	}
	return t.String()
}

// lifecycle is what a payment takes from its beginning to its end, as the whole stack was counted; where every function
// that it meets has just been started, what these ask before their first answer comes besides.
func (r Results) lifecycle() string {
	var t figures.Table
	t.Head("lifecycle", "runs", "calls of the table", "write units: table, indexes", "read units", "bank exchanges",
		"log bytes", "item bytes", "all functions just started: secrets", "TLS sessions")
	for _, f := range [][2]string{
		{scale.CardPaid, "created, opened, asked, paid, told"}, {scale.Refund, "given back in part, told"},
		{scale.Instalment, "by instalments: created, opened, asked, paid, told"}, {scale.Poll, "one more question"},
	} {
		c, runs, cold := r.Flows[f[0]], 0, Use{}
		for name, n := range c.Invocations {
			use := r.Facts[name].Cold
			runs, cold.Secrets = runs+n, cold.Secrets+use.Secrets
			cold.TableHandshakes += use.TableHandshakes + use.BankHandshakes
		}
		t.Row(f[1], runs, c.Reads+c.Queries+c.Writes, fmt.Sprintf("%d, %d", c.WriteUnits, c.IndexUnits), c.ReadUnits,
			c.BankCalls, c.LogBytes, c.ItemBytes, cold.Secrets, cold.TableHandshakes)
	}
	return t.String()
}

// goals are what was set out to be reached, and what was measured. None is left out because it was missed, and what was
// not measured is said to be so.
func (r Results) goals() string {
	var t figures.Table
	t.Head("goal", "at most", "measured", "reached")
	line := func(what string, most, measured float64, known bool) {
		switch {
		case !known:
			t.Row(what, about(most), "not measured", none)
		case measured <= most:
			t.Row(what, about(most), about(measured), "yes")
		default:
			t.Row(what, about(most), about(measured), "**no**")
		}
	}
	ratio := func(what string, most float64, one, other string, k Kind) {
		measured, known := r.Free.Ratio(one, other, k)
		line(what, most, measured, known)
	}
	worst, name, known := 0.0, "", true
	for _, one := range []string{"Initiate", "StatusPoll", "Refund", "Callback", "ExpirySweep", "Notify",
		"BitrixCheckout"} {
		measured, ok := r.Free.Ratio(one, SDK, PlainCPU)
		if known = known && ok; measured > worst {
			worst, name = measured, one
		}
	}
	line("start of a function with a table, without TLS, of the SDK's (the dearest: "+name+")", 1.3, worst, known)
	ratio("start of Instalments, without TLS, of the floor's", 1.3, "Instalments", Floor, PlainCPU)
	ratio("first request of Initiate that knows its shop, of the earlier build's", 0.5, Ahead, Earlier, FirstCPU)
	ratio("a later request of StatusPoll, of the floor's", 2.5, "StatusPoll", Floor, WarmCPU)
	ratio("a later request of Initiate, of the floor's", 6, "Initiate", Floor, WarmCPU)
	ratio("start of Initiate, without TLS, of Node's", 1.0/30, "Initiate", Node, PlainCPU)
	ratio("first request of Initiate, of Node's", 1.0/6, "Initiate", Node, FirstCPU)
	ratio("a later request of Initiate, of Node's", 1.0/3, "Initiate", Node, WarmCPU)
	ratio("memory of Initiate, of Node's", 1.0/7, "Initiate", Node, PeakKB)
	largest, least := 0, r.Facts[Floor].ZipB
	for _, f := range r.programs() {
		if f != Floor && f != Node && f != Bundled {
			largest = max(largest, r.Facts[f].ZipB)
		}
	}
	line("the largest zip, of the floor's", 1.4, float64(largest)/float64(max(1, least)), least > 0)
	paid, ok := r.Flows[scale.CardPaid]
	line("calls of the table for a payment", 8, float64(paid.Reads+paid.Queries+paid.Writes), ok)
	line("write units for a payment, indexes and the book included", 9, float64(paid.WriteUnits+paid.IndexUnits), ok)
	line("bytes of a payment's item", 1024, float64(paid.ItemBytes), ok)
	return t.String()
}

// about writes a figure with as many digits as tell it from its goal.
func about(x float64) string {
	if x >= 100 || x == float64(int(x)) {
		return fmt.Sprintf("%.0f", x)
	}
	if x < 1 {
		return fmt.Sprintf("%.3f", x)
	}
	return fmt.Sprintf("%.2f", x)
}
