package demoshop

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"kassa/infra/local/demoshop/goods"
)

// order is what the shop itself knows about a sale. How its payment stands is
// not kept here: Kassa keeps that, and the pages ask for it.
type order struct {
	Number      uint64        `json:"number"`
	ShopID      string        `json:"shop_id"`
	Lines       goods.Basket  `json:"lines"`
	Total       goods.Money   `json:"total"`
	CreatedAt   time.Time     `json:"created_at"`
	PaymentID   string        `json:"payment_id,omitempty"`   // the latest attempt, for the customer's poll
	ClientToken string        `json:"client_token,omitempty"` // reads that attempt from a browser
	Refund      *refundIntent `json:"refund,omitempty"`       // asked for, answer not yet seen
}

// refundIntent is a refund on record before Kassa hears of it. While its answer
// is unknown it can only be sent again under its own key, so an answer lost on
// the way never turns into a second refund.
type refundIntent struct {
	PaymentID string `json:"payment_id"`
	Key       string `json:"key"`
	Minor     int64  `json:"minor"` // 0 means all that remains
}

// Digits is the amount as it was typed.
func (i refundIntent) Digits() string { return goods.FormatMinor(i.Minor) }

// Ref is the order's number as the customer and Kassa know it.
func (o order) Ref() string { return fmt.Sprint(o.Number) }

var (
	errNoOrder         = errors.New("demoshop: no such order")
	errRefundUnsettled = errors.New("demoshop: an earlier refund of this order still waits for its answer")
)

// firstOrder makes the first order 10001, as shops do not like to look new.
const firstOrder = 10000

var (
	bucketOrders = []byte("orders") // big-endian number -> order as JSON
	bucketForms  = []byte("forms")  // what a checkout form sent -> big-endian number
)

// orders is the shop's own durable store, one bbolt file.
type orders struct{ db *bbolt.DB }

func openOrders(path string) (orders, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 2 * time.Second})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return orders{}, fmt.Errorf("demoshop: %s is in use: is the shop already running?", path)
	}
	if err != nil {
		return orders{}, fmt.Errorf("demoshop: cannot open the orders in %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, errOrders := tx.CreateBucketIfNotExists(bucketOrders)
		_, errForms := tx.CreateBucketIfNotExists(bucketForms)
		return errors.Join(errOrders, errForms)
	})
	if err != nil {
		return orders{}, errors.Join(fmt.Errorf("demoshop: cannot prepare %s: %w", path, err), db.Close())
	}
	return orders{db: db}, nil
}

// place records a new order and gives it the next number. The same form sent
// again with the same content is the same order: a double click buys once.
func (s orders) place(form string, draft order) (order, error) {
	sent := fmt.Appendf(nil, "%s|%s|%s|%s", form, draft.ShopID, draft.Lines, draft.Total)
	placed := draft
	err := s.db.Update(func(tx *bbolt.Tx) error {
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

// get answers errNoOrder for a number never given out.
func (s orders) get(number uint64) (order, error) {
	var o order
	err := s.db.View(func(tx *bbolt.Tx) error {
		var err error
		o, err = readOrder(tx, orderKey(number))
		return err
	})
	return o, err
}

// recent lists up to limit orders, newest first, with numbers below before
// (0: from the newest). more says that older ones follow.
func (s orders) recent(before uint64, limit int) (list []order, more bool, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
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

// attach keeps the latest payment attempt, so that the return page can hand its
// client token to the browser.
func (s orders) attach(number uint64, paymentID, clientToken string) error {
	return s.change(number, func(o *order) error {
		o.PaymentID, o.ClientToken = paymentID, clientToken
		return nil
	})
}

// beginRefund puts the intent on record; errRefundUnsettled when another one
// still waits for its answer.
func (s orders) beginRefund(number uint64, intent refundIntent) error {
	return s.change(number, func(o *order) error {
		if o.Refund != nil && *o.Refund != intent {
			return errRefundUnsettled
		}
		o.Refund = &intent
		return nil
	})
}

// endRefund forgets an intent whose outcome Kassa has stated.
func (s orders) endRefund(number uint64, intent refundIntent) error {
	return s.change(number, func(o *order) error {
		if o.Refund != nil && *o.Refund == intent {
			o.Refund = nil
		}
		return nil
	})
}

func (s orders) change(number uint64, edit func(*order) error) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
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

func orderKey(number uint64) []byte { return binary.BigEndian.AppendUint64(nil, number) }

func readOrder(tx *bbolt.Tx, key []byte) (order, error) {
	var o order
	stored := tx.Bucket(bucketOrders).Get(key)
	if stored == nil {
		return o, errNoOrder
	}
	if err := json.Unmarshal(stored, &o); err != nil {
		return o, fmt.Errorf("demoshop: order %x cannot be read back: %w", key, err)
	}
	return o, nil
}

func writeOrder(tx *bbolt.Tx, o order) error {
	stored, err := json.Marshal(o) //nolint:gosec // G117: the shop keeps the token that its customer's browser polls with
	if err != nil {
		return err
	}
	return tx.Bucket(bucketOrders).Put(orderKey(o.Number), stored)
}
