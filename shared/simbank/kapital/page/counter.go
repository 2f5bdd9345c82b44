package page

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kassa/shared/simbank/book"
	"kassa/shared/simbank/frame"
	"kassa/shared/simbank/kapital"
)

// Counter serves the customer's page of one gateway: what both do alike. O is the
// gateway's order.
type Counter[O any] struct {
	Views    *frame.Renderer
	Path     string // relative address of the page
	Merchant string // what the customer reads
	Cards    kapital.Cards
	Now      func() time.Time
	// Visit finds the order that the address opens, and lets its time end it.
	Visit func(*http.Request) (O, error)
	// View says what the page shows of an order, and whether it waits for a card or a
	// code; Counter adds the rest.
	View func(O) View
	// Pick names the page that fits the order.
	Pick func(O, *View) string
	// Take carries out what the customer pressed.
	Take func(O, Press) (O, error)
	// Leave shows the next step of a running payment, or sends the customer back.
	Leave func(http.ResponseWriter, *http.Request, View, O)
}

// Press is a button of the page: action cancel, confirm with a code, or pay.
type Press struct {
	Action, Code string
	Card         kapital.Card
}

// Payable is an order of either gateway, under its own rules.
type Payable[R any] interface {
	Cancel(now time.Time, r R) error
	Confirm(code string, now time.Time, r R) error
	Pay(c kapital.Card, now time.Time, r R) error
}

// On takes the step that the button stands for.
func On[R any](p Press, o Payable[R], now time.Time, r R) error {
	switch p.Action {
	case "cancel":
		return o.Cancel(now, r)
	case "confirm":
		return o.Confirm(p.Code, now, r)
	}
	return o.Pay(p.Card, now, r)
}

// Show is the page as its order stands.
func (c Counter[O]) Show(w http.ResponseWriter, r *http.Request) {
	o, err := c.Visit(r)
	if err != nil {
		c.Fail(w, r, err)
		return
	}
	v := c.view(r, o)
	c.render(w, http.StatusOK, c.Pick(o, &v), v)
}

// Submit takes the customer's button. The form has been parsed.
func (c Counter[O]) Submit(w http.ResponseWriter, r *http.Request) {
	o, err := c.Visit(r)
	if err != nil {
		c.Fail(w, r, err)
		return
	}
	v := c.view(r, o)
	p, bad := c.press(r, v)
	if len(bad) > 0 {
		v.Form, v.Errors = ReadForm(r.PostForm), bad
		c.render(w, http.StatusUnprocessableEntity, c.Pick(o, &v), v)
		return
	}
	o, err = c.Take(o, p)
	if no := (book.Refusal{}); err != nil && !errors.As(err, &no) {
		c.Fail(w, r, err)
		return
	}
	frame.Guard(w)
	c.Leave(w, r, c.view(r, o), o)
}

// press reads which button was pressed. Bad fields are reported instead and leave
// the order as it is.
func (c Counter[O]) press(r *http.Request, v View) (Press, map[string]string) {
	p := Press{Action: r.PostForm.Get("action"), Code: strings.TrimSpace(r.PostForm.Get("code"))}
	switch p.Action {
	case "cancel":
		return p, nil
	case "confirm":
		if p.Code == "" && v.Challenge {
			return p, map[string]string{"code": "error_code"}
		}
		return p, nil
	}
	form := ReadForm(r.PostForm)
	if bad := form.Check(c.Now().In(kapital.Baku()), c.Cards.Known); len(bad) > 0 && !v.Ended {
		return p, bad
	}
	p.Card = kapital.Card{PAN: form.PAN, Expiry: form.Expiry, CVV: form.CVV}
	return p, nil
}

func (c Counter[O]) view(r *http.Request, o O) View {
	v := c.View(o)
	v.Merchant, v.Lang, v.Home = c.Merchant, Lang(r.URL.Query().Get("lang"), v.Lang), c.Path+"?"+v.IDs.Encode()
	v.Action = v.Home + "&lang=" + v.Lang
	for _, card := range c.Cards {
		v.Cards = append(v.Cards, Hint{PAN: Form{PAN: card.PAN}.Grouped(), Key: "card_" + card.Name, CVV: card.CVV,
			Expiry: card.Expiry})
	}
	return v
}

// Fail shows that there is no such order, or that the bank is out of order.
func (c Counter[O]) Fail(w http.ResponseWriter, r *http.Request, err error) {
	v := View{Lang: Lang(r.URL.Query().Get("lang"), ""), Merchant: c.Merchant, Home: c.Path + "?", IDs: url.Values{}}
	status := http.StatusInternalServerError
	v.Status = "ERROR"
	if errors.Is(err, book.ErrUnknown) {
		v.Status, status = "MISSING", http.StatusNotFound
	}
	c.render(w, status, "end", v)
}

func (c Counter[O]) render(w http.ResponseWriter, status int, name string, v View) {
	if err := c.Views.Render(w, status, name, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
