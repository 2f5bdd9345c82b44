// Package books is what the shop itself knows about its sales, in one file: orders, and refunds whose answer is not yet
// seen.
package books

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"kassa/infra/local/demoshop/goods"
)

// Order is what the shop itself knows about a sale. How its payment stands is
// not kept here: Kassa keeps that, and the pages ask for it.
type Order struct {
	Number      uint64        `json:"number"`
	ShopID      string        `json:"shop_id"`
	Lines       goods.Basket  `json:"lines"`
	Total       goods.Money   `json:"total"`
	CreatedAt   time.Time     `json:"created_at"`
	PaymentID   string        `json:"payment_id,omitempty"`   // the latest attempt, for the customer's poll
	ClientToken string        `json:"client_token,omitempty"` // reads that attempt from a browser
	Refund      *RefundIntent `json:"refund,omitempty"`       // asked for, answer not yet seen
}

// RefundIntent is a refund on record before Kassa hears of it. While its answer
// is unknown it can only be sent again under its own key, so an answer lost on
// the way never turns into a second refund.
type RefundIntent struct {
	PaymentID string `json:"payment_id"`
	Key       string `json:"key"`
	Minor     int64  `json:"minor"` // 0 means all that remains
	Reason    string `json:"reason,omitempty"`
	Reference string `json:"reference,omitempty"` // the shop's own number of this refund
}

// Digits is the amount as it was typed.
func (i RefundIntent) Digits() string { return goods.FormatMinor(i.Minor) }

// Ref is the order's number as the customer and Kassa know it.
func (o Order) Ref() string { return fmt.Sprint(o.Number) }

// Errors of the books.
var (
	ErrNoOrder         = errors.New("demoshop: no such order")
	ErrRefundUnsettled = errors.New("demoshop: an earlier refund of this order still waits for its answer")
)

// firstOrder makes the first order 10001, as shops do not like to look new.
const firstOrder = 10000

var (
	bucketOrders = []byte("orders") // big-endian number -> order as JSON
	bucketForms  = []byte("forms")  // what a checkout form sent -> big-endian number
)

// Books is the shop's own durable store, one bbolt file.
type Books struct{ DB *bbolt.DB }

// Open opens the file, or makes it.
func Open(path string) (Books, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 2 * time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return Books{}, fmt.Errorf("demoshop: %s is in use: is the shop already running?", path)
	}
	if err != nil {
		return Books{}, fmt.Errorf("demoshop: cannot open the orders in %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, errOrders := tx.CreateBucketIfNotExists(bucketOrders)
		_, errForms := tx.CreateBucketIfNotExists(bucketForms)
		return errors.Join(errOrders, errForms)
	})
	if err != nil {
		return Books{}, errors.Join(fmt.Errorf("demoshop: cannot prepare %s: %w", path, err), db.Close())
	}
	return Books{DB: db}, nil
}

// Place records a new order and gives it the next number. The same form sent
// again with the same content is the same order: a double click buys once.
func (s Books) Place(form string, draft Order) (Order, error) {
	sent := fmt.Appendf(nil, "%s|%s|%s|%s", form, draft.ShopID, draft.Lines, draft.Total)
	placed := draft
	err := s.DB.Update(func(tx *bbolt.Tx) error {
		if number := tx.Bucket(bucketForms).Get(sent); number != nil {
			var err error
			placed, err = readOrder(tx, number)
			return err
		}
		sequence, err := tx.Bucket(bucketOrders).NextSequence()
		if err != nil {
			return err
		}
		placed.Number = firstOrder + sequence
		if err := tx.Bucket(bucketForms).Put(sent, orderKey(placed.Number)); err != nil {
			return err
		}
		return writeOrder(tx, placed)
	})
	return placed, err
}

// Get answers ErrNoOrder for a number never given out.
func (s Books) Get(number uint64) (Order, error) {
	var o Order
	err := s.DB.View(func(tx *bbolt.Tx) error {
		var err error
		o, err = readOrder(tx, orderKey(number))
		return err
	})
	return o, err
}

// Recent lists up to limit orders, newest first, with numbers below before
// (0: from the newest). more says that older ones follow.
func (s Books) Recent(before uint64, limit int) (list []Order, more bool, err error) {
	err = s.DB.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketOrders).Cursor()
		var key []byte
		if before == 0 {
			key, _ = c.Last()
		} else {
			if key, _ = c.Seek(orderKey(before)); key == nil {
				key, _ = c.Last()
			} else {
				key, _ = c.Prev()
			}
		}
		for ; key != nil; key, _ = c.Prev() {
			if len(list) == limit {
				more = true
				return nil
			}
			o, err := readOrder(tx, key)
			if err != nil {
				return err
			}
			list = append(list, o)
		}
		return nil
	})
	return list, more, err
}

// Attach keeps the latest payment attempt, so that the return page can hand its
// client token to the browser.
func (s Books) Attach(number uint64, paymentID, clientToken string) error {
	return s.change(number, func(o *Order) error {
		o.PaymentID, o.ClientToken = paymentID, clientToken
		return nil
	})
}

// BeginRefund puts the intent on record; ErrRefundUnsettled when another one
// still waits for its answer.
func (s Books) BeginRefund(number uint64, intent RefundIntent) error {
	return s.change(number, func(o *Order) error {
		if o.Refund != nil && *o.Refund != intent {
			return ErrRefundUnsettled
		}
		o.Refund = &intent
		return nil
	})
}

// EndRefund forgets an intent whose outcome Kassa has stated.
func (s Books) EndRefund(number uint64, intent RefundIntent) error {
	return s.change(number, func(o *Order) error {
		if o.Refund != nil && *o.Refund == intent {
			o.Refund = nil
		}
		return nil
	})
}

// change edits an order in one transaction; an edit that fails changes nothing.
func (s Books) change(number uint64, edit func(*Order) error) error {
	return s.DB.Update(func(tx *bbolt.Tx) error {
		o, err := readOrder(tx, orderKey(number))
		if err != nil {
			return err
		}
		if err := edit(&o); err != nil {
			return err
		}
		return writeOrder(tx, o)
	})
}

// orderKey is big-endian, so that the file's order is that of the numbers.
func orderKey(number uint64) []byte { return binary.BigEndian.AppendUint64(nil, number) }

// readOrder reads one; ErrNoOrder where there is none.
func readOrder(tx *bbolt.Tx, key []byte) (Order, error) {
	var o Order
	stored := tx.Bucket(bucketOrders).Get(key)
	if stored == nil {
		return o, ErrNoOrder
	}
	if err := json.Unmarshal(stored, &o); err != nil {
		return o, fmt.Errorf("demoshop: order %x cannot be read back: %w", key, err)
	}
	return o, nil
}

func writeOrder(tx *bbolt.Tx, o Order) error {
	stored, err := json.Marshal(o) //nolint:gosec // G117: the shop keeps the token that its customer's browser polls with
	if err != nil {
		return err
	}
	return tx.Bucket(bucketOrders).Put(orderKey(o.Number), stored)
}

// ByPayment finds the order of a payment by its id, whichever attempt that names: ids of one order differ in what
// follows the last hyphen. ErrNoOrder where there is none.
func (s Books) ByPayment(id string) (Order, error) {
	of := func(id string) string { return id[:max(0, strings.LastIndex(id, "-"))] }
	found := Order{}
	err := s.DB.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketOrders).Cursor()
		for key, _ := c.Last(); key != nil; key, _ = c.Prev() {
			o, err := readOrder(tx, key)
			if err != nil {
				return err
			}
			if o.PaymentID != "" && of(o.PaymentID) == of(id) {
				found = o
				return nil
			}
		}
		return ErrNoOrder
	})
	return found, err
}
