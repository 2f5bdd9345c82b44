package frame

import (
	"errors"
	"net/http"

	"kassa/infra/console/guard"
	"kassa/infra/kassa/console"
	"kassa/shared/awsclient"
	"kassa/shared/payment"
)

// Wrong is an error of an address or a form. Its word names the texts that say what is wrong and what to do.
type Wrong struct {
	Word   string // fault.<Word>.title and fault.<Word>.do
	Status int
}

// Error is the word.
func (w Wrong) Error() string { return w.Word }

// What an address can name that is not there. An unknown payment and one that can be none are told alike.
var (
	NoPage     = Wrong{"page", http.StatusNotFound}
	NoPayment  = Wrong{"payment", http.StatusNotFound}
	NoShop     = Wrong{"shop", http.StatusUnprocessableEntity}
	NoShopForm = Wrong{"shop_form", http.StatusUnprocessableEntity}
	NoDay      = Wrong{"day", http.StatusUnprocessableEntity}
	NoCursor   = Wrong{"cursor", http.StatusUnprocessableEntity}
	NoFilters  = Wrong{"filters", http.StatusUnprocessableEntity}
	NoReview   = Wrong{"review", http.StatusNotFound}
	NoReport   = Wrong{"report", http.StatusNotFound}
)

// Fault says what went wrong in plain words, and what to do: as a page, or in one.
type Fault struct {
	Frame
	Word   string // fault.<Word>.title and fault.<Word>.do
	Code   string // of the API, which may say more: code.<Code>
	Detail string // for whoever is asked for help
	Right  string // the right that is missing at AWS
}

// Title is what went wrong.
func (f Fault) Title() string { return f.Say("fault." + f.Word + ".title") }

// Do is what to do about it: what the API's code means where the console has words for that.
func (f Fault) Do() string {
	if key := "code." + f.Code; f.Code != "" && f.Has(key) {
		return f.Say(key)
	}
	return f.Say("fault." + f.Word + ".do")
}

// fault answers with an error.
func (s *Site) fault(v *Visit, err error) {
	page, status := FaultOf(err)
	page.Frame = v.Frame
	page.Screen = ""
	s.show(v.W, "fault", status, page)
}

// FaultOf chooses the words for an error. What AWS itself says is shown below them: it names the resource, and whoever
// looks at this console may see that.
func FaultOf(err error) (page Fault, status int) {
	if w, ours := errors.AsType[Wrong](err); ours {
		return Fault{Word: w.Word}, w.Status
	}
	page = Fault{Word: "internal", Code: payment.CodeOf(err), Detail: console.Say(err)}
	if awsclient.FaultOf(err) == awsclient.Denied {
		page.Word, page.Right = "denied", awsclient.MissingRight(err)
		return page, http.StatusForbidden
	}
	switch payment.KindOf(err) {
	case payment.NotFound:
		return Fault{Word: "payment"}, http.StatusNotFound
	case payment.Unavailable, payment.Uncertain:
		page.Word, status = "unavailable", http.StatusServiceUnavailable
	case payment.Misconfigured, payment.Forged:
		page.Word, status = "misconfigured", http.StatusInternalServerError
	case payment.Standing:
		page.Word, status = "standing", http.StatusConflict
	case payment.Invalid, payment.Refused, payment.Unsupported, payment.Malformed:
		page.Word, status = "refused", http.StatusUnprocessableEntity
	case payment.Internal:
		status = http.StatusInternalServerError
	}
	return page, status
}

// Refuse answers what the guard does not let in, without the navigation. A stranger learns nothing but that.
func (s *Site) Refuse(w http.ResponseWriter, r *http.Request, why guard.Why, stranger bool) {
	if stranger {
		http.Error(w, "This is not for you.", why.Status())
		return
	}
	s.show(w, "outside", why.Status(), Fault{Frame: s.frame(w, r), Word: "guard_" + string(why)})
}
