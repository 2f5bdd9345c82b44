package kapitalxml

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/simbank/kapital"
	"kassa/shared/simbank/kapitalxml/ledger"
)

// paid returns an approved order of 15000.
func (b *bank) paid() order {
	b.t.Helper()
	o := b.create()
	b.must(b.Approve(o.id))
	return o
}

func TestReverseOnTheBankDay(t *testing.T) {
	for _, c := range []struct {
		name   string
		cutOff string
		later  time.Duration
		status string
	}{
		{"at once", "", 0, "00"},
		{"a minute before midnight in Baku", "", 11*time.Hour + 59*time.Minute, "00"},
		{"at midnight in Baku", "", 12 * time.Hour, "30"},
		{"before the cut-off", "20:00", 7*time.Hour + 59*time.Minute, "00"},
		{"at the cut-off", "20:00", 8 * time.Hour, "30"},
		{"a year later", "", 365 * 24 * time.Hour, "30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, func(o *Options) { o.Settings.CutOff = kapital.CutOff(c.cutOff) })
			o := b.paid()
			b.clock.Add(c.later)
			answer := b.reverse(o)
			want(t, "Status", tag(answer, "Status"), c.status)
			if c.status == "00" {
				want(t, "RespCode", tag(answer, "RespCode"), "000")
				want(t, "order", b.status(o), ledger.Reversed)
				want(t, "a second reversal", tag(b.reverse(o), "Status"), "30")
				want(t, "RefundAmount", b.refunded(o), "0")
				if got := b.Ledger().Totals; got.Charged != 15000 || got.Refunded != 15000 {
					t.Errorf("ledger %+v", got)
				}
			}
		})
	}
}

func TestReverseIsAllOrNothing(t *testing.T) {
	b := open(t, nil)
	o := b.paid()
	part := b.send(follow("Reverse", o, "<Amount>100</Amount><Description></Description>"))
	want(t, "a part", tag(part, "Status"), "30")
	want(t, "refund of a part", b.refund(o, 100), "00")
	want(t, "reversal after a refund", tag(b.reverse(o), "Status"), "30")
	want(t, "reversal of an unpaid order", tag(b.reverse(b.create()), "Status"), "30")
	whole := b.paid()
	want(t, "the whole by amount", tag(b.send(follow("Reverse", whole, "<Amount>15000</Amount>")), "Status"), "00")
}

func TestEmptyRespCode(t *testing.T) {
	b := open(t, func(o *Options) { o.Settings.EmptyRespCode = true })
	o := b.paid()
	answer := b.reverse(o)
	if !strings.Contains(answer, "<Reversal><RespCode></RespCode><RespMessage></RespMessage></Reversal>") {
		t.Error(answer)
	}
	want(t, "order", b.status(o), ledger.Reversed)
}

func TestRefundArithmetic(t *testing.T) {
	b := open(t, nil)
	o := b.paid()
	want(t, "whole amount on the same day", b.refund(o, 15000), "30")
	want(t, "a part", b.refund(o, 5000), "00")
	want(t, "status", b.status(o), ledger.Approved)
	want(t, "RefundAmount", b.refunded(o), "5000")
	want(t, "one too much", b.refund(o, 10001), "30")
	want(t, "the rest", b.refund(o, 10000), "00")
	want(t, "status after all", b.status(o), ledger.Refunded)
	want(t, "RefundAmount after all", b.refunded(o), "15000")
	want(t, "more than all", b.refund(o, 1), "30")
	if got := b.Ledger().Totals; got.Charged != 15000 || got.Refunded != 15000 {
		t.Errorf("ledger %+v", got)
	}
	want(t, "an unpaid order", b.refund(b.create(), 1), "30")
}

func TestRefundSameDaySwitch(t *testing.T) {
	for rule, wanted := range map[string][3]string{"": {"30", "00", "00"}, "all": {"00", "00", "00"},
		"none": {"30", "30", "00"}} {
		b := open(t, func(o *Options) { o.Settings.RefundSameDay = rule })
		whole, part, late := b.paid(), b.paid(), b.paid()
		want(t, rule+" whole", b.refund(whole, 15000), wanted[0])
		want(t, rule+" part", b.refund(part, 1), wanted[1])
		b.clock.Add(24 * time.Hour)
		want(t, rule+" next day", b.refund(late, 15000), wanted[2])
	}
}

func TestRefundStep(t *testing.T) {
	b := open(t, func(o *Options) { o.Settings.RefundChecks = 2 })
	o := b.paid()
	want(t, "refund", b.refund(o, 5000), "00")
	want(t, "a second one meanwhile", b.refund(o, 5000), "30")
	if got := b.Ledger().Orders[0]; got.Status != ledger.OnRefund || got.Pending != 5000 || got.Refunded != 0 {
		t.Errorf("meanwhile %+v", got)
	}
	want(t, "first question", b.status(o), ledger.OnRefund)
	want(t, "second question", b.status(o), ledger.Approved)
	want(t, "RefundAmount", b.refunded(o), "5000")
	want(t, "the rest", b.refund(o, 10000), "00")
	b.must(b.EndRefund(o.id))
	want(t, "settled", b.status(o), ledger.Refunded)
}

func TestRefundThatFailsMovesNothing(t *testing.T) {
	b := open(t, func(o *Options) { o.Settings.RefundFails = true })
	o := b.paid()
	want(t, "refund", b.refund(o, 5000), "00")
	want(t, "status", b.status(o), ledger.Approved)
	want(t, "RefundAmount", b.refunded(o), "0")
}

func TestDeskRefundInTheList(t *testing.T) {
	for hide, lines := range map[bool]int{false: 2, true: 1} {
		b := open(t, func(o *Options) { o.Settings.HideDesk = hide })
		o := b.paid()
		b.must(b.DeskRefund(o.id, 3000))
		info := b.send(follow("GetOrderInformation", o, "<ShowOperations>true</ShowOperations>"))
		want(t, "RefundAmount", tag(info, "RefundAmount"), "3000")
		if got := strings.Count(info, "<OperName>"); got != lines {
			t.Errorf("hidden %v: %d operations, want %d", hide, got, lines)
		}
		if op := b.Ledger().Orders[0].Operations[1]; !op.Desk || op.Amount != 3000 {
			t.Errorf("the ledger forgets the desk: %+v", op)
		}
		if err := b.DeskReverse(o.id); err == nil {
			t.Error("a refunded order was reversed by the desk")
		}
	}
}

func TestPreAuth(t *testing.T) {
	b := open(t, func(o *Options) { o.Settings.POSOut = true })
	hold := func() order {
		o := b.created(strings.Replace(b.createDocument(""), "Purchase", "PreAuth", 1))
		b.must(b.Approve(o.id))
		want(t, "held", b.status(o), ledger.PreAuthApproved)
		return o
	}
	o := hold()
	want(t, "refund of a hold", b.refund(o, 1), "30")
	want(t, "too much", tag(b.send(follow("Completion", o, "<Amount>15001</Amount>")), "Status"), "30")
	answer := b.send(follow("Completion", o, "<Amount>9000</Amount>"))
	if !strings.Contains(answer, `<POSResponse><out><l name="ResponseCode" value="001"></l><f name="F" value="`) {
		t.Error(answer)
	}
	want(t, "completed", b.status(o), ledger.Approved)
	want(t, "twice", tag(b.send(follow("Completion", o, "")), "Status"), "30")
	want(t, "refund over the completion", b.refund(o, 9001), "30")
	whole := hold()
	want(t, "completion of all", tag(b.send(follow("Completion", whole, "<Amount>15000</Amount>")), "Status"), "00")
	b.clock.Add(24 * time.Hour)
	want(t, "refund of all", b.refund(whole, 15000), "00")
	released := hold()
	want(t, "release", tag(b.reverse(released), "Status"), "00")
	want(t, "released", b.status(released), ledger.Reversed)
	if got := b.Ledger().Totals; got.Charged != 24000 || got.Refunded != 15000 {
		t.Errorf("ledger %+v", got)
	}
}

func TestWrongAmountAndCurrencyAtTheBank(t *testing.T) {
	b := open(t, nil)
	o := b.paid()
	b.must(b.SetAmount(o.id, 14999))
	b.must(b.SetCurrency(o.id, "840"))
	info := b.send(follow("GetOrderInformation", o, ""))
	want(t, "Amount", tag(info, "Amount"), "14999")
	want(t, "Currency", tag(info, "Currency"), "840")
	if got := b.Ledger().Totals.Charged; got != 14999 {
		t.Errorf("charged %d", got)
	}
}

func TestAHundredOperationsAtOnce(t *testing.T) {
	b := open(t, func(o *Options) { o.DataFile = t.TempDir() + "/bank.db" })
	o := b.paid()
	var wait sync.WaitGroup
	statuses := make([]string, 100)
	for i := range statuses {
		wait.Add(1)
		go func() {
			defer wait.Done()
			switch i % 5 {
			case 3:
				b.create()
			case 4:
				b.status(o)
			default:
				statuses[i] = b.refund(o, 1500)
			}
		}()
	}
	wait.Wait()
	if got := strings.Count(fmt.Sprint(statuses), "00"); got != 10 {
		t.Errorf("%d refunds of a tenth passed, want 10", got)
	}
	ids := map[string]bool{}
	for _, a := range b.Ledger().Orders {
		ids[a.OrderID] = true
	}
	if total := b.Ledger().Totals; len(ids) != 21 || total.Charged != 15000 || total.Refunded != 15000 {
		t.Errorf("%d orders, %+v", len(ids), total)
	}
}
