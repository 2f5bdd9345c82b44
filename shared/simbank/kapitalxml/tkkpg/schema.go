package tkkpg

import (
	"fmt"
	"strings"
)

// Operations that the simulator carries out.
const (
	CreateOrder         = "CreateOrder"
	GetOrderStatus      = "GetOrderStatus"
	GetOrderInformation = "GetOrderInformation"
	Completion          = "Completion"
	Reverse             = "Reverse"
	Refund              = "Refund"
)

// field is what the schema says of one element below Request.
type field struct {
	path     string
	required bool
	check    func(string) error
}

const (
	must = true
	may  = false
)

// schema lists the elements of an operation in the vendor's order. An element that is
// not listed is a mistake of the client: the real gateway validates against tkkpg.xsd.
func schema(operation string) ([]field, bool) {
	follow := []field{
		{"Operation", must, anything},
		{"Language", must, matches(patternLocale, "AZ, EN or RU")},
		{"Order/Merchant", must, filled},
		{"Order/OrderID", must, matches(patternOrder, "an order number")},
		{"SessionID", must, matches(patternSession, "32 upper-case hex digits")},
	}
	switch operation {
	case CreateOrder:
		return createFields(), true
	case GetOrderStatus:
		return follow, true
	case GetOrderInformation:
		return append(follow, field{"ShowParams", may, boolean}, field{"ShowOperations", may, boolean},
			field{"ShowPositions", may, boolean}, field{"ClassicView", may, boolean}), true
	case Completion:
		return append(follow, field{"Amount", may, amount}, field{"Currency", may, currency},
			field{"Description", may, anything}), true
	case Reverse:
		return append(follow, field{"Amount", may, amount}, field{"Description", may, anything},
			field{"TranId", may, anything}, field{"Source", may, anything}), true
	case Refund:
		return append(follow, field{"Description", may, anything}, field{"Refund/Amount", must, amount},
			field{"Refund/Currency", must, currency}, field{"Refund/WithFee", may, boolean},
			field{"TranId", may, anything}, field{"Source", may, anything}), true
	}
	return nil, false
}

func createFields() []field {
	return []field{
		{"Operation", must, anything},
		{"Language", must, matches(patternLocale, "AZ, EN or RU")},
		{"Order/OrderType", must, orderType},
		{"Order/Merchant", must, filled},
		{"Order/Amount", must, amount},
		{"Order/Currency", must, currency},
		{"Order/Description", may, anything},
		{"Order/ApproveURL", must, absolute},
		{"Order/CancelURL", must, absolute},
		{"Order/DeclineURL", must, absolute},
		{"Order/phone", may, anything},
		{"Order/Fee", may, matches(patternInteger, "an amount in minor units")},
		{"Order/AddParams/OrderExpirationPeriod", may, matches(patternInteger, "minutes")},
		{"Order/AddParams/FA-DATA", may, anything},
		{"Order/AddParams/UserEmail", may, anything},
		{"Order/AddParams/AcctType", may, anything},
		{"Order/AddParams/ChangeStatusURL", may, absolute},
	}
}

// positions is the fiscal part that clients copy from the bank's sample; its
// inside is not read.
const positions = "Order/Positions"

// collect flattens the tree below Request into path -> text and refuses what
// the schema does not know and what comes twice.
func collect(request element, fields []field) (map[string]string, error) {
	values := map[string]string{}
	if err := gather("", request.kids, fields, values); err != nil {
		return nil, err
	}
	for _, f := range fields {
		text, present := values[f.path]
		if !present {
			if f.required {
				return nil, fmt.Errorf("%s is missing", f.path)
			}
			continue
		}
		if err := f.check(text); err != nil {
			return nil, fmt.Errorf("%s %w", f.path, err)
		}
	}
	return values, nil
}

func gather(prefix string, kids []element, fields []field, values map[string]string) error {
	for _, kid := range kids {
		path := prefix + kid.name
		if path == positions {
			continue
		}
		if len(kid.kids) > 0 || holdsFields(path, fields) {
			if kid.text != "" && strings.TrimSpace(kid.text) != "" {
				return fmt.Errorf("%s must hold elements, not text", path)
			}
			if !holdsFields(path, fields) {
				return fmt.Errorf("%s does not belong into this request", path)
			}
			if _, twice := values[path+"/"]; twice {
				return fmt.Errorf("%s comes twice", path)
			}
			values[path+"/"] = ""
			if err := gather(path+"/", kid.kids, fields, values); err != nil {
				return err
			}
			continue
		}
		if !isField(path, fields) {
			return fmt.Errorf("%s does not belong into this request", path)
		}
		if _, twice := values[path]; twice {
			return fmt.Errorf("%s comes twice", path)
		}
		values[path] = kid.text
	}
	return nil
}

func holdsFields(path string, fields []field) bool {
	for _, f := range fields {
		if strings.HasPrefix(f.path, path+"/") {
			return true
		}
	}
	return false
}

func isField(path string, fields []field) bool {
	for _, f := range fields {
		if f.path == path {
			return true
		}
	}
	return false
}
