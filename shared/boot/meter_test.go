package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/metric"
	"kassa/shared/payment"
)

// canary stands for what no line may hold: what was sent to a bank, what it answered, what went wrong in its words.
const canary = "c4n4ry"

// talking is a bank that answers everything with its one error, and whose certificate ends.
type talking struct {
	err  error
	ends time.Time
}

func (b talking) Open(context.Context, bank.Order) (bank.Session, error) {
	return bank.Session{RedirectURL: canary, Handle: bank.Handle{Private: canary}}, b.err
}
func (b talking) Status(context.Context, bank.Handle) (bank.Report, error) {
	return bank.Report{Word: canary}, b.err
}
func (b talking) Refund(context.Context, bank.Refund) (string, error) { return canary, b.err }
func (talking) Read(bank.Message) (bank.Reading, error)               { return bank.Reading{}, nil }

func (b talking) Profile() bank.Profile { return bank.Profile{Line: bank.Line{Ends: b.ends}} }

// told calls the bank of a shop through the banks, and gives the lines that this writes.
func told(t *testing.T, b talking, call func(bank.Bank) error) (*bytes.Buffer, *metric.Tally, error) {
	t.Helper()
	var lines bytes.Buffer
	clock := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	tick := func() time.Time { clock = clock.Add(30 * time.Millisecond); return clock }
	build := func([]byte, exchange.Options) (bank.Bank, error) { return b, nil }
	all := newBanks([]folder{{bank.Profile{Name: "talking"}, build}},
		func(context.Context, string, string, bool) (string, error) { return canary, nil },
		meter{"prod", tick, slog.New(slog.NewJSONHandler(&lines, nil))})
	ctx, tally := metric.Begin(t.Context())
	return &lines, tally, all.With(ctx, "shop-1", "talking", call)
}

// TestEachCallOfABankIsOneLine with its figures, whatever came of it, and holds ids alone.
func TestEachCallOfABankIsOneLine(t *testing.T) {
	order := bank.Order{ID: payment.ID{Order: payment.OrderKey("s", "1"), Attempt: 1}, Description: canary,
		ReturnURL: canary,
		Customer:  bank.Customer{FirstName: canary, Phone: canary, Email: canary}}
	handle := bank.Handle{OrderID: "777", Private: canary, Account: bank.Account{Merchant: canary}}
	calls := map[string]func(bank.Bank) error{
		"open":   func(b bank.Bank) error { _, err := b.Open(t.Context(), order); return err },
		"status": func(b bank.Bank) error { _, err := b.Status(t.Context(), handle); return err },
		"refund": func(b bank.Bank) error {
			_, err := b.Refund(t.Context(), bank.Refund{Handle: handle, Reason: canary})
			return err
		},
	}
	for operation, call := range calls {
		for kind, failed := range map[payment.Kind]bool{-1: false, payment.Refused: false, payment.Unsupported: false,
			payment.Unavailable: true,
			payment.Uncertain:   true, payment.Misconfigured: true, payment.Malformed: true, payment.Internal: true} {
			b := talking{}
			if kind >= 0 {
				b.err = &payment.Error{Kind: kind, Message: canary, BankCode: canary, Cause: fmt.Errorf("%s", canary)}
			}
			lines, _, err := told(t, b, call)
			if (err == nil) != (kind < 0) {
				t.Fatalf("%s, %s: %v", operation, kind, err)
			}
			var line struct {
				Message                string `json:"msg"`
				Level, Shop, Kind      string
				Payment                string `json:"payment_id"`
				Order                  string `json:"bank_order_id"`
				Errors                 int    `json:"bank_errors"`
				Latency                int    `json:"bank_latency_ms"`
				Stage, Bank, Operation string
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil || strings.Contains(lines.String(), canary) {
				t.Fatalf("%s, %s: %v\n%s", operation, kind, err, lines)
			}
			about := line.Order == "777"
			if operation == "open" {
				about = line.Payment == order.ID.String()
			}
			if line.Message != "bank call" || line.Shop != "shop-1" || line.Bank != "talking" || line.Operation != operation ||
				line.Stage != "prod" ||
				line.Latency != 30 || (line.Errors == 1) != failed || (line.Level == "WARN") != failed ||
				(line.Kind == "ok") != (kind < 0) || !about {
				t.Errorf("%s, %s: %s", operation, kind, lines)
			}
		}
	}
}

// TestABankThatCannotBeBuiltIsAnError of its settings: an ended certificate is found by the sweep, too.
func TestABankThatCannotBeBuiltIsAnError(t *testing.T) {
	var lines bytes.Buffer
	made, v := 0, &vault{now: "broken"}
	all := tinyBanks(v, &made)
	all.meter.log = slog.New(slog.NewJSONHandler(&lines, nil))
	if err := all.asked(t.Context()); payment.KindOf(err) != payment.Misconfigured {
		t.Fatal(err)
	}
	for _, want := range []string{`"Operation":"settings"`, `"bank_errors":1`, `"kind":"misconfigured"`, `"shop":"s"`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%s holds no %s", &lines, want)
		}
	}
}

// TestCertificateDaysOfTheBanksThatWereMet go to the line of the request: the least of them.
func TestCertificateDaysOfTheBanksThatWereMet(t *testing.T) {
	day := 24 * time.Hour
	for ends, want := range map[time.Duration]string{10*day + time.Hour: `"certificate_days_left":10`,
		time.Hour:          `"certificate_days_left":0`,
		-3*day - time.Hour: `"certificate_days_left":-3`, 0: "[]"} {
		b := talking{}
		if ends != 0 {
			b.ends = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC).Add(ends)
		}
		_, tally, err := told(t, b, func(bank.Bank) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		slog.New(slog.NewJSONHandler(&line, nil)).Info("request", tally.Attrs(time.Time{}, "prod")...)
		if want == "[]" {
			if strings.Contains(line.String(), "certificate") {
				t.Errorf("none ends: %s", &line)
			}
		} else if !strings.Contains(line.String(), want+",") {
			t.Errorf("%s: %s, want %s", ends, &line, want)
		}
	}
}
