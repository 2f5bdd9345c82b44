package kapitaltxpg

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"kassa/shared/simbank/kapitaltxpg/ledger"
	"kassa/shared/simbank/kapitaltxpg/message"
)

// step is one change of an order under the switches at one moment.
type step func(o *ledger.Order, now time.Time, r ledger.Rules) error

// perform signs the caller in and carries the request out.
func (s *Sim) perform(c call) result {
	if code := s.signIn(c.Request); code != "" {
		return s.failure(http.StatusBadRequest, code, "the login is not accepted")
	}
	set := s.Settings()
	if code := cmp.Or(set.Refuse[c.operation], set.Refuse["*"]); code != "" {
		return s.failure(http.StatusBadRequest, code, "refused by the switch")
	}
	switch c.operation {
	case opCreate:
		return s.create(c, set)
	case opOrder:
		o, err := s.drive(c.id, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
			o.Look(now, r)
			return nil
		})
		if err != nil {
			return s.refused(err)
		}
		return s.tell("order", s.details(c, o, set), set)
	case opExec:
		return s.exec(c, set)
	}
	return s.failure(http.StatusBadRequest, "OperationProhibited", "this terminal stores no cards")
}

func (s *Sim) tell(name string, answer any, set Settings) result {
	return result{status: http.StatusOK, body: message.Write(name, answer, set.LeaveOut)}
}

func (s *Sim) create(c call, set Settings) result {
	q, err := message.ReadCreate(c.body)
	if err != nil {
		return s.refused(err)
	}
	if want := cmp.Or(set.PurchaseType, ledger.Purchase); q.TypeRID != want {
		return s.failure(http.StatusBadRequest, "ServiceError", "Order type not found by RID = "+q.TypeRID)
	}
	if !set.takes(q.Currency) {
		return s.failure(http.StatusBadRequest, "ServiceError", "Currency not found by PID = "+q.Currency)
	}
	password, err := draw("abcdefghijklmnopqrstuvwxyz0123456789", 12)
	if err != nil {
		return s.refused(err)
	}
	secret, err := draw("0123456789", 6)
	if err != nil {
		return s.refused(err)
	}
	o, err := s.Book.Create(ledger.Order{
		Password: password, Secret: secret, Type: q.TypeRID, Amount: q.Minor, Currency: q.Currency,
		Language: cmp.Or(q.Language, "az"), Title: q.Title, Description: q.Description, RedirectURL: q.RedirectURL,
		Reference: q.Reference, Taksit: q.Taksit, Status: ledger.Preparing, Created: s.Now(),
	}, nil)
	if err != nil {
		return s.refused(err)
	}
	return s.tell("order", message.CreateAnswer{ID: o.ID, HppURL: s.pageURL(set), Password: o.Password,
		Status: set.word(o.Status), CVV2Status: "Required", Secret: o.Secret}, set)
}

// pageURL is hppUrl in the form that the switch wants.
func (s *Sim) pageURL(set Settings) string {
	switch set.PageForm {
	case "bare":
		return s.PageURL
	case "slash":
		return s.PageURL + "/flex/"
	}
	return s.PageURL + "/flex"
}

// draw takes n characters of the alphabet at random.
func draw(alphabet string, n int) (string, error) {
	text := make([]byte, n)
	for i := range text {
		k, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return "", fmt.Errorf("draw a password: %w", err)
		}
		text[i] = alphabet[k.Int64()]
	}
	return string(text), nil
}

// exec moves money: a refund, or a void of the whole or of a part.
func (s *Sim) exec(c call, set Settings) result {
	q, err := message.ReadTran(c.body)
	if err != nil {
		return s.refused(err)
	}
	move, err := verb(q)
	if err != nil {
		return s.refused(err)
	}
	var made ledger.Tran
	_, err = s.drive(c.id, func(o *ledger.Order, now time.Time, r ledger.Rules) error {
		var refusal error
		made, refusal = move(o, ledger.Mover{Login: s.opts.Login}, now, r)
		return refusal
	})
	if err != nil {
		return s.refused(err)
	}
	done := message.Done{ApprovalCode: made.Approval, Result: made.Result,
		Match: message.Match{ActionID: made.ActionID, PMO: made.RID}}
	if made.Void {
		done.ApprovalCode = ""
	}
	return s.tell("tran", done, set)
}

type mover func(*ledger.Order, ledger.Mover, time.Time, ledger.Rules) (ledger.Tran, error)

// verb reads which operation the body means; the gateway has no other field for it.
func verb(q message.Tran) (mover, error) {
	refund := func(o *ledger.Order, by ledger.Mover, now time.Time, r ledger.Rules) (ledger.Tran, error) {
		return o.Refund(q.Minor, by, now, r)
	}
	part := func(o *ledger.Order, by ledger.Mover, now time.Time, r ledger.Rules) (ledger.Tran, error) {
		return o.VoidPart(q.Minor, by, now, r)
	}
	switch {
	case q.Phase != "Single":
		return nil, ledger.Refusal{Code: ledger.InvalidTran, Why: "this order has the phase Single alone"}
	case q.Type == "Refund" && q.VoidKind == "":
		return refund, nil
	case q.Type == "" && q.VoidKind == "Full" && q.Amount == nil:
		return (*ledger.Order).VoidAll, nil
	case q.Type == "" && q.VoidKind == "Partial" && q.Amount != nil:
		return part, nil
	case q.VoidKind != "":
		return nil, message.FormatError{Why: "voidKind is Full without an amount or Partial with one, and without type"}
	}
	return nil, ledger.Refusal{Code: "TranProhibited", Why: "this terminal charges no stored card"}
}
