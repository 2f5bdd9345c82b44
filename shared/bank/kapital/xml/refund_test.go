package xml

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
	"kassa/shared/simbank/kapitalxml"
)

func baku(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-05-"+text, time.FixedZone("", 4*3600))
	if err != nil {
		panic(err)
	}
	return at.UTC() // what the core hands over is UTC
}

func TestFirstVerb(t *testing.T) {
	x := tell(t, nil, nil)
	for _, c := range []struct {
		paid, now        string
		amount, returned int64
		want             string
	}{
		{"20 12:00:00", "20 13:00:00", 15000, 0, reverse},
		{"20 00:00:00", "20 22:59:59", 15000, 0, reverse},
		{"20 12:00:00", "20 23:00:00", 15000, 0, refund},     // the cut-off
		{"20 23:30:00", "20 23:59:59", 15000, 0, refund},     // paid after the cut-off
		{"20 23:59:59", "21 00:00:00", 15000, 0, refund},     // the day is another one in Baku, not in UTC
		{"20 03:59:59", "20 04:00:01", 15000, 0, reverse},    // the day is another one in UTC, not in Baku
		{"20 12:00:00", "21 11:00:00", 15000, 0, refund},     // less than 24 h, another day
		{"20 12:00:00", "20 13:00:00", 14999, 0, refund},     // a part
		{"20 12:00:00", "20 13:00:00", 10000, 5000, refund},  // the rest
		{"20 12:00:00", "20 13:00:00", 15000, 15000, refund}, // nonsense, and no whole
	} {
		r := scriptRefund(c.amount)
		r.PaidAt, r.Now, r.Returned = baku(c.paid), baku(c.now), c.returned
		verbs := x.verbs(r)
		if verbs[0] != c.want || (len(verbs) == 2) != r.Whole() {
			t.Errorf("paid %s, now %s, %d after %d: %q, want %s first", c.paid, c.now, c.amount, c.returned, verbs, c.want)
		}
	}
}

// Each code of the gateway after a Refund of a part: what it means, and that it is sent once.
func TestRefundCodes(t *testing.T) {
	for code, want := range map[string]payment.Kind{
		"10": payment.Uncertain, "30": payment.Refused, "54": payment.Refused, "55": payment.Refused,
		"055": payment.Refused, "095": payment.Refused, "205": payment.Refused, "800": payment.Refused,
		"801": payment.Refused,
		"72":  payment.Uncertain, "96": payment.Uncertain, "97": payment.Uncertain, "11": payment.Uncertain,
		"98": payment.Uncertain,
		"95": payment.Uncertain, "000": payment.Uncertain, "001": payment.Uncertain, "0": payment.Uncertain,
		"078": payment.Uncertain,
		"810": payment.Uncertain, "811": payment.Uncertain, "-1": payment.Uncertain, "": payment.Uncertain,
	} {
		x := tell(t, map[string][]string{refund: {says(refund, code, "")}, getOrderStatus: {saysStatus("APPROVED")},
			getOrderInformation: {saysRow("APPROVED", "0", "")}}, nil)
		_, err := x.Refund(t.Context(), scriptRefund(5000))
		if payment.KindOf(err) != want || err == nil {
			t.Errorf("code %q: %v, want %s", code, err, want)
		}
		if code != "" && !strings.Contains(err.Error(), code) {
			t.Errorf("code %q is not told: %v", code, err)
		}
		if n := strings.Count(strings.Join(x.asked, " "), refund); n != 1 ||
			strings.Contains(strings.Join(x.asked, " "), reverse) {
			t.Errorf("code %q: the bank was asked %q", code, x.asked)
		}
	}
}

// A proxy, or the gateway's own sign-in, can turn a request away whose money has moved: nobody knows then, and no verb
// follows.
func TestTurnedAwayAfterTheEffect(t *testing.T) {
	answers := map[string]func(*simulated) error{"10": func(s *simulated) error { return s.fault("status_10_after") }}
	for _, status := range []int{301, 302, 303, 307, 401, 403, 404, 405} {
		answers[fmt.Sprint("HTTP status ", status)] = func(s *simulated) error {
			s.proxy = status
			return nil
		}
	}
	for what, turnAway := range answers {
		for verb, amount := range map[string]int64{refund: 5000, reverse: 15000} {
			t.Run(what+" to "+verb, func(t *testing.T) {
				s := simulate(t, "certificate", nil)
				r := bank.Refund{Handle: s.paid(t), ID: "rf_abc", Amount: payment.Money{Minor: amount, Currency: payment.AZN},
					Captured: 15000, PaidAt: s.now, Now: s.now}
				if err := turnAway(s); err != nil {
					t.Fatal(err)
				}
				_, err := s.Refund(t.Context(), r)
				if payment.KindOf(err) != payment.Uncertain || !strings.Contains(err.Error(), what) {
					t.Errorf("%v, want Uncertain, and what was answered", err)
				}
				if s.asked(verb) != 1 || s.asked(reverse)+s.asked(refund) != 1 || s.sim.Ledger().Totals.Refunded != amount {
					t.Errorf("after %d Reverse and %d Refund the bank gave back %d", s.asked(reverse), s.asked(refund),
						s.sim.Ledger().Totals.Refunded)
				}
			})
		}
	}
}

func TestReverseProof(t *testing.T) {
	for name, c := range map[string]struct {
		answer, word string
		kind         payment.Kind // of the error; Internal for none
	}{
		"approved":                    {"<Reversal><RespCode>000</RespCode></Reversal>", "APPROVED", payment.Internal},
		"approved or no link, done":   {"<Reversal><RespCode>001</RespCode></Reversal>", "REVERSED", payment.Internal},
		"approved or no link, undone": {"<Reversal><RespCode>001</RespCode></Reversal>", "APPROVED", payment.Uncertain},
		"empty, done":                 {"<Reversal><RespCode></RespCode></Reversal>", "REVERSED", payment.Internal},
		"empty, undone":               {"<Reversal><RespCode></RespCode></Reversal>", "APPROVED", payment.Uncertain},
		"null, done":                  {"<Reversal><RespCode>null</RespCode></Reversal>", "REVERSED", payment.Internal},
		"absent, done":                {"", "REVERSED", payment.Internal},
		"absent, other end":           {"", "REFUNDED", payment.Uncertain},
		"00 is no host approval":      {"<Reversal><RespCode>00</RespCode></Reversal>", "APPROVED", payment.Uncertain},
		"timeout of the host":         {"<Reversal><RespCode>810</RespCode></Reversal>", "APPROVED", payment.Uncertain},
		"duplicate":                   {"<Reversal><RespCode>078</RespCode></Reversal>", "APPROVED", payment.Uncertain},
		"limit":                       {"<Reversal><RespCode>095</RespCode></Reversal>", "APPROVED", payment.Refused},
		"a code of words": {"<Reversal><RespCode>OK 4169741330151124</RespCode></Reversal>", "APPROVED",
			payment.Uncertain},
	} {
		x := tell(t, map[string][]string{reverse: {says(reverse, "00", c.answer)}, getOrderStatus: {saysStatus(c.word)},
			getOrderInformation: {saysRow(c.word, "0", "")}}, nil)
		id, err := x.Refund(t.Context(), scriptRefund(15000))
		if payment.KindOf(err) != c.kind || (err == nil) != (c.kind == payment.Internal) {
			t.Errorf("%s: %v", name, err)
		}
		if id != "" {
			t.Errorf("%s: an id %q", name, id)
		}
		if err != nil && strings.Contains(err.Error(), "4169") {
			t.Errorf("%s: the bank's text is told: %v", name, err)
		}
		if strings.Contains(strings.Join(x.asked, " "), " "+refund) {
			t.Errorf("%s: the bank was asked %q", name, x.asked)
		}
	}
}

func TestSecondVerb(t *testing.T) {
	untouched, row := saysStatus("APPROVED"), saysRow("APPROVED", "0", "")
	for name, c := range map[string]struct {
		script map[string][]string
		kind   payment.Kind
		asked  string
	}{
		"refused, untouched": {map[string][]string{reverse: {says(reverse, "30", "")}, refund: {says(refund, "00", "")},
			getOrderStatus: {untouched}, getOrderInformation: {row}},
			payment.Internal, "Reverse GetOrderStatus GetOrderInformation Refund"},
		"refused by the host": {
			map[string][]string{reverse: {says(reverse, "00", "<Reversal><RespCode>801</RespCode></Reversal>")},
				refund: {says(refund, "00", "")}, getOrderStatus: {untouched}, getOrderInformation: {row}},
			payment.Internal, "Reverse GetOrderStatus GetOrderInformation Refund"},
		"both refused": {map[string][]string{reverse: {says(reverse, "30", "")}, refund: {says(refund, "205", "")},
			getOrderStatus: {untouched}, getOrderInformation: {row}},
			payment.Refused, "Reverse GetOrderStatus GetOrderInformation Refund GetOrderStatus GetOrderInformation"},
		"both refused, and yet refunded": {
			map[string][]string{reverse: {says(reverse, "30", "")}, refund: {says(refund, "30", "")},
				getOrderStatus:      {untouched, saysStatus("REFUNDED")},
				getOrderInformation: {row, saysRow("REFUNDED", "15000", "")}},
			payment.Uncertain, "Reverse GetOrderStatus GetOrderInformation Refund GetOrderStatus GetOrderInformation"},
		"second one lost": {map[string][]string{reverse: {says(reverse, "30", "")}, refund: {says(refund, "96", "")},
			getOrderStatus: {untouched}, getOrderInformation: {row}},
			payment.Uncertain, "Reverse GetOrderStatus GetOrderInformation Refund"},
		"refused for another reason": {map[string][]string{reverse: {says(reverse, "55", "")}, getOrderStatus: {untouched},
			getOrderInformation: {row}},
			payment.Refused, "Reverse GetOrderStatus GetOrderInformation"},
		"turned away": {map[string][]string{reverse: {says(reverse, "10", "")}},
			payment.Uncertain, "Reverse"},
		"not refused but lost": {map[string][]string{reverse: {says(reverse, "97", "")}},
			payment.Uncertain, "Reverse"},
		"status unknown": {map[string][]string{reverse: {says(reverse, "30", "")},
			getOrderStatus: {says(getOrderStatus, "96", "")}},
			payment.Uncertain, "Reverse GetOrderStatus"},
		"refused, and yet reversed": {map[string][]string{reverse: {says(reverse, "30", "")},
			getOrderStatus: {saysStatus("REVERSED")}, getOrderInformation: {saysRow("REVERSED", "0", "")}},
			payment.Uncertain, "Reverse GetOrderStatus GetOrderInformation"},
		"refused, and yet refunded": {map[string][]string{reverse: {says(reverse, "30", "")},
			getOrderStatus: {saysStatus("REFUNDED")}, getOrderInformation: {saysRow("REFUNDED", "15000", "")}},
			payment.Uncertain, "Reverse GetOrderStatus GetOrderInformation"},
		"refused, and something went back": {map[string][]string{reverse: {says(reverse, "30", "")},
			getOrderStatus: {saysStatus("REFUNDED")}, getOrderInformation: {saysRow("REFUNDED", "0", "")}},
			payment.Uncertain, "Reverse GetOrderStatus GetOrderInformation"},
		"a part went back meanwhile": {map[string][]string{reverse: {says(reverse, "30", "")}, getOrderStatus: {untouched},
			getOrderInformation: {saysRow("APPROVED", "5000", "")}},
			payment.Refused, "Reverse GetOrderStatus GetOrderInformation"},
		"a refund runs": {map[string][]string{reverse: {says(reverse, "30", "")}, getOrderStatus: {saysStatus("ON-REFUND")},
			getOrderInformation: {saysRow("ON-REFUND", "0", "")}},
			payment.Uncertain, "Reverse GetOrderStatus GetOrderInformation"},
		"a refund runs, and the row is behind": {map[string][]string{reverse: {says(reverse, "30", "")},
			getOrderStatus: {saysStatus("ON-REFUND")}, getOrderInformation: {row}},
			payment.Uncertain, "Reverse GetOrderStatus GetOrderInformation"},
		"reversed, and the row is behind": {map[string][]string{reverse: {says(reverse, "30", "")},
			getOrderStatus: {saysStatus("REVERSED")}, getOrderInformation: {row}},
			payment.Uncertain, "Reverse GetOrderStatus GetOrderInformation"},
	} {
		x := tell(t, c.script, nil)
		_, err := x.Refund(t.Context(), scriptRefund(15000))
		if payment.KindOf(err) != c.kind || (err == nil) != (c.kind == payment.Internal) {
			t.Errorf("%s: %v", name, err)
		}
		if got := strings.Join(x.asked, " "); got != c.asked {
			t.Errorf("%s: the bank was asked %s, want %s", name, got, c.asked)
		}
	}
}

// The bank is asked for amounts above zero in its own currency, down to one qepik, and for nothing else.
func TestRefundAmounts(t *testing.T) {
	for name, c := range map[string]struct {
		amount payment.Money
		sent   bool
	}{
		"one qepik":         {payment.Money{Minor: 1, Currency: payment.AZN}, true},
		"two":               {payment.Money{Minor: 2, Currency: payment.AZN}, true},
		"nothing":           {payment.Money{Currency: payment.AZN}, false},
		"less than nothing": {payment.Money{Minor: -1, Currency: payment.AZN}, false},
		"dollars":           {payment.Money{Minor: 5000, Currency: payment.USD}, true},
		"no dollars":        {payment.Money{Currency: payment.USD}, false},
		"yen":               {payment.Money{Minor: 5000, Currency: "JPY"}, false},
	} {
		x := tell(t, map[string][]string{refund: {golden(t, "answer_refund.xml")}}, nil)
		r := scriptRefund(5000)
		r.Amount = c.amount
		_, err := x.Refund(t.Context(), r)
		if sent := len(x.asked) == 1; sent != c.sent || (err == nil) != c.sent || !c.sent &&
			payment.CodeOf(err) != "amount_refused" {
			t.Errorf("%s: %v after asking %q", name, err, x.asked)
		}
	}
}

// Exactly these codes call the verb wrong, in either place where the bank states one; after any other the second verb
// is not tried.
func TestCodesOfTheWrongVerb(t *testing.T) {
	wrongVerb := map[string]bool{"30": true, "54": true, "055": true, "801": true}
	host := func(code string) string {
		return says(reverse, "00", "<Reversal><RespCode>"+code+"</RespCode></Reversal>")
	}
	answers := map[string]string{}
	for _, code := range []string{"055", "095", "205", "800", "801"} {
		answers[code+" by the host"], answers[code+" by the gateway"] = host(code), says(reverse, code, "")
	}
	for _, code := range []string{"30", "54", "55"} {
		answers[code+" by the gateway"] = says(reverse, code, "")
	}
	for name, answer := range answers {
		x := tell(t, map[string][]string{reverse: {answer}, refund: {says(refund, "00", "")},
			getOrderStatus: {saysStatus("APPROVED")}, getOrderInformation: {saysRow("APPROVED", "0", "")}}, nil)
		_, err := x.Refund(t.Context(), scriptRefund(15000))
		code, _, _ := strings.Cut(name, " ")
		if second := slices.Contains(x.asked, refund); second != wrongVerb[code] || (err == nil) != second {
			t.Errorf("%s: %v after asking %q", name, err, x.asked)
		}
	}
	if otherVerb(nil) || otherVerb(errors.New("30")) {
		t.Error("an error that is none of the bank's calls the verb wrong")
	}
}

// A part was refused, and the bank calls the payment refunded without a figure: that can be this part. Where one went
// back before, only a code that speaks of the order's state leaves it open. Nor does a status tell anything that says
// nothing of the money.
func TestPartRefusedAndYetRefunded(t *testing.T) {
	for name, c := range map[string]struct {
		code, word, total string
		before            int64
		want              payment.Kind
	}{
		"a first part":                     {"30", "REFUNDED", "0", 0, payment.Uncertain},
		"a second part, of its state":      {"30", "REFUNDED", "0", 2000, payment.Uncertain},
		"a second part, of the account":    {"205", "REFUNDED", "0", 2000, payment.Refused},
		"a second part, and a total of it": {"30", "REFUNDED", "2000", 2000, payment.Refused},
		"more went back beside it":         {"30", "REFUNDED", "7500", 2000, payment.Uncertain},
		"a first part, and no total":       {"30", "APPROVED", "null", 0, payment.Refused},
		"a second part, and no total":      {"30", "APPROVED", "null", 1, payment.Uncertain},
		"a word that says nothing":         {"205", "ERROR", "0", 2000, payment.Uncertain},
	} {
		x := tell(t, map[string][]string{refund: {says(refund, c.code, "")}, getOrderStatus: {saysStatus(c.word)},
			getOrderInformation: {saysRow(c.word, c.total, "")}}, nil)
		r := scriptRefund(5000)
		r.Returned = c.before
		if _, err := x.Refund(t.Context(), r); payment.KindOf(err) != c.want ||
			strings.Count(strings.Join(x.asked, " "), refund) != 1 {
			t.Errorf("%s: %v after asking %q, want %s", name, err, x.asked, c.want)
		}
	}
}

// The bank closes its day earlier or later than the settings say: the other verb does it, once.
func TestDaysDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		ours    string
		theirs  func(*kapitalxml.Settings)
		perform string
	}{
		"the bank closes earlier": {"23:00", func(s *kapitalxml.Settings) { s.CutOff = "11:00" }, "Reverse Refund"},
		"the bank closes later":   {"11:00", func(*kapitalxml.Settings) {}, "Refund Reverse"},
	} {
		t.Run(name, func(t *testing.T) {
			s := simulate(t, "none", map[string]any{"reverse_cutoff": c.ours})
			if err := s.sim.Set(c.theirs); err != nil {
				t.Fatal(err)
			}
			r := bank.Refund{Handle: s.paid(t), ID: "rf_abc", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
				Captured: 15000, PaidAt: s.now, Now: s.now}
			if _, err := s.Refund(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			var did []string
			for _, e := range s.sim.Requests() {
				if e.Operation == reverse || e.Operation == refund {
					did = append(did, e.Operation)
				}
			}
			if got := strings.Join(did, " "); got != c.perform || s.sim.Ledger().Totals.Refunded != 15000 {
				t.Errorf("%s gave back %d", got, s.sim.Ledger().Totals.Refunded)
			}
		})
	}
}

func TestEmptyRespCodeAtTheSimulator(t *testing.T) {
	s := simulate(t, "certificate", nil)
	if err := s.sim.Set(func(set *kapitalxml.Settings) { set.EmptyRespCode = true }); err != nil {
		t.Fatal(err)
	}
	r := bank.Refund{Handle: s.paid(t), ID: "rf_abc", Amount: payment.Money{Minor: 15000, Currency: payment.AZN},
		Captured: 15000, PaidAt: s.now, Now: s.now}
	if _, err := s.Refund(t.Context(), r); err != nil || s.asked(reverse) != 1 || s.asked(refund) != 0 {
		t.Error(err)
	}
}

func TestDeskRefundShows(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		s := simulate(t, "certificate", nil)
		if err := s.sim.Set(func(set *kapitalxml.Settings) { set.HideDesk = hidden }); err != nil {
			t.Fatal(err)
		}
		h := s.paid(t)
		if err := s.sim.DeskRefund(h.OrderID, 5000); err != nil {
			t.Fatal(err)
		}
		report, err := s.Status(t.Context(), h)
		if err != nil || report.Refunded.Minor != 5000 || (report.Operations == nil) != hidden {
			t.Errorf("hidden %v: %+v, %v", hidden, report, err)
		}
	}
}

func TestTheSimulatorKnowsItsMerchant(t *testing.T) {
	s := simulate(t, "certificate", nil)
	other := s.terminal(t, map[string]any{"merchant_id": "E1000011"})
	if _, err := other.Open(t.Context(), s.order()); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("a merchant that the certificate is not for: %v", err)
	}
	bare := s.terminal(t, map[string]any{"auth": "none", "certificate": "", "key": ""})
	if _, err := bare.Open(t.Context(), s.order()); err == nil || s.sim.Ledger().Totals.Orders != 0 {
		t.Errorf("no certificate: %v", err)
	}
	distrusting := s.terminal(t, map[string]any{"ca": ""})
	if _, err := distrusting.Open(t.Context(), s.order()); payment.KindOf(err) != payment.Misconfigured {
		t.Errorf("a server that the system does not trust: %v", err)
	}
}
