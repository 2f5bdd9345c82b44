// What arrived, in the shop's own file. A message is one entry however often it comes; a payment's state goes forward
// only, by the sequence in the message, because messages may overtake one another.

package inbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// Message is one event, however often it was delivered.
type Message struct {
	ID       string    `json:"id"`   // the header webhook-id: the same on every delivery
	Shop     string    `json:"shop"` // whose secret it was signed with
	Type     string    `json:"type"` // payment.paid, refund.succeeded, ...
	Sequence int64     `json:"sequence"`
	At       time.Time `json:"timestamp"` // when it happened
	Payment  State     `json:"payment"`   // data of the latest delivery
	Verified bool      `json:"verified"`  // always true: what cannot be verified is a Refusal
	Taken    bool      `json:"taken"`     // one delivery was accepted
	Attempts []Attempt `json:"attempts"`  // oldest first
	Body     string    `json:"body"`      // the bytes of the latest delivery
}

// State is what a shop takes from data. Amounts are minor units.
type State struct {
	PaymentID   string `json:"id"`
	OrderRef    string `json:"order_ref"`
	Status      string `json:"status"`
	OrderStatus string `json:"order_status"`
	Currency    string `json:"currency"`
	Amount      int64  `json:"amount"`
	Captured    int64  `json:"captured_amount"`
	Refunded    int64  `json:"refunded_amount"`
	Sequence    int64  `json:"sequence"`
	Late        bool   `json:"late"`
	Overpaid    bool   `json:"overpaid"`
	Review      string `json:"review"` // empty for null
}

// Attempt is one delivery.
type Attempt struct {
	At       time.Time `json:"at"`
	Answer   int       `json:"answer"`        // HTTP status; 0 where none was sent
	Sequence int64     `json:"data_sequence"` // how new the state was that it brought
	Note     string    `json:"note"`          // taken, seen before, older than what is known, or how it was made to fail
}

// The notes.
const (
	noteTaken  = "taken"
	noteSeen   = "seen before"
	noteOlder  = "older than what is known"
	madeToFail = "made to fail: " // and how
)

// Filter chooses messages; an empty field lets all pass. Limit 0 is all that are kept.
type Filter struct {
	Shop, OrderRef, PaymentID string
	Limit                     int
}

func (f Filter) fits(m Message) bool {
	return (f.Shop == "" || f.Shop == m.Shop) && (f.OrderRef == "" || f.OrderRef == m.Payment.OrderRef) &&
		(f.PaymentID == "" || f.PaymentID == m.Payment.PaymentID)
}

// What is kept at most. A message that comes again after its record has gone is taken anew, which changes nothing
// unless the payment's state has gone, too; Kassa stops trying long before.
const (
	maxMessages = 2000
	maxAttempts = 40
)

var (
	bucketMessages = []byte("messages")         // big-endian number of arrival -> Message as JSON
	bucketSeen     = []byte("messages_by_id")   // shop, 0x00, webhook-id -> number
	bucketKnown    = []byte("payments_by_hook") // shop, 0x00, payment id -> snapshot as JSON
)

// snapshot is how a payment stands, and the message that said so.
type snapshot struct {
	State  State  `json:"state"`
	Number uint64 `json:"number"`
}

// store keeps messages in the shop's own file.
type store struct{ db *bbolt.DB }

// openStore makes the places in the file that it needs.
func openStore(db *bbolt.DB) (store, error) {
	err := db.Update(func(tx *bbolt.Tx) error {
		var all []error
		for _, name := range [][]byte{bucketMessages, bucketSeen, bucketKnown} {
			_, err := tx.CreateBucketIfNotExists(name)
			all = append(all, err)
		}
		return errors.Join(all...)
	})
	if err != nil {
		return store{}, fmt.Errorf("inbox: prepare the store: %w", err)
	}
	return store{db}, nil
}

// add records one delivery. A message whose first acceptance this is settles how its payment stands, unless more is
// known.
func (s store) add(m Message, a Attempt) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		number, err := place(tx, &m)
		if err != nil {
			return err
		}
		if a.Note == "" {
			if a.Note, err = settle(tx, m, number); err != nil {
				return err
			}
			m.Taken = true
		}
		m.Attempts = append(m.Attempts, a)
		m.Attempts = m.Attempts[max(0, len(m.Attempts)-maxAttempts):]
		if err := write(tx, bucketMessages, key(number), m); err != nil {
			return err
		}
		return prune(tx, number)
	})
}

// place finds the number of a message, and what is known of its earlier deliveries.
func place(tx *bbolt.Tx, m *Message) (uint64, error) {
	seen := tx.Bucket(bucketSeen)
	if at := seen.Get(pair(m.Shop, m.ID)); at != nil {
		var before Message
		if err := load(tx, bucketMessages, at, &before); err != nil {
			return 0, err
		}
		m.Taken, m.Attempts = before.Taken, before.Attempts
		return binary.BigEndian.Uint64(at), nil
	}
	number, err := tx.Bucket(bucketMessages).NextSequence()
	if err != nil {
		return 0, err
	}
	return number, seen.Put(pair(m.Shop, m.ID), key(number))
}

// settle takes the payment's state from a message and says what became of it.
func settle(tx *bbolt.Tx, m Message, number uint64) (string, error) {
	if m.Taken {
		return noteSeen, nil
	}
	at := pair(m.Shop, m.Payment.PaymentID)
	var before snapshot
	if tx.Bucket(bucketKnown).Get(at) != nil {
		if err := load(tx, bucketKnown, at, &before); err != nil {
			return "", err
		}
	}
	if m.Payment.Sequence < before.State.Sequence {
		return noteOlder, nil
	}
	return noteTaken, write(tx, bucketKnown, at, snapshot{State: m.Payment, Number: number})
}

// prune forgets the oldest message when there is one too many. Numbers have no gaps.
func prune(tx *bbolt.Tx, newest uint64) error {
	first, _ := tx.Bucket(bucketMessages).Cursor().First()
	if first == nil || newest < binary.BigEndian.Uint64(first)+maxMessages {
		return nil
	}
	var old Message
	if err := load(tx, bucketMessages, first, &old); err != nil {
		return err
	}
	var state snapshot
	at := pair(old.Shop, old.Payment.PaymentID)
	if tx.Bucket(bucketKnown).Get(at) != nil {
		if err := load(tx, bucketKnown, at, &state); err != nil {
			return err
		}
	}
	var all []error
	if state.Number == binary.BigEndian.Uint64(first) {
		all = append(all, tx.Bucket(bucketKnown).Delete(at))
	}
	all = append(all, tx.Bucket(bucketSeen).Delete(pair(old.Shop, old.ID)),
		tx.Bucket(bucketMessages).Delete(slices.Clone(first)))
	return errors.Join(all...)
}

// list goes from the newest message to the oldest.
func (s store) list(f Filter) (found []Message, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketMessages).Cursor()
		for at, text := c.Last(); at != nil; at, text = c.Prev() {
			var m Message
			if err := json.Unmarshal(text, &m); err != nil {
				return fmt.Errorf("inbox: message %x cannot be read back: %w", at, err)
			}
			if !f.fits(m) {
				continue
			}
			if found = append(found, m); len(found) == f.Limit {
				return nil
			}
		}
		return nil
	})
	return found, err
}

// standing is the newest state that a taken message has told.
func (s store) standing(shop, paymentID string) (state State, found bool, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		at := pair(shop, paymentID)
		if found = tx.Bucket(bucketKnown).Get(at) != nil; !found {
			return nil
		}
		var k snapshot
		err := load(tx, bucketKnown, at, &k)
		state = k.State
		return err
	})
	return state, found, err
}

func key(number uint64) []byte { return binary.BigEndian.AppendUint64(nil, number) }

// pair keeps shops apart: no shop can make a message of another's look like one that was seen before.
func pair(shop, id string) []byte { return []byte(shop + "\x00" + id) }

// load reads what write has written.
func load(tx *bbolt.Tx, bucket, at []byte, to any) error {
	if err := json.Unmarshal(tx.Bucket(bucket).Get(at), to); err != nil {
		return fmt.Errorf("inbox: %s %x cannot be read back: %w", bucket, at, err)
	}
	return nil
}

func write(tx *bbolt.Tx, bucket, at []byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.Bucket(bucket).Put(at, text)
}
