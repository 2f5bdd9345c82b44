package tkkpg

import (
	"strconv"
	"strings"
	"time"
)

const (
	// null is how the gateway spells a missing date or currency; other missing values are
	// an empty element or a zero date.
	null     = "null"
	zeroDate = "0000-00-00 00:00:00"
)

// Row is what GetOrderInformation tells of an order. Amounts are minor units.
type Row struct {
	ID                               int64
	Session, Merchant, Type          string
	Created, Updated, Paid, Refunded time.Time // zero where it did not happen
	Amount, RefundAmount             int64
	Currency, Language, Description  string
	ApproveURL, CancelURL            string
	DeclineURL, Status, TwoID        string
	Params                           [][2]string
	Operations                       []RowOperation
}

// RowOperation is one line of OrderOperations.
type RowOperation struct {
	ID, Amount     int64
	Created        time.Time
	Kind, Approval string
}

// InformationAnswer is the bare Order/row without a prolog, or with classic view the
// usual frame. Params and operations are nil when the request did not ask for them.
func InformationAnswer(r Row, classic bool) []byte {
	order := branch("Order", r.element())
	if classic {
		return answer(GetOrderInformation, OK, order)
	}
	return order.bytes()
}

func (r Row) element() element {
	row := branch("row",
		leaf("id", strconv.FormatInt(r.ID, 10)), leaf("SessionID", r.Session),
		leaf("createDate", stamp(r.Created, null)), leaf("lastUpdateDate", stamp(r.Updated, null)),
		leaf("payDate", stamp(r.Paid, null)), leaf("MerchantID", r.Merchant),
		leaf("Amount", strconv.FormatInt(r.Amount, 10)), leaf("Currency", r.Currency),
		leaf("OrderLanguage", r.Language), leaf("Description", r.Description),
		leaf("ApproveURL", r.ApproveURL), leaf("CancelURL", r.CancelURL), leaf("DeclineURL", r.DeclineURL),
		leaf("Orderstatus", r.Status), leaf("Receipt", ""), leaf("twoId", r.TwoID),
		leaf("RefundAmount", strconv.FormatInt(r.RefundAmount, 10)), leaf("RefundCurrency", r.refundCurrency()),
		leaf("ExtSystemProcess", "0"), leaf("OrderType", r.Type), leaf("OrderSubType", ""), leaf("Fee", "0"),
		leaf("Email", ""), leaf("RefundDate", stamp(r.Refunded, zeroDate)),
		leaf("TWODate", short(r.Paid, "060102")), leaf("TWOTime", short(r.Paid, "150405")))
	if r.Params != nil {
		row.kids = append(row.kids, r.params())
	}
	if r.Operations != nil {
		row.kids = append(row.kids, r.operations())
	}
	return row
}

func (r Row) refundCurrency() string {
	if r.RefundAmount == 0 {
		return null
	}
	return r.Currency
}

func (r Row) params() element {
	list := branch("OrderParams")
	for _, p := range r.Params {
		list.kids = append(list.kids, branch("row", leaf("PARAMNAME", p[0]), leaf("VAL", p[1])))
	}
	return list
}

func (r Row) operations() element {
	list := branch("OrderOperations")
	for _, op := range r.Operations {
		list.kids = append(list.kids, branch("row",
			leaf("id", strconv.FormatInt(op.ID, 10)), leaf("PackageId", ""), leaf("createDate", stamp(op.Created, null)),
			leaf("MerchantID", r.Merchant), leaf("TERMINALID", r.Merchant), leaf("OperType", op.Kind),
			leaf("OperName", op.Kind), leaf("OrderId", strconv.FormatInt(r.ID, 10)),
			leaf("Amount", strconv.FormatInt(op.Amount, 10)), leaf("Currency", r.Currency),
			leaf("Approval", strings.TrimSuffix(op.Approval, " A")), leaf("twoId", r.TwoID)))
	}
	return list
}

// stamp writes the time of Baku without naming the zone, as the gateway does.
func stamp(t time.Time, missing string) string {
	if t.IsZero() {
		return missing
	}
	return baku(t).Format(time.DateTime)
}

func short(t time.Time, layout string) string {
	if t.IsZero() {
		return null
	}
	return baku(t).Format(layout)
}

func baku(t time.Time) time.Time { return t.In(time.FixedZone("Baku", 4*60*60)) }
