package simbank

import (
	"context"
	"net/http"

	"kassa/shared/loopback"
	"kassa/shared/simbank/control"
	"kassa/shared/simbank/frame"
)

// MaxForm is the largest form, in bytes.
const MaxForm = 64 << 10

// Site is what a bank shows to people and scripts beside its API.
type Site[T any] struct {
	Page         string // path of the customer's page
	Show, Submit http.HandlerFunc
	Desk         frame.Desk         // its words
	Line         func(T) frame.Line // one order of the desk
	// Run takes a step of the desk on an order.
	Run     func(ctx context.Context, id string, c control.Command) error
	Control *control.API
}

// Serve is the site. Serve it on a listener of its own, over plain HTTP on one
// machine: the customer's browser then needs no exception for a private certificate.
// It answers to names of this machine alone, and takes nothing from pages of other
// sites.
func Serve[K comparable, T any, S control.Settings, E any](b *Bank[K, T, S, E], site Site[T]) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+site.Page, site.Show)
	mux.HandleFunc("POST "+site.Page, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "the form is too large or malformed", http.StatusBadRequest)
			return
		}
		site.Submit(w, r)
	})
	d := desk[T]{site: site, all: b.Book.All, render: b.Render}
	mux.HandleFunc("GET /desk", func(w http.ResponseWriter, _ *http.Request) { d.show(w, http.StatusOK, "") })
	mux.HandleFunc("POST /desk", d.submit)
	mux.Handle("GET /assets/", b.Views.Assets())
	mux.Handle("/_sim/", site.Control.Handler())
	mux.Handle("GET /{$}", http.RedirectHandler("desk", http.StatusSeeOther))
	return loopback.Pages(mux)
}

// Render writes one page.
func (b *Bank[K, T, S, E]) Render(w http.ResponseWriter, status int, name string, v any) {
	if err := b.Views.Render(w, status, name, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// Control is the control API with what every bank answers. What stands in ledger is
// the bank's own, and reset is [Bank.Reset] with what else the bank forgets.
func (b *Bank[K, T, S, E]) Control(ledger func() any, reset func(orders bool) error) *control.API {
	return control.New(control.Bank[S]{Name: b.name, Faults: b.Script, Switches: b.Switches,
		Ledger: ledger, Requests: func() any { return b.Requests() }, Reset: reset})
}

type desk[T any] struct {
	site   Site[T]
	all    func() []T
	render func(w http.ResponseWriter, status int, name string, v any)
}

// deskOrders is how many orders the desk shows.
const deskOrders = 50

func (d desk[T]) show(w http.ResponseWriter, status int, message string) {
	v := d.site.Desk
	v.Message = message
	all := d.all()
	for i := len(all) - 1; i >= 0 && len(v.Orders) < deskOrders; i-- {
		v.Orders = append(v.Orders, d.site.Line(all[i]))
	}
	d.render(w, status, "desk", v)
}

func (d desk[T]) submit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, MaxForm)
	c := control.Command{Action: r.PostFormValue("action")}
	if c.Action == "desk_refund" {
		amount, err := frame.Minor(r.PostFormValue("amount"))
		if err != nil {
			d.show(w, http.StatusUnprocessableEntity, err.Error())
			return
		}
		c.Amount = amount
	}
	if err := d.site.Run(r.Context(), r.PostFormValue("order"), c); err != nil {
		d.show(w, http.StatusConflict, err.Error())
		return
	}
	http.Redirect(w, r, "desk", http.StatusSeeOther)
}
