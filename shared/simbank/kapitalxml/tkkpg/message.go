package tkkpg

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Message is what the customer's browser carries back. Amount is minor units; PAN is
// masked and empty on a cancelled order.
type Message struct {
	At                         time.Time
	OrderID                    int64
	Session, Merchant, Type    string
	Amount                     int64
	Currency, Description      string
	PAN, Brand, Code, CodeText string
	Status, StatusText         string
	Approval                   string
}

// Shape is how an installation of the gateway spells the message.
type Shape struct {
	Base64  bool
	Wrapper string // name of an element around Message, or empty
	Case    string // letter case of the ids' names: "", "upper", "lower" or "mixed"
}

// Names returns the spelling of OrderID and SessionID in a letter case; the
// empty one is the vendor's.
func Names(letterCase string) (order, session string) {
	switch letterCase {
	case "upper":
		return "ORDERID", "SESSIONID"
	case "lower":
		return "orderid", "sessionid"
	case "mixed":
		return "OrderId", "SessionId"
	}
	return "OrderID", "SessionID"
}

// Text renders the value of the form field xmlmsg.
func (m Message) Text(s Shape) string {
	root := m.element(s)
	if s.Wrapper != "" {
		root = branch(s.Wrapper, root)
	}
	text := prolog + string(root.bytes())
	if s.Base64 {
		return base64.StdEncoding.EncodeToString([]byte(text))
	}
	return text
}

func (m Message) element(s Shape) element {
	at := baku(m.At).Format("02/01/2006 15:04:05")
	order, session := Names(s.Case)
	e := branch("Message", leaf("Version", "1.0"),
		leaf(order, strconv.FormatInt(m.OrderID, 10)), leaf(session, m.Session),
		leaf("TransactionType", m.Type), leaf("RRN", m.reference()))
	e.attrs = [][2]string{{"date", at}}
	if m.PAN != "" {
		e.kids = append(e.kids, leaf("PAN", m.PAN))
	}
	e.kids = append(e.kids,
		leaf("PurchaseAmount", strconv.FormatInt(m.Amount, 10)), leaf("PurchaseAmountScr", screen(m.Amount)),
		leaf("TotalAmount", strconv.FormatInt(m.Amount, 10)),
		leaf("Currency", m.Currency), leaf("CurrencyScr", Letters(m.Currency)), leaf("TranDateTime", at),
		leaf("ResponseCode", m.Code), leaf("ResponseDescription", m.CodeText), leaf("Brand", m.Brand),
		leaf("OrderStatus", m.Status), leaf("OrderStatusScr", m.StatusText),
		leaf("ApprovalCode", m.Approval), leaf("ApprovalCodeScr", strings.TrimSuffix(m.Approval, " A")),
		leaf("AcqFee", "0"), leaf("MerchantTranID", ""), leaf("OrderDescription", m.Description),
		leaf("ThreeDSVerificaion", "N"), leaf("RezultOperation", m.StatusText), leaf("AuthorizationResponseCode", m.Code))
	return e
}

// reference is the host's retrieval number; an unauthorised order has none.
func (m Message) reference() string {
	if m.Approval == "" {
		return ""
	}
	return fmt.Sprintf("%012d", m.OrderID)
}

// screen writes minor units with a decimal comma, as the gateway's default
// locale does: 15210 is "152,10".
func screen(minor int64) string { return fmt.Sprintf("%d,%02d", minor/100, minor%100) }
