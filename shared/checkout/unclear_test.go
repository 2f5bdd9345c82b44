package checkout_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank/kartapokupok"
	"kassa/shared/metric"
	"kassa/shared/payment"
	kartapokupoksim "kassa/shared/simbank/kartapokupok"
)

// logged lets the test read what is logged from now on.
func (b *partner) logged() *strings.Builder {
	var lines strings.Builder
	b.svc.Log = slog.New(slog.NewTextHandler(&lockedWriter{b: &lines}, nil))
	return &lines
}

// unclearMessages are signed approvals that nobody can understand.
func unclearMessages() map[string]kartapokupoksim.Message {
	return map[string]kartapokupoksim.Message{
		"a currency that is none":     {Status: "APPROVED", Currency: "rubles"},
		"a session that is none":      {Status: "APPROVED", SessionID: "ours\u202eyours"},
		"a status that is no word":    {Status: "Approved, the customer was told"},
		"an order that cannot be one": {Status: "APPROVED", OrderRef: "A\u00a0№ 1"},
	}
}

// What the bank has signed is never lost: the bank is answered 200, the message is kept and due, a person is called,
// and the bank's answer to our own question settles it.
func TestASignedMessageThatNobodyUnderstandsIsKept(t *testing.T) {
	for name, message := range unclearMessages() {
		b := newPartner(t, nil, nil)
		b.open()
		lines := b.logged()
		_, err := b.sim.Callback(context.Background(), b.session(), message)
		b.must(err)
		b.stands(name, payment.Pending, false, payment.ReviewStatus)
		p := b.read()
		if len(p.Notices) != 1 || b.codes[len(b.codes)-1] != 200 || p.DueAt.IsZero() ||
			p.DueAt.After(b.now().Add(time.Minute)) {
			t.Errorf("%s: kept %v, due %s, the bank was answered %v", name, p.Notices, p.DueAt, b.codes)
		}
		if !strings.Contains(lines.String(), "level=ERROR") || !strings.Contains(lines.String(), p.ID.String()) {
			t.Errorf("%s: nobody is told: %s", name, lines)
		}
		if _, err := b.svc.Initiate(context.Background(), b.order()); payment.CodeOf(err) != "order_under_review" {
			t.Errorf("%s: the order is open for another attempt: %v", name, err)
		}
		b.set(func(s *kartapokupoksim.Settings) { s.Callback = "drop" })
		b.must(b.sim.Approve(b.session()))
		b.advance(time.Minute)
		b.sweep()
		b.stands(name+", a minute later", payment.Paid, false)
		if p := b.read(); len(p.Notices) != 0 || !p.DueAt.IsZero() {
			t.Errorf("%s: still kept: %v, due %v", name, p.Notices, p.DueAt)
		}
	}
}

// Where the bank cannot be asked, it waits for a person, however long: a loan that was granted does not become an
// expired payment.
func TestASignedMessageThatNobodyUnderstandsOutlivesThePage(t *testing.T) {
	b := newPartner(t, func(s *kartapokupoksim.Settings) { s.NeverExpire = true }, noStatusCall)
	b.open()
	_, err := b.sim.Callback(context.Background(), b.session(),
		kartapokupoksim.Message{Status: "APPROVED", Currency: "rubles"})
	b.must(err)
	for range 80 {
		b.advance(12 * time.Hour)
		b.sweep()
	}
	b.stands("after forty days", payment.Pending, false, payment.ReviewStatus)
	p, err := payment.Apply(b.read(), payment.Ruling{How: payment.ResolveDismiss, By: payment.ByOperator("aysel"),
		Why: "the desk knows of none"}, b.now())
	b.must(err)
	_, err = b.store.Save(context.Background(), p)
	b.must(err)
	b.advance(24 * time.Hour)
	b.sweep()
	b.stands("when a person has looked", payment.Expired, false)
}

// A word that is not known is reported as of an answer with that word: an ERROR line and the metric, and nothing is
// decided.
func TestAnUnknownWordIsReportedWhereverItComes(t *testing.T) {
	for name, say := range map[string]func(*partner) error{
		"a signed callback": func(b *partner) error {
			_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "SETTLED"})
			return err
		},
		"an answer": func(b *partner) error {
			b.must(b.sim.SetStatus(b.session(), "SETTLED"))
			b.advance(6 * time.Second)
			_, err := b.svc.Read(b.ctx, b.read().ID, b.read().CallbackToken, callbackFromBrowser)
			return err
		},
	} {
		b := newPartner(t, nil, nil)
		b.open()
		lines := b.logged()
		ctx, tally := metric.Begin(context.Background())
		b.ctx = ctx
		b.must(say(b))
		b.stands(name, payment.Pending, false)
		if !strings.Contains(lines.String(), "level=ERROR") || !strings.Contains(lines.String(), "bank_status=SETTLED") {
			t.Errorf("%s: %s", name, lines)
		}
		if figures(t, tally)[metric.BankUnclear] != 1 {
			t.Errorf("%s: figures %v", name, figures(t, tally))
		}
	}
}

// An ended client certificate keeps nobody from verifying what the bank has signed: the message is kept, and settled
// when the bank can be asked again; at once where its signature is enough.
func TestAnEndedCertificateLosesNoSignedMessage(t *testing.T) {
	for name, settings := range map[string]map[string]any{"re-read": nil, "by the signature alone": noStatusCall} {
		b := newPartner(t, nil, settings)
		b.open()
		sound := b.svc.Banks
		k, err := kartapokupok.New(b.secret, kartapokupok.Options{Stage: "test", Now: func() time.Time {
			return b.now().AddDate(50, 0, 0)
		}})
		if k == nil || payment.KindOf(err) != payment.Misconfigured {
			t.Fatal(name, k, err)
		}
		b.svc.Banks = instalmentBank{k}
		b.must(b.sim.Approve(b.session()))
		if b.codes[len(b.codes)-1] != 200 {
			t.Errorf("%s: the bank was answered %v", name, b.codes)
		}
		if settings != nil {
			b.stands(name, payment.Paid, false)
			continue
		}
		b.stands(name, payment.Pending, false)
		if p := b.read(); len(p.Notices) != 1 {
			t.Errorf("%s: kept %v", name, p.Notices)
		}
		other := b.order()
		other.Ref = "B"
		if _, err := b.svc.Initiate(t.Context(), other); payment.KindOf(err) != payment.Misconfigured {
			t.Errorf("%s: an order is opened: %v", name, err)
		}
		if all, err := b.store.Attempts(t.Context(), payment.OrderKey("demo", "B")); err != nil || len(all) != 0 {
			t.Errorf("%s: what cannot be opened is on record: %v, %v", name, all, err)
		}
		b.svc.Banks = sound
		b.advance(time.Minute)
		b.sweep()
		b.stands(name+", when the certificate is new", payment.Paid, false)
	}
}

// Where the bank's keys are wrong and its line is not, a message is no proof and still a reason to ask; where there is
// nothing to ask with, the bank must call again.
func TestAWrongKeyLeavesTheQuestion(t *testing.T) {
	for name, settings := range map[string]map[string]any{"asked": nil, "nobody to ask": noStatusCall} {
		b := newPartner(t, nil, settings)
		b.open()
		broken := strings.ReplaceAll(string(b.secret), "BEGIN PUBLIC KEY", "BEGIN NOTHING")
		k, err := kartapokupok.New([]byte(broken), kartapokupok.Options{Stage: "test", Now: b.now})
		if k == nil {
			t.Fatal(err)
		}
		b.svc.Banks = instalmentBank{k}
		lines := b.logged()
		b.must(b.sim.Approve(b.session()))
		if !strings.Contains(lines.String(), "level=ERROR") {
			t.Errorf("%s: nobody is told: %s", name, lines)
		}
		if settings == nil {
			b.stands(name, payment.Paid, false)
		} else if b.stands(name, payment.Pending, false); b.codes[len(b.codes)-1] == 200 {
			t.Errorf("%s: the bank was answered %v", name, b.codes)
		}
	}
}

// A bank that repeats what is kept already waits for nothing: one question in five seconds, and its answer at once.
func TestARepeatedSignedMessageWaitsForNothing(t *testing.T) {
	b := newPartner(t, nil, nil)
	b.open()
	for range 2 {
		_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "APPROVED"})
		b.must(err)
	}
	b.svc.Wait = func(context.Context, time.Duration) bool {
		t.Error("a repeated message waits")
		return false
	}
	for range 20 {
		_, err := b.sim.Callback(context.Background(), b.session(), kartapokupoksim.Message{Status: "APPROVED"})
		b.must(err)
	}
	if p := b.read(); len(p.Notices) != 1 || b.codes[len(b.codes)-1] != 200 {
		t.Errorf("kept %v, the bank was answered %v", p.Notices, b.codes)
	}
}

// Words that nobody knows, of any form, change nothing and are told; in one run of the sweep they hold up no other
// payment of the same shop's bank.
func TestUnknownWordsHoldUpNobody(t *testing.T) {
	b := newPartner(t, nil, nil)
	odd := []string{"WAIT_3DS", "3DS2-FAILED", "17", "X", "v1.2:new"}
	for i, word := range append(odd, "APPROVED") {
		o := b.order()
		o.Ref = string(rune('A' + i))
		opened, err := b.svc.Initiate(t.Context(), o)
		b.must(err)
		b.must(b.sim.SetStatus(opened.Payment.Handle.OrderID, word))
		b.advance(time.Second)
	}
	lines := b.logged()
	ctx, tally := metric.Begin(t.Context())
	b.advance(time.Hour)
	swept, err := b.svc.Sweep(ctx)
	if err != nil || swept.Asked != len(odd)+1 || swept.Failed != 0 {
		t.Errorf("%+v, %v: %s", swept, err, lines)
	}
	if figures(t, tally)[metric.BankUnclear] != int64(len(odd)) ||
		strings.Count(lines.String(), "level=ERROR") != len(odd) {
		t.Errorf("%v: %s", figures(t, tally), lines)
	}
	for i := range len(odd) + 1 {
		all, err := b.store.Attempts(t.Context(), payment.OrderKey("demo", string(rune('A'+i))))
		b.must(err)
		want := payment.Pending
		if i == len(odd) {
			want = payment.Paid
		}
		if all[0].Status != want {
			t.Errorf("%d is %s", i, all[0].Status)
		}
	}
}
