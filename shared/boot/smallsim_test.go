package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/bank/banktest"
	"kassa/shared/bank/exchange"
	"kassa/shared/payment"
)

// smallSim is the bank of smallBank, over real TLS.
type smallSim struct {
	mu     sync.Mutex
	orders []*smallOrder
	faulty string // the operation that the fault is for
	fault  banktest.Fault
}

type smallOrder struct {
	amount, back int64
	state        string
}

func (s *smallSim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Do, ID string
		Amount int64
	}
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &q); err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.fault
	if q.Do != s.faulty {
		fault = ""
	} else {
		s.faulty = ""
	}
	if fault == banktest.NotDone {
		panic(http.ErrAbortHandler)
	}
	answer := s.carryOut(q.Do, q.ID, q.Amount)
	switch fault {
	case banktest.AnswerLost:
		panic(http.ErrAbortHandler)
	case banktest.AnswerJunk:
		_, _ = io.WriteString(w, "<html>") // the test sees what the client makes of it
	default:
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func (s *smallSim) carryOut(do, id string, amount int64) map[string]any {
	if do == "open" {
		s.orders = append(s.orders, &smallOrder{amount: amount, state: "open"})
		n := strconv.Itoa(len(s.orders))
		return map[string]any{"id": n, "page": "https://pay.small.example/" + n}
	}
	o := s.order(id)
	switch {
	case do == "status":
		return map[string]any{"state": o.state, "back": o.back}
	case o.state != "paid" || amount > o.amount-o.back:
		return map[string]any{"refused": "limit"}
	}
	o.back += amount
	return map[string]any{"refund": fmt.Sprintf("%s-%d", id, o.back)}
}

func (s *smallSim) order(id string) *smallOrder {
	n, err := strconv.Atoi(id)
	if err != nil {
		panic(err)
	}
	return s.orders[n-1]
}

func (s *smallSim) drive(h bank.Handle, step banktest.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order(h.OrderID).state = map[banktest.Step]string{banktest.Approve: "paid", banktest.Decline: "no"}[step]
	return nil
}

func (s *smallSim) ledger() (l banktest.Ledger) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		l.Orders++
		l.Returned += o.back
		if o.state == "paid" {
			l.Charged += o.amount
		}
	}
	return l
}

// small is the bank as the functions build it, from the list with one line more, and its secret.
func small(t *testing.T, server *httptest.Server, address string) (all []folder, secret []byte) {
	t.Helper()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	secret, err := json.Marshal(map[string]any{"shop": "S1", "environment": "test", "address": address,
		"pages": []string{"pay.small.example"}, "ca": string(ca)})
	if err != nil {
		t.Fatal(err)
	}
	return append(folders(), folderOf(smallProfile(), newSmallBank)), secret
}

func startSmall(t *testing.T) (*smallSim, *httptest.Server) {
	t.Helper()
	sim := &smallSim{}
	server := httptest.NewUnstartedServer(sim)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return sim, server
}

// TestASmallBankIsABank holds the folder of a further bank to the contract.
func TestASmallBankIsABank(t *testing.T) {
	banktest.Run(t, func(t *testing.T) banktest.Fixture {
		sim, server := startSmall(t)
		gone := httptest.NewServer(sim)
		gone.Close()
		var lines bytes.Buffer
		built := func(address string) bank.Bank {
			all, secret := small(t, server, address)
			b, err := all[len(all)-1].build(secret, exchange.Options{Log: slog.New(slog.NewTextHandler(&lines, nil))})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		return banktest.Fixture{
			Bank: built(server.URL), Dead: built("https" + gone.URL[4:]), Now: time.Now(), Log: lines.String,
			Amount: payment.Money{Minor: 15000, Currency: payment.AZN}, Pages: "https://pay.small.example/",
			Spoil: func(o *bank.Order) { o.Amount.Minor = 0 },
			Outcomes: map[banktest.Step]payment.State{banktest.Approve: payment.BankApproved,
				banktest.Decline: payment.BankDeclined},
			Drive: sim.drive, Ledger: sim.ledger,
			Fault: func(op bank.Operation, f banktest.Fault) error {
				sim.mu.Lock()
				defer sim.mu.Unlock()
				sim.faulty, sim.fault = string(op), f
				return nil
			},
		}
	})
}

// TestASmallBankIsRegisteredByOneLine: with its line in the list a shop that has its secret pays at it.
func TestASmallBankIsRegisteredByOneLine(t *testing.T) {
	sim, server := startSmall(t)
	all, secret := small(t, server, server.URL)
	fetch := func(context.Context, string, string, bool) (string, error) { return string(secret), nil }
	opened := func(b bank.Bank) error {
		_, err := b.Open(t.Context(), bank.Order{Amount: payment.Money{Minor: 100, Currency: payment.AZN}, Now: time.Now()})
		return err
	}
	if err := newBanks(all, fetch, silent()).With(t.Context(), "s", "small", opened); err != nil || len(sim.orders) != 1 {
		t.Errorf("%v, %d orders", err, len(sim.orders))
	}
	if err := newBanks(folders(), fetch, silent()).With(t.Context(), "s", "small",
		opened); payment.KindOf(err) != payment.NotFound {
		t.Errorf("without its line: %v", err)
	}
}
