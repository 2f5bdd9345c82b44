package screen

import (
	"errors"
	"net/http"
	"regexp"

	"kassa/infra/console/guard"
	"kassa/infra/kassa/console"
	"kassa/shared/awsclient"
	"kassa/shared/payment"
)

// wrong is an error of an address or a form. Its word names the texts that say what is wrong and what to do.
type wrong struct {
	word   string
	status int
}

func (w wrong) Error() string { return w.word }

var (
	errNoPage   = wrong{"page", http.StatusNotFound}
	errNoID     = wrong{"payment", http.StatusNotFound}
	errNoShop   = wrong{"shop", http.StatusUnprocessableEntity}
	errShopForm = wrong{"shop_form", http.StatusUnprocessableEntity}
	errDay      = wrong{"day", http.StatusUnprocessableEntity}
	errCursor   = wrong{"cursor", http.StatusUnprocessableEntity}
)

// faultPage says what went wrong in plain words, and what to do.
type faultPage struct {
	Frame
	Word   string // fault.<Word>.title and fault.<Word>.do
	Detail string // for whoever is asked for help
	Right  string // the right that is missing at AWS
}

// fault answers with an error.
func (s *Site) fault(v *visit, err error) {
	page, status := faultOf(err)
	page.Frame = v.Frame
	page.Screen = ""
	s.show(v.w, "fault", status, page)
}

// missing is how AWS names the right that it misses.
var missing = regexp.MustCompile(`not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z0-9*]+)`)

// faultOf chooses the words for an error. What AWS itself says is shown below them: it names the resource, and whoever
// looks at this console may see that.
func faultOf(err error) (page faultPage, status int) {
	if w, ours := errors.AsType[wrong](err); ours {
		return faultPage{Word: w.word}, w.status
	}
	page = faultPage{Word: "internal", Detail: console.Say(err)}
	if awsclient.FaultOf(err) == awsclient.Denied {
		if m := missing.FindStringSubmatch(err.Error()); m != nil {
			page.Right = m[1]
		}
		page.Word = "denied"
		return page, http.StatusForbidden
	}
	switch payment.KindOf(err) {
	case payment.NotFound:
		return faultPage{Word: "payment"}, http.StatusNotFound
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
	s.show(w, "outside", why.Status(), faultPage{Frame: s.frame(w, r), Word: "guard_" + string(why)})
}
