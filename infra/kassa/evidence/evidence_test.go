package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/boot"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
	"kassa/shared/wording"
)

var start = time.Date(2026, 3, 1, 20, 30, 5, 0, time.UTC)

const canary = "CANARY"

// disputed is a payment with something of everything, and canaries wherever nothing may come from.
func disputed() payment.Payment {
	later := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	id := payment.ID{Order: payment.OrderKey("nar", "A/17 №5"), Attempt: 2}
	refund := payment.RefundID(id, "k")
	p := payment.Payment{ID: id, Shop: "nar", OrderRef: "A/17 №5 <b>", Bank: "kapital",
		Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Description: canary,
		Metadata: map[string]string{canary: canary}, Return: payment.ReturnURLs{Success: canary}, CreatedAt: start,
		CallbackToken: canary, ClientToken: canary, RedirectURL: canary,
		Handle: payment.Handle{OrderID: "828", Private: canary, Account: payment.Account{Merchant: "E1000010",
			Environment: "prod"}},
		Status: payment.PartiallyRefunded, BankStatus: "APPROVED", BankCode: "001", Captured: 15000, Refunded: 5000,
		PaidAt: later(3), Late: true, Overpaid: true, Reviews: []payment.Review{payment.ReviewRegress},
		Receipt: payment.NewReceipt("047347", "614012345678", "4169741330151778", "VISA"),
		Notices: []payment.Notice{{Handle: payment.Handle{OrderID: "828", Private: canary}, At: later(9),
			Report: payment.Report{Word: "REVERSED 4169 7413 3015 1778"}}},
		Refunds: []payment.Refund{{ID: refund, Amount: 5000, Status: payment.RefundSucceeded, Origin: payment.OriginShop,
			By: "shop:" + canary, Reason: canary, Reference: canary, Owner: canary, BankRefundID: "17302955",
			RequestedAt: later(5), SettledAt: later(6)}},
		Resolutions: []payment.Resolution{{Sequence: 6, At: later(8), How: payment.ResolveDismiss, By: "operator:" + canary,
			Why: canary}},
		Deliveries: []delivery.Delivery{
			{Sequence: 3, State: delivery.Delivered, Tries: 2, At: later(4), Code: "204"},
			{Sequence: 5, State: delivery.Dead, Tries: 10, At: later(7), Code: "timeout"}},
		Rev: canary, Extra: canary}
	for i, e := range []payment.Entry{{What: "created", By: "kassa"}, {What: "pending", By: "bank"},
		{What: "paid", By: "bank", Code: "001"}, {What: "refund_requested", By: "shop:" + canary, Ref: refund},
		{What: "refund_succeeded", By: "bank", Ref: refund}, {What: "review:regress", By: "operator:" + canary}} {
		e.Sequence, e.At = int64(i+1), later(i)
		p.History = append(p.History, e)
	}
	return p
}

// TestADecisionIsNoProof: what a person recorded as given back is told as a decision; the bank has not stated it.
func TestADecisionIsNoProof(t *testing.T) {
	p := disputed()
	kinds := func() (all []string) {
		for _, proof := range document(t, p).Record.Proofs {
			all = append(all, proof.Kind)
		}
		return all
	}
	if got := kinds(); !slices.Contains(got, "money_given_back") {
		t.Errorf("the bank's own: %q", got)
	}
	p.History[4].By = "operator:" + canary
	if got := kinds(); slices.Contains(got, "money_given_back") || !slices.Contains(got, "money_taken") {
		t.Errorf("an operator's: %q", got)
	}
}

func document(t *testing.T, p payment.Payment) Document {
	t.Helper()
	d, err := Of(p, boot.Profiles()[p.Bank], start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (d Document) forms(t *testing.T) map[string]string {
	t.Helper()
	var text bytes.Buffer
	if err := d.JSON(&text); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"json": text.String()}
	for _, language := range wording.Languages() {
		text.Reset()
		if err := d.HTML(&text, language); err != nil {
			t.Fatal(err)
		}
		all[language] = text.String()
	}
	return all
}

// TestNothingComesAlong that is none of the bank's business, and no card's number, in any form.
func TestNothingComesAlong(t *testing.T) {
	for form, text := range document(t, disputed()).forms(t) {
		if strings.Contains(text, canary) || regexp.MustCompile(`4169 ?7413`).MatchString(text) {
			t.Errorf("%s: %s", form, text)
		}
		for _, want := range []string{"416974******1778", "614012345678", "17302955", "E1000010", "(left out)"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %s", form, want)
			}
		}
	}
}

// TestTheDigestIsOfTheLine that stands in each form, once; it is the same whenever the document is made and in whatever
// language, and another for whatever changes.
func TestTheDigestIsOfTheLine(t *testing.T) {
	d := document(t, disputed())
	for form, text := range d.forms(t) {
		lines := regexp.MustCompile(`(?m)^\{"evidence_of".*$`).FindAllString(text, -1)
		if len(lines) != 1 {
			t.Fatalf("%s has %d lines", form, len(lines))
		}
		sum := sha256.Sum256([]byte(lines[0]))
		if got := hex.EncodeToString(sum[:]); got != d.Digest || !strings.Contains(text, got) {
			t.Errorf("%s: %s, want %s", form, got, d.Digest)
		}
	}
	again, err := Of(disputed(), boot.Profiles()["kapital"], start.Add(48*time.Hour))
	if err != nil || again.Digest != d.Digest {
		t.Error("a document that is made later has another digest", err)
	}
	other := disputed()
	other.Receipt.RRN = "614012345679"
	if document(t, other).Digest == d.Digest {
		t.Error("another receipt has the same digest")
	}
	var read struct {
		Digest   struct{ Value string }
		Evidence Record
	}
	if err := json.Unmarshal([]byte(d.forms(t)["json"]), &read); err != nil || read.Digest.Value != d.Digest ||
		read.Evidence.CreatedAt == nil || *read.Evidence.CreatedAt != (Moment{"2026-03-01T20:30:05Z",
		"2026-03-02T00:30:05+04:00"}) {
		t.Errorf("%v %+v", err, read)
	}
}

// TestThePageNeedsNothing from anywhere, says everything in its language, and shows times by both clocks.
func TestThePageNeedsNothing(t *testing.T) {
	for language, text := range document(t, disputed()).forms(t) {
		if language == "json" {
			continue
		}
		if m := regexp.MustCompile(`(?:src|href|url|@import)\b\s*[=(]|https?:|\[[a-z_]+\.[a-z_.]+\]|<b>|ZgotmplZ`).
			FindString(text); m != "" {
			t.Errorf("%s has %q", language, m)
		}
		for _, want := range []string{`<html lang="` + language + `">`, "2026-03-02 00:30:05 +04:00",
			"2026-03-01 20:30:05 UTC", "A/17 №5 &lt;b&gt;", "50.00 AZN", "prefers-color-scheme: dark", "@media print",
			"default-src 'none'"} {
			if !strings.Contains(text, strings.ReplaceAll(want, "+", "&#43;")) {
				t.Errorf("%s lacks %s", language, want)
			}
		}
	}
}

// TestEveryPaymentHasItsPage: one of which hardly anything is known, one that was refused, one by instalments, and one
// with words of a newer version.
func TestEveryPaymentHasItsPage(t *testing.T) {
	bare := payment.Payment{ID: disputed().ID, Bank: "kartapokupok", Status: payment.Created, CreatedAt: start,
		Amount: payment.Money{Minor: 100, Currency: payment.BYN}, Term: 12}
	refused := disputed()
	refused.Status, refused.Captured, refused.EndStated, refused.EndedAt = payment.Declined, 0, true, start
	refused.Decline = payment.Decline{Code: "057", Hint: payment.HintCallBank}
	newer := disputed()
	newer.Bank, newer.History[0].What, newer.History[0].By, newer.Resolutions[0].How = "next", "held", "robot", "waived"
	newer.Deliveries[0].State, newer.Refunds[0].Status, newer.Deliveries[1].Sequence = "asleep", "waits", 99
	for name, c := range map[string]struct {
		p    payment.Payment
		says string
	}{"bare": {bare, "2026-03-01 23:30:05 &#43;03:00"}, "refused": {refused, "code 057"},
		"newer": {newer, "waived"}} {
		text := document(t, c.p).forms(t)["en"]
		if !strings.Contains(text, c.says) || strings.Contains(text, "[evidence.") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestEveryTextIsSaid: each key of the page's own table stands in the page, and has a text in each language.
func TestEveryTextIsSaid(t *testing.T) {
	table, err := wording.Read(words)
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Count("\n"+words, "\n= ")
	said := 0
	for _, key := range table.In("en").Keys() {
		rest, mine := strings.CutPrefix(key, "evidence.")
		list, _, listed := strings.Cut(rest, ".")
		switch {
		case !mine:
		case listed && strings.Contains(page, `word "evidence.`+list+`"`), strings.Contains(page, `say "`+key+`"`):
			said++
		default:
			t.Errorf("the page does not say %s", key)
		}
	}
	if said != own {
		t.Errorf("%d of %d texts are said", said, own)
	}
	same := regexp.MustCompile(`^(who\.(bank|operator)|evidence\.bank)$`)
	if problems := table.Problems(same); len(problems) > 0 {
		t.Error(strings.Join(problems, "\n"))
	}
}
