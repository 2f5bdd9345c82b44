package txpg

import (
	"context"
	"errors"
	"strings"

	"kassa/shared/address"
	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/bank/kapital/taksit"
	"kassa/shared/payment"
	"kassa/shared/strict/ascii"
)

// isOrder says whether a text can be the bank's id of an order, a JSON number that grows by one. It has fewer digits
// than any card.
func isOrder(text string) bool { return ascii.Natural(text, 12) }

// createRequest is the message of POST /order.
type createRequest struct {
	Order createPart `json:"order"`
}

type createPart struct {
	Type        string       `json:"typeRid"`
	Amount      string       `json:"amount"` // major units, two decimals
	Currency    string       `json:"currency"`
	Language    string       `json:"language"`
	Description string       `json:"description"`
	Return      string       `json:"hppRedirectUrl"`
	Initiation  string       `json:"initiationEnvKind"`
	Reference   string       `json:"ridByMerchant,omitempty"`
	Attributes  []customPart `json:"custAttrs,omitempty"`
}

type customPart struct {
	Rid   string `json:"rid"`
	Value string `json:"valAsStr"`
}

// Open creates an order and gives the address of the bank's payment page; see bank.Bank for the kinds of errors.
//
// The bank takes no idempotency key, so an opening whose answer is lost leaves an order behind that nobody sees and
// that expires by itself: no customer has its page.
func (g *Gateway) Open(ctx context.Context, o bank.Order) (bank.Session, error) {
	if err := g.Ready(bank.OpOpen); err != nil {
		return bank.Session{}, err
	}
	if o.Amount.Minor <= 0 {
		return bank.Session{}, &payment.Error{Kind: payment.Refused, Code: "amount_refused",
			Message: "Kapital Bank takes amounts above zero"}
	}
	if err := g.Profile().Refuse(o); err != nil {
		return bank.Session{}, err
	}
	message, err := g.send(ctx, createRequest{g.create(o)}, exchange.Effect, "order")
	if err != nil {
		return bank.Session{}, err
	}
	id, _ := message.At("/order/id").Plain()
	password, _ := message.At("/order/password").Text()
	if !isOrder(id) || !exchange.IsName(password) || exchange.MayHoldCard(password) {
		return bank.Session{}, exchange.Unreadable(exchange.Effect,
			errors.New("the order's id or password is missing or malformed"))
	}
	address, _ := message.At("/order/hppUrl").Text()
	page, err := g.page(ctx, address, id, password)
	if err != nil {
		return bank.Session{}, err
	}
	return bank.Session{
		Handle:      g.Handle(id, password),
		RedirectURL: page,
		ExpiresAt:   o.Now.Add(g.settings.session),
	}, nil
}

// create writes an order that Profile().Examine found right. The bank takes no reference of ours by default: the
// payment's id stands in the description, for people.
func (g *Gateway) create(o bank.Order) createPart {
	c := createPart{Type: g.settings.purchase, Amount: o.Amount.Decimal(), Currency: string(o.Amount.Currency),
		Language: g.pageLanguage(o.Locale), Return: o.ReturnURL, Initiation: "Browser"}
	switch text := strings.TrimSpace(o.Description); {
	case o.Term != 0:
		c.Description = taksit.Description(o.Term)
	case text == "":
		c.Description = o.RefForBank + " (" + o.ID.String() + ")"
	default:
		c.Description = text + " (" + o.ID.String() + ")"
	}
	if rid, custom := strings.CutPrefix(g.settings.reference, "custAttrs:"); custom {
		c.Attributes = []customPart{{rid, o.RefForBank}}
	} else if g.settings.reference == "ridByMerchant" {
		c.Reference = o.RefForBank
	}
	return c
}

// pageLanguage maps a locale to the languages that the page has: az, en and ru. Belarusian readers get Russian.
func (g *Gateway) pageLanguage(locale string) string {
	switch locale {
	case "az", "en", "ru":
		return locale
	case "be":
		return "ru"
	}
	return g.settings.language
}

// page builds the address of the order's page. Sources disagree about whether the bank's hppUrl ends in the page's
// path, so that is made to stand at its end exactly once.
func (g *Gateway) page(ctx context.Context, base, order, password string) (string, error) {
	if base == "" || exchange.MayHoldCard(base) {
		return "", exchange.Unreadable(exchange.Effect, errors.New("the address of the payment page is missing or malformed"))
	}
	u, err := g.Page(ctx, base)
	if err != nil {
		return "", err
	}
	if last := "/" + g.settings.pagePath; last != "/" {
		path := strings.TrimRight(u.Path, "/")
		for strings.HasSuffix(path, last) {
			path = strings.TrimRight(strings.TrimSuffix(path, last), "/")
		}
		u.Path, u.RawPath = path+last, ""
	}
	return g.PageOf(ctx, u, address.Parameter{Name: "id", Value: order},
		address.Parameter{Name: "password", Value: password})
}
