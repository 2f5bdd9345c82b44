package payment

import (
	"strings"
	"testing"
	"time"

	"kassa/shared/payment/delivery"
)

// Each way in which a stored payment can be wrong is found.
func TestCheckFindsWhatIsBroken(t *testing.T) {
	refunded := refundingPayment(t, early, RefundIntent{Amount: 4000})
	refunded = apply(t, refunded, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early)
	pending, paid := pendingPayment(t, 1), paidPayment(t)
	for name, c := range map[string]struct {
		p    Payment
		harm func(p *Payment)
	}{
		"no id":                  {pending, func(p *Payment) { p.ID.Order = "" }},
		"no attempt":             {pending, func(p *Payment) { p.ID.Attempt = 0 }},
		"too many attempts":      {pending, func(p *Payment) { p.ID.Attempt = MaxAttempts + 1 }},
		"no amount":              {pending, func(p *Payment) { p.Amount.Minor = 0 }},
		"less than nothing":      {pending, func(p *Payment) { p.Amount.Minor = -1 }},
		"a strange currency":     {pending, func(p *Payment) { p.Amount.Currency = "BYR" }},
		"paid, nothing captured": {paid, func(p *Payment) { p.Captured = 0 }},
		"paid without a handle":  {paid, func(p *Payment) { p.Handle = Handle{} }},
		"paid at no time":        {paid, func(p *Payment) { p.PaidAt = time.Time{} }},
		"captured, not paid":     {pending, func(p *Payment) { p.Captured = 1 }},
		"refunded, not paid":     {pending, func(p *Payment) { p.Refunded = 1 }},
		"refunds, not paid":      {pending, func(p *Payment) { p.Refunds = []Refund{{Status: RefundFailed}} }},
		"more refunded than taken": {refunded, func(p *Payment) {
			p.Refunded, p.Refunds[0].Amount = testAmount+1, testAmount+1
		}},
		"more reserved than is left": {refunded, func(p *Payment) {
			p.Refunds = append(p.Refunds, Refund{Status: RefundBegun, Amount: 11001})
		}},
		"refunded below nothing": {refunded, func(p *Payment) { p.Refunded, p.Refunds[0].Amount = -1, -1 }},
		"refunds do not add up":  {refunded, func(p *Payment) { p.Refunded++ }},
		"two in flight": {refunded, func(p *Payment) {
			p.Refunds = append(p.Refunds, Refund{Status: RefundBegun, Amount: 1}, Refund{Status: RefundUnknown, Amount: 1})
		}},
		"too many refunds": {refunded, func(p *Payment) {
			for range MaxRefunds + MaxDeskRefunds {
				p.Refunds = append(p.Refunds, Refund{Status: RefundFailed})
			}
		}},
		"too much history": {pending, func(p *Payment) {
			p.History, p.Sequence = make([]Entry, MaxHistory+1), MaxHistory+1
		}},
		"too many deliveries": {pending, func(p *Payment) { p.Deliveries = make([]delivery.Delivery, len(p.History)+1) }},
		"too many decisions":  {pending, func(p *Payment) { p.Resolutions = make([]Resolution, MaxResolved+1) }},
		"too many notices":    {pending, func(p *Payment) { p.Notices = make([]Notice, MaxNotices+1) }},
		"too much metadata": {pending, func(p *Payment) {
			p.Metadata = map[string]string{"k": strings.Repeat("x", MaxMetadata)}
		}},
		"a history with a hole":    {pending, func(p *Payment) { p.Sequence++ }},
		"an unknown status":        {pending, func(p *Payment) { p.Status = "settled" }},
		"no status":                {pending, func(p *Payment) { p.Status = "" }},
		"paid, but refunded":       {refunded, func(p *Payment) { p.Status = Paid }},
		"wholly refunded, in part": {refunded, func(p *Payment) { p.Status = Refunded }},
		"in part, not refunded":    {paid, func(p *Payment) { p.Status = PartiallyRefunded }},
		"created with a handle":    {pending, func(p *Payment) { p.Status = Created }},
		"pending without a handle": {pending, func(p *Payment) { p.Handle = Handle{} }},
		"pending without a page":   {pending, func(p *Payment) { p.RedirectURL = "" }},
		"pending without an end":   {pending, func(p *Payment) { p.ExpiresAt = time.Time{} }},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.p.Check(); err != nil {
				t.Fatalf("it was broken before: %v", err)
			}
			p := c.p.clone()
			c.harm(&p)
			if err := p.Check(); err == nil || KindOf(err) != Internal || !strings.Contains(err.Error(), "at sequence") {
				t.Errorf("Check says %v", err)
			}
			if next, err := Apply(p, Wakeup{}, early); err == nil || next.Sequence != p.Sequence {
				t.Errorf("Apply takes a broken payment: %v", err)
			}
		})
	}
	for name, reach := range map[string]func(p *Payment){
		"metadata":     func(p *Payment) { p.Metadata = map[string]string{"k": strings.Repeat("x", MaxMetadata-1)} },
		"attempts":     func(p *Payment) { p.ID.Attempt = MaxAttempts },
		"little money": func(p *Payment) { p.Amount.Minor = 1 },
		"history": func(p *Payment) {
			p.History = append(p.History, make([]Entry, MaxHistory-len(p.History))...)
			p.Sequence = MaxHistory
		},
		"deliveries": func(p *Payment) { p.Deliveries = make([]delivery.Delivery, len(p.History)) },
		"decisions":  func(p *Payment) { p.Resolutions = make([]Resolution, MaxResolved) },
		"notices":    func(p *Payment) { p.Notices = make([]Notice, MaxNotices) },
	} {
		bound := pending.clone()
		if reach(&bound); bound.Check() != nil {
			t.Errorf("%s just within the bound: %v", name, bound.Check())
		}
	}
	all := paid.clone()
	for range MaxRefunds + MaxDeskRefunds {
		all.Refunds = append(all.Refunds, Refund{Status: RefundFailed})
	}
	small := paid.clone()
	small.Captured = 1
	for _, p := range []Payment{all, small} {
		if err := p.Check(); err != nil {
			t.Errorf("just within the bound: %v", err)
		}
	}
}

// The bounds are the ones that the README's limits name, and those that an item of the table has room for.
func TestTheBounds(t *testing.T) {
	for name, c := range map[string][2]int{
		"refunds": {MaxRefunds, 50}, "bytes of metadata": {MaxMetadata, 2048}, "attempts": {MaxAttempts, 100},
		"history": {MaxHistory, 400}, "shards": {Shards, 16},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %d, want %d", name, c[0], c[1])
		}
	}
}

// Each step that a change must never take is found.
func TestCheckFindsAnImpossibleStep(t *testing.T) {
	before := refundingPayment(t, early, RefundIntent{Amount: 4000})
	done := apply(t, before, RefundAnswer{ID: "rf_one", Answer: AnswerDone}, early)
	unknown := apply(t, before, RefundAnswer{ID: "rf_one", Answer: AnswerLost}, early)
	heard := apply(t, before, RefundDisclosure{ID: "rf_one"}, early)
	accepted := unknown.clone()
	accepted.Refunds[0].Answer, accepted.Refunds[0].ReadAt = AnswerDone, early.Add(-bankDay)
	fail := func(p *Payment) { p.refundFailed(&p.Refunds[0], byBank, early) }
	for name, c := range map[string]struct {
		p    Payment
		step func(p *Payment)
	}{
		"captured shrank":       {before, func(p *Payment) { p.Captured-- }},
		"refunded shrank":       {done, func(p *Payment) { p.Refunded--; p.Refunds[0].Amount-- }},
		"unpaid again":          {paidPayment(t), func(p *Payment) { p.Captured = testAmount; p.Status = Expired }},
		"a sequence of its own": {before, func(p *Payment) { p.Sequence++ }},
		"history lost":          {before, func(p *Payment) { p.Sequence--; p.History = p.History[1:] }},
		"a silent overpaid":     {before, func(p *Payment) { p.Overpaid = true }},
		"a silent review":       {before, func(p *Payment) { p.Reviews = []Review{ReviewStatus} }},
		"a silent status":       {pendingPayment(t, 1), func(p *Payment) { p.Status = Declined }},
		"a refund gone":         {unknown, func(p *Payment) { p.Refunds = nil }},
		"a yes that failed":     {accepted, fail},
		"a known refund gone":   {heard, func(p *Payment) { p.Refunds = nil }},
		"a done refund made less": {done, func(p *Payment) {
			p.Refunds[0].Amount -= 100
			p.Refunds = append(p.Refunds, Refund{ID: "rf_b", Origin: OriginBank, Status: RefundSucceeded, Amount: 100})
		}},
		"a done refund undone":   {done, func(p *Payment) { p.Refunds[0].Status = RefundUnknown }},
		"unknown failed, unread": {unknown, fail},
	} {
		t.Run(name, func(t *testing.T) {
			next := c.p.clone()
			c.step(&next)
			if err := checkStep(c.p, next); err == nil || KindOf(err) != Internal {
				t.Errorf("the step passes: %v", err)
			}
		})
	}
	readTooLate := unknown.clone()
	readTooLate.Refunds[0].ReadAt = early.Add(-bankDay + time.Millisecond)
	next := readTooLate.clone()
	fail(&next)
	if checkStep(readTooLate, next) == nil {
		t.Error("an unknown refund failed by readings less than a bank day apart")
	}
	readTooLate.Refunds[0].ReadAt = early.Add(-bankDay)
	if err := checkStep(readTooLate, next); err != nil {
		t.Errorf("an unknown refund that was read twice: %v", err)
	}
}
