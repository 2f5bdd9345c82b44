package e2e

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kassa/infra/local/engine"
	"kassa/infra/local/stack"
	"kassa/shared/payment"
)

// TestTheSweepHandsAShardOn: where more is due in one shard than a run does beside all others, a run of its own looks
// after it at once, started by the function itself. Two minutes' runs at the same time start two such, and each payment
// is asked about once all the same; what waits elsewhere is left to nobody else.
func TestTheSweepHandsAShardOn(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	shop := w.Info.Shops[0].ID
	var full []paymentDoc
	elsewhere := paymentDoc{}
	for n := 0; len(full) < 40 || elsewhere.ID == ""; n++ {
		switch shard := (payment.ID{Order: payment.OrderKey(shop, refOf(t, n))}).Shard(); {
		case shard == 5 && len(full) < 40:
			full = append(full, w.open(t, n, 1500))
		case shard == 6 && elsewhere.ID == "":
			elsewhere = w.open(t, n, 1600)
		}
	}
	due := append(slices.Clone(full), elsewhere)
	for _, p := range due {
		w.told(t, p.ID)
		w.age(t, p.ID, 3*time.Minute+time.Second)
	}
	log := func() string {
		text, err := os.ReadFile(w.LogFile("ExpirySweep"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if _, err := together(t.Context(), 2, func(ctx context.Context, _ int) (answer, error) {
		_, err := w.Invoke(ctx, "ExpirySweep", []byte(`{}`))
		return answer{}, err
	}); err != nil {
		t.Fatal(err)
	}
	for end := within(t, 30*time.Second); strings.Count(log(), `"shard":5`) < 2; <-time.After(20 * time.Millisecond) {
		if end.Err() != nil {
			t.Fatalf("no run looked after the shard\n%s", log())
		}
	}
	for _, p := range due {
		asked := 0
		for _, operation := range w.asked(p.BankOrderID) {
			if operation == w.bank.ask[0] {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("%s was asked about %d times", p.ID, asked)
		}
	}
	if strings.Count(log(), `"handed_on":1`) != 2 {
		t.Errorf("each of both runs hands one shard on\n%s", log())
	}
	started := engine.Use{Caller: "ExpirySweep", Action: "lambda:InvokeFunction", Function: "ExpirySweep"}
	if n := w.Engine.Uses()[started]; n != 2 {
		t.Errorf("it started itself %d times", n)
	}
}
