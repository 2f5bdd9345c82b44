package scale

import "maps"

// Cost is what one flow costs in dollars, a million times.
type Cost struct {
	API, Lambda, Table, Logs, Out float64
	Traces                        float64 // at most: every run traced
	StoredGB                      float64 // that stay in the table
}

// Total is what AWS bills in any case: without traces and storage.
func (c Cost) Total() float64 { return c.API + c.Lambda + c.Table + c.Logs + c.Out }

// Busy is how long functions are busy with one flow in milliseconds, waiting included.
func (c Counts) Busy() float64 {
	return c.CPU/coreShare + dynamoMS*float64(c.Reads+c.Queries+c.Writes) + bankMS*float64(c.BankCalls) +
		webhookMS*float64(c.Webhooks)
}

// runs is how often functions are started.
func (c Counts) runs() (n int) {
	for n1 := range maps.Values(c.Invocations) {
		n += n1
	}
	return n
}

// requests is how many of the runs come through API Gateway; callbacks come to the function's own address.
func (c Counts) requests() int {
	return c.Invocations["Initiate"] + c.Invocations["StatusPoll"] + c.Invocations["Refund"]
}

// Cost is what the flow costs a million times.
func (c Counts) Cost() Cost {
	logBytes := float64(c.LogBytes + platformLog*c.runs() + accessLog*c.requests())
	return Cost{
		API:      float64(c.requests()) * httpAPI.Dollar,
		Lambda:   float64(c.runs())*lambdaRequest.Dollar + million*c.Busy()/1000*memoryGB*lambdaTime.Dollar,
		Table:    float64(c.WriteUnits+c.IndexUnits)*writeUnit.Dollar + c.ReadUnits*readUnit.Dollar,
		Logs:     million * logBytes / gigabyte * logs.Dollar,
		Out:      million * float64(c.AnswerBytes) * float64(1+c.Webhooks) / gigabyte * transfer.Dollar,
		Traces:   float64(c.runs()) * trace.Dollar,
		StoredGB: million * float64(c.ItemBytes) / gigabyte,
	}
}

// Share is how often a flow comes in a mix, for each payment that is opened.
type Share struct {
	Flow string
	Of   float64
}

// Mix is a shop's ordinary day: of ten payments seven are paid, three are left; one of twenty paid is given back in
// part, and each is asked about twice more by a page that waits.
func Mix() []Share {
	return []Share{{CardPaid, 0.7}, {CardLeft, 0.3}, {Refund, 0.035}, {Poll, 2}}
}

// Blend is the counts of a mix for each payment opened, in fractions.
type Blend struct {
	Cost
	Requests, Busy, WriteUnits, IndexUnits, DueUnits, BookUnits, Asks, Webhooks, BankCalls float64
	// milliseconds of a processor for one question of the sweep
	AskCPU float64
}

// BlendOf adds a mix up.
func BlendOf(all map[string]Counts, mix []Share) Blend {
	var b Blend
	for _, s := range mix {
		c := all[s.Flow]
		one := c.Cost()
		b.API, b.Lambda, b.Table = b.API+s.Of*one.API, b.Lambda+s.Of*one.Lambda, b.Table+s.Of*one.Table
		b.Logs, b.Out, b.Traces = b.Logs+s.Of*one.Logs, b.Out+s.Of*one.Out, b.Traces+s.Of*one.Traces
		b.StoredGB += s.Of * one.StoredGB
		b.Requests += s.Of * float64(c.requests())
		b.Busy += s.Of * c.Busy() / 1000
		b.WriteUnits += s.Of * float64(c.WriteUnits)
		b.IndexUnits += s.Of * float64(c.IndexUnits)
		b.DueUnits += s.Of * float64(c.DueUnits)
		b.BookUnits += s.Of * float64(c.BookUnits)
		b.Webhooks += s.Of * float64(c.Webhooks)
		b.BankCalls += s.Of * float64(c.BankCalls)
		if s.Flow == CardLeft { // all exchanges but the opening are questions of the sweep
			b.Asks += s.Of * float64(c.BankCalls-1)
			b.AskCPU = c.CPU / float64(c.BankCalls)
		}
	}
	b.StoredGB -= mixed(mix, Refund) * all[Refund].Cost().StoredGB // a refund makes an item longer, not a further one
	return b
}

// mixed is how often a flow comes in a mix; 0 where it does not.
func mixed(mix []Share, flow string) float64 {
	for _, s := range mix {
		if s.Flow == flow {
			return s.Of
		}
	}
	return 0
}
