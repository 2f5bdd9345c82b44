package scale

import (
	"fmt"
	"math"

	"kassa/infra/figures"
)

// flows in the order of the page, with what a reader calls them.
func flows() [][2]string {
	return [][2]string{
		{CardPaid, "card payment: opened, paid, customer back, shop asks once and is told"},
		{CardLeft, "card page that the customer leaves: asked about seven times in 25 hours"},
		{Instalment, "instalment: applied for, approved, signed callback, customer back, shop asks once and is told"},
		{Refund, "refund, and the shop is told"},
		{Poll, "one more question of a waiting page"},
		{Recheck, "`recheck_paid`: a paid payment asked about once more the next morning"},
	}
}

// Tables are all tables of docs/scale.md by name, as Markdown.
func Tables(all map[string]Counts, h House) map[string]string {
	b := BlendOf(all, Mix())
	return map[string]string{"prices": prices(), "assumed": assumed(), "counts": counts(all), "costs": costs(all, b),
		"rest":      rest(all, h),
		"sensitive": sensitive(all), "limits": limits(h, b), "needs": needs(h, b),
		"sweep": sweeps(h, b)}
}

func dollars(x float64) string { return fmt.Sprintf("%.2f", x) }

// about rounds to two digits, as far as such a reckoning is worth.
func about(x float64) string {
	if x <= 0 {
		return "0"
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-1)
	rounded := math.Round(x/unit) * unit
	if rounded >= 10 {
		return grouped(int64(math.Round(rounded)))
	}
	return fmt.Sprintf("%.1f", rounded)
}

// grouped sets digits in threes.
func grouped(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return grouped(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// prices are AWS's, with the page that each stands on.
func prices() string {
	var t figures.Table
	t.Head("what", "US dollars", "per", "source")
	for _, p := range Prices() {
		t.Row(p.What, fmt.Sprintf("%g", p.Dollar), p.Per, p.Source)
	}
	return t.String()
}

// assumed is what was not measured: how long others take, and how large a line of AWS's own logs is.
func assumed() string {
	var t figures.Table
	t.Head("assumed", "value")
	t.Row("one call of DynamoDB", fmt.Sprintf("%g ms", dynamoMS))
	t.Row("one exchange with a bank", fmt.Sprintf("%g ms", bankMS))
	t.Row("one message to a shop", fmt.Sprintf("%g ms", webhookMS))
	t.Row("a function's share of a processor", fmt.Sprintf("256 MB of 1,769 MB: %.3f", coreShare))
	t.Row("what Lambda logs of a run by itself", fmt.Sprintf("%d bytes", platformLog))
	t.Row("what API Gateway logs of a request", fmt.Sprintf("%d bytes", accessLog))
	return t.String()
}

// counts is what was measured of each flow; costs follow from it and from the prices alone.
func counts(all map[string]Counts) string {
	var t figures.Table
	t.Head("flow", "runs", "DynamoDB calls", "write units: table, indexes", "read units", "bank exchanges", "messages",
		"log bytes", "item bytes", "busy, ms")
	for _, f := range append(flows(), [2]string{IdleSweep, "a minute of the sweep with nothing due"},
		[2]string{IdleOutbox, "a minute of the outbox with nothing due"}) {
		c := all[f[0]]
		t.Row(f[1], c.runs(), c.Reads+c.Queries+c.Writes, fmt.Sprintf("%d, %d", c.WriteUnits, c.IndexUnits), c.ReadUnits,
			c.BankCalls, c.Webhooks,
			grouped(int64(c.LogBytes)), grouped(int64(c.ItemBytes)), about(c.Busy()))
	}
	return t.String()
}

// costs are of a million flows, part by part.
func costs(all map[string]Counts, b Blend) string {
	var t figures.Table
	t.Head("a million times", "API Gateway", "Lambda", "DynamoDB", "logs", "data out", "together", "X-Ray at most",
		"stays: GB")
	line := func(name string, c Cost) {
		t.Row(name, dollars(c.API), dollars(c.Lambda), dollars(c.Table), dollars(c.Logs), dollars(c.Out),
			"**"+dollars(c.Total())+"**",
			dollars(c.Traces), fmt.Sprintf("%.1f", c.StoredGB))
	}
	for _, f := range flows() {
		line(f[1], all[f[0]].Cost())
	}
	line("**a shop's ordinary day, for a million payments opened**", b.Cost)
	return t.String()
}

// rest is what a deployment costs while nobody buys.
func rest(all map[string]Counts, h House) string {
	var t figures.Table
	t.Head("each month, US dollars", "`Monitoring=basic`", "`Monitoring=full`")
	basic, full := 0.0, 0.0
	for _, l := range h.Rest(all) {
		t.Row(l.What, dollars(l.Basic), dollars(l.Full))
		basic, full = basic+l.Basic, full+l.Full
	}
	t.Row("**at rest**", "**"+dollars(basic)+"**", "**"+dollars(full)+"**")
	busy := h.Busy()
	t.Row(busy.What, dollars(busy.Basic), dollars(busy.Full))
	return t.String()
}

// sensitive shows what another assumption would change.
func sensitive(all map[string]Counts) string {
	var t figures.Table
	t.Head("if instead", "a million card payments cost")
	paid := all[CardPaid]
	slower := func(ms float64) string {
		return dollars(paid.Cost().Total() + million*float64(paid.BankCalls)*(ms-bankMS)/1000*memoryGB*lambdaTime.Dollar)
	}
	bigger := paid
	bigger.WriteUnits, bigger.ItemBytes = 3*paid.WriteUnits, 3*paid.ItemBytes
	t.Row("nothing else", dollars(paid.Cost().Total()))
	t.Row("a bank's exchange takes 1 second", slower(1000))
	t.Row("a bank's exchange takes 3 seconds", slower(3000))
	t.Row("items are three times as large (metadata, long addresses)", dollars(bigger.Cost().Total()))
	return t.String()
}

// limits says at how many payments a second each of AWS's quotas is reached.
func limits(h House, b Blend) string {
	var t figures.Table
	t.Head("limit", "holds up to, payments a second", "what to turn", "then")
	for _, l := range h.Limits(b) {
		then := "as granted"
		if l.Then > 0 {
			then = about(l.Then)
		}
		t.Row(l.What, about(l.Default), l.Turn, then)
	}
	return t.String()
}

// sweeps says how the sweep fares at growing rates, with as many shards as each takes.
func sweeps(h House, b Blend) string {
	var t figures.Table
	t.Head("payments a second", "`DueShards`", "runs of the sweep a minute", "questions a minute", "half of them within",
		"all within", "left to the next minute")
	for _, rate := range []float64{1, 10, 100, 150, 1000, goal} {
		shards := h.DueShards(b, rate)
		c := h.sweep(b, shards).Course(rate * b.Asks)
		t.Row(grouped(int64(rate)), shards, c.Runs, grouped(int64(c.Asked)), fmt.Sprintf("%d s", c.Half),
			fmt.Sprintf("%d s", c.All), c.Left)
	}
	return t.String()
}

// needs turns a rate of payments into what must be asked of AWS for it.
func needs(h House, b Blend) string {
	var t figures.Table
	t.Head("payments a second", "API requests a second", "runs at once", "write units a second",
		"of them on one key of `due`", "messages a second",
		"the sweep's questions a minute", "bank exchanges a second")
	for rate := 1.0; rate <= goal; rate *= 10 {
		requests, runs, units, key, messages, asks, bank := h.Needs(b, rate)
		t.Row(grouped(int64(rate)), about(requests), about(runs), about(units), about(key), about(messages), about(asks),
			about(bank))
	}
	return t.String()
}
