// Package payment is the domain: one Payment value, and Apply, the only way it changes. It is pure. It reads no clock,
// opens no connection and imports nothing but the standard library.
//
// What happens to a payment, by its status (a test holds this table and the code together):
//
//	                 created    pending    paid     partially_refunded refunded declined cancelled expired
//	opening          lease      -          -        -                  -        -        -         -
//	opened           pending    -          -        -                  -        -        -         -
//	open refused     declined   =          =        =                  =        =        =         =
//	open lost        free       =          =        =                  =        =        =         =
//	cancel           cancelled  cancelled  -        -                  -        =        =         =
//	siblings read    -          -          overpaid overpaid           overpaid -        -         -
//	asking           -          claim      claim    claim              claim    claim    claim     claim
//	promise          -          promise    promise  promise            promise  promise  promise   promise
//	claimed          =          =          =        =                  =        hint     =         =
//	noticed          keep       keep       =        =                  =        keep     keep      keep
//	noticed, unclear doubt      doubt      doubt    doubt              doubt    doubt    doubt     doubt
//	notices trusted  -          trust      =        =                  =        trust    trust     trust
//	woken            lapse      =          =        =                  =        =        =         =
//	unanswered       -          stuck      =        =                  =        stuck    stuck     stuck
//	no such question -          lapse      =        =                  =        last     last      last
//	bank: unknown    -          stuck      =        =                  =        stuck    stuck     stuck
//	bank: unclear    -          stuck      =        =                  =        stuck    stuck     stuck
//	bank: processing -          stuck      =        =                  =        stuck    stuck     stuck
//	bank: open       -          lapse      regress  regress            regress  last     last      last
//	bank: approved   -          paid       book     book               book     late     late      late
//	bank: refunding  -          stuck      =        =                  =        stuck    stuck     stuck
//	bank: refunded   -          paid       book     book               book     late     late      late
//	bank: returned   -          paid       book     book               book     late     late      late
//	bank: declined   -          declined   regress  regress            regress  stated   stated    stated
//	bank: cancelled  -          cancelled  regress  regress            regress  stated   stated    stated
//	bank: expired    -          expired    regress  regress            regress  stated   stated    stated
//	refund           -          -          reserve  reserve            -        -        -         -
//	refund seen      =          =          heard    heard              =        =        =         =
//	refund answered  -          -          settle   settle             =        -        -         -
//	refund resolved  -          -          decide   decide             -        -        -         -
//	capture accepted -          -          clear    clear              clear    -        -         -
//	review dismissed clear      clear      clear    clear              clear    clear    clear     clear
//	told             =          =          =        =                  =        =        =         =
//	redelivered      =          =          =        =                  =        =        =         =
//
// The words of the cells:
//
//	=        nothing visible changes, but for review "refund" where more is said to have gone back than is on record
//	-        refused with an error, nothing changes
//	lease    the opener's lease is taken; refused while another runs
//	free     the lease is given back
//	lapse    expired, when it is time: an hour after the last opening without a page, ten minutes after the page's end
//	         with one
//	stuck    review "status", 24 hours after the page's end, or after an end that the bank did not state
//	paid     paid with what the bank took; another amount: also review "amount"; another currency: only review "currency"
//	late     as paid, with late: the customer's money is real, whatever we had told the shop
//	book     what the bank gave back without our asking becomes a refund of origin "bank"; a refund in flight is settled
//	         instead. Another amount than is on record as taken: review "amount"
//	regress  review "regress": the bank calls paid money unpaid; nothing is undone. A question put before it was paid
//	         says nothing, and neither does the word that a person has looked at. It ends when the bank, asked later,
//	         states the money again
//	claim    the right to ask the bank now is taken; refused while the last claim is young
//	promise  a question is promised for as soon as the bank may be asked again; refused while one is promised
//	hint     why the bank refused is noted as its message claims it, if the bank itself has stated that end and not said
//	         why
//	keep     a message signed by the bank is kept until it can be settled; about another session: review "session"
//	doubt    as keep, and review "status" at once, until the bank is heard to have taken money, or to have given back
//	         more, than was on record by then, or a person has looked
//	trust    what was kept is settled as the bank's rows say
//	overpaid another attempt was paid before, if that is what was read; it is not read again
//	last     nothing visible; a day after an end that the bank did not state it is not asked again
//	stated   the bank itself states an unpaid end, so it is not asked again
//	reserve  the amount is reserved, if none is in flight and the budget allows it
//	heard    the refund in flight enters the history: somebody is told of it
//	settle   the refund in flight succeeds, fails or is unknown, as its owner can prove
//	decide   the refund in flight succeeds or fails, as a person says who has asked the bank
//	clear    a person's decision ends the review; it is kept with its reason
//
// A refund in flight is settled as settle.go says, and leads to partially_refunded or refunded.
package payment

import (
	"time"

	"kassa/shared/payment/delivery"
)

// Event is something that happened to a payment. The set is closed: the types below.
type Event interface{ event() }

type (
	// OpeningStart takes the lease to open the order at the bank until Until; refused while another opener holds it.
	OpeningStart struct{ Until time.Time }

	// OpeningDone says that the bank opened the order. The first one saved wins.
	OpeningDone struct {
		Handle      Handle
		RedirectURL string
		ExpiresAt   time.Time
	}

	// OpeningRefusal says that the bank definitely refused to open the order; Code is the bank's.
	OpeningRefusal struct{ Code string }

	// OpeningLoss frees the lease: nothing was sent, or the answer was lost. No customer saw a page, so it may be opened
	// again.
	OpeningLoss struct{}

	// Question claims the right to ask the bank now. It is refused while the last claim is too young, and while a question
	// is promised to somebody else: Promised says that it is the caller's.
	Question struct{ Promised bool }

	// QuestionPromise promises a question for as soon as the bank may be asked again, however often it was asked: somebody
	// has come back from it. It is refused while another is promised.
	QuestionPromise struct{}

	// Statement is the bank's own proven statement about Handle.
	Statement struct {
		Handle Handle
		Report Report
		Asked  time.Time // when the question was put, of which this is the answer; zero = when it is saved
		Unpaid bool      // no money was on record when the question was put, by whomever's clock
	}

	// Hearsay is what a message that proves nothing says about why the bank refused.
	Hearsay struct {
		Handle Handle // the order that the message is about, as far as it says
		Report Report // its state, code and hint
	}

	// NoticeArrival is a message that the bank signed, about the session that it names.
	NoticeArrival struct {
		Handle Handle // OrderID, and Secret where the message names our reference
		Report Report
	}

	// NoticeTrust settles what was noticed by the bank's signature alone: the bank has no question to confirm it with,
	// or the shop's settings ask none.
	NoticeTrust struct{}

	// Silence says that the bank was asked and gave no usable answer; Unsupported, that it has no such question; NoCall
	// beside it, that this is what its server says, which may be another one tomorrow; Blind, that it does not tell how a
	// refund ended, see Payment.Blind, and another one waits for that.
	Silence struct{ Unsupported, NoCall, Blind bool }

	// Cancellation ends an unpaid payment for By, after the bank was asked where it can be.
	Cancellation struct{ By string }

	// SiblingReading says that the order's other attempts were read after this one was paid; Overpaid, that one was paid
	// before.
	SiblingReading struct{ Overpaid bool }

	// Wakeup says that the sweep came by: what has lapsed by age alone lapses, and the entry in the to-do list moves on.
	Wakeup struct{}

	// RefundIntent reserves the amount of a refund that its sender alone may now ask the bank for, until Until.
	RefundIntent struct {
		ID                string
		Amount            int64 // minor units
		All               bool  // asked for without an amount: all that remains
		Reason, Reference string
		By                string
		Base              *Report // what the bank said just before; nil = its totals cannot be read
		Until             time.Time
		Owner             string // 128 random bits of the sender's
	}

	// RefundDisclosure says that somebody is being told of the refund in flight: from now on the history knows of it.
	RefundDisclosure struct{ ID string }

	// RefundAnswer is what came of asking the bank for the refund. Reading is what it stated right afterwards, nil when
	// it could not be read.
	RefundAnswer struct {
		ID       string
		Owner    string // of the request that is answered: it settles no later try of the same key
		Answer   Answer
		RefundID string // the bank's id: proof by itself
		Promised string // the bank's id of what it has taken, and not called done: it may sign that later
		Code     string // the bank's code
		Reading  *Report
	}

	// DeliveryOutcome is what came of telling the shop about entries of the history, by their sequences. Put off are those
	// that were never tried, because the shop was just failing or there was no time: they go to the outbox.
	DeliveryOutcome struct {
		Answers map[int64]delivery.Answer
		PutOff  []int64
	}

	// Redelivery asks for entries to be told to the shop again; none named means all that are dead or would wait for over
	// a minute.
	Redelivery struct{ Sequences []int64 }

	// Ruling is a person's decision about what only people can find out, with the reason that others will want to read.
	Ruling struct {
		How    RulingKind
		Review Review // for a dismissal: which, may be empty when one alone is open
		Refund string // for a refund in flight: the id of the one that the bank was asked about
		// minor units; for a refund that is done: the part that the bank gave back, or all of it where none is in flight
		Amount int64
		By     string
		Why    string
	}
)

func (OpeningStart) event()     {}
func (OpeningDone) event()      {}
func (OpeningRefusal) event()   {}
func (OpeningLoss) event()      {}
func (Question) event()         {}
func (QuestionPromise) event()  {}
func (Hearsay) event()          {}
func (Statement) event()        {}
func (NoticeArrival) event()    {}
func (NoticeTrust) event()      {}
func (Silence) event()          {}
func (Cancellation) event()     {}
func (SiblingReading) event()   {}
func (Wakeup) event()           {}
func (RefundIntent) event()     {}
func (RefundDisclosure) event() {}
func (RefundAnswer) event()     {}
func (DeliveryOutcome) event()  {}
func (Redelivery) event()       {}
func (Ruling) event()           {}
