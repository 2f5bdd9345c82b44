package txpg

import (
	"errors"
	"strings"
	"testing"
	"time"

	"kassa/shared/payment"
)

// TestEveryErrorOfTheBank walks over the bank's codes, and over answers that are not the gateway's at all, for each of
// the three calls. A code is read before the HTTP status.
func TestEveryErrorOfTheBank(t *testing.T) {
	const (
		refused, uncertain   = payment.Refused, payment.Uncertain
		unavailable, setting = payment.Unavailable, payment.Misconfigured
	)
	coded := func(code string) string {
		return `{"errorCode":"` + code + `","errorDescription":"of 4169****1778, canary-text"}`
	}
	for _, c := range []struct {
		answer              string
		create, order, exec payment.Kind
		code                string
	}{
		{"400 " + coded("InvalidLogin"), setting, setting, uncertain, "InvalidLogin"},
		{"200 " + coded("InvalidLogin"), setting, setting, uncertain, "InvalidLogin"},
		{"400 " + coded("NeedChangePwd"), setting, setting, uncertain, "NeedChangePwd"},
		{"400 " + coded("PwdTryLimitExceeded"), setting, setting, uncertain, "PwdTryLimitExceeded"},
		{"400 " + coded("InvalidCert"), setting, setting, uncertain, "InvalidCert"},
		{"400 " + coded("UserSessionExpired"), setting, setting, uncertain, "UserSessionExpired"},
		{"400 " + coded("InvalidUserSession"), setting, setting, uncertain, "InvalidUserSession"},
		{"400 " + coded("invalidlogin"), setting, setting, uncertain, "InvalidLogin"},
		{"400 " + coded("USERSESSIONEXPIRED"), setting, setting, uncertain, "UserSessionExpired"},
		{"400 " + coded("invalidOrderState"), refused, unavailable, refused, "InvalidOrderState"},
		{"400 " + coded("INVALIDAMT"), refused, unavailable, refused, "InvalidAmt"},
		{"400 " + coded("InvalidAmt"), refused, unavailable, refused, "InvalidAmt"},
		{"500 " + coded("InvalidAmt"), refused, unavailable, refused, "InvalidAmt"},
		{"400 " + coded("InvalidOrderState"), refused, unavailable, refused, "InvalidOrderState"},
		{"400 " + coded("InvalidTran"), refused, unavailable, refused, "InvalidTran"},
		{"400 " + coded("InvalidTranLink"), refused, unavailable, refused, "InvalidTranLink"},
		{"400 " + coded("InvalidToken"), refused, unavailable, refused, "InvalidToken"},
		{"400 " + coded("TranProhibited"), refused, unavailable, refused, "TranProhibited"},
		{"400 " + coded("OperationProhibited"), refused, unavailable, refused, "OperationProhibited"},
		{"400 " + coded("InvalidRequest"), setting, unavailable, refused, "InvalidRequest"},
		{"400 " + golden(t, "answer_decline.json"), refused, unavailable, refused, "PmoDecline"},
		{"400 " + coded("PmoDecline"), refused, unavailable, refused, "PmoDecline"},
		{`400 {"errorCode":"PmoDecline","errorDetails":{"pmoResultCode":"4"}}`, uncertain, unavailable, uncertain,
			"PmoDecline"},
		{`400 {"errorCode":"PmoDecline","errorDetails":{"pmoResultCode":"72"}}`, uncertain, unavailable, uncertain,
			"PmoDecline"},
		{`400 {"errorCode":"PmoDecline","errorDetails":{"pmoResultCode":"1"}}`, uncertain, unavailable, uncertain,
			"PmoDecline"},
		{"500 " + coded("PmoUnreachable"), uncertain, unavailable, uncertain, "PmoUnreachable"},
		{"400 " + coded("CofpUnreachable"), uncertain, unavailable, uncertain, "CofpUnreachable"},
		{"400 " + coded("ActionAppException"), uncertain, unavailable, uncertain, "ActionAppException"},
		{"404 " + coded("ServiceError"), uncertain, unavailable, uncertain, "ServiceError"},
		{`400 {"errorCode":"ServiceError","errorDescription":"Object from Currency was not found by PID = XYZ"}`, setting,
			unavailable, uncertain, "ServiceError"},
		{"400 " + coded("CantChooseSettleAcct"), uncertain, unavailable, uncertain, "CantChooseSettleAcct"},
		{"400 " + coded("SomethingNew"), uncertain, unavailable, uncertain, "SomethingNew"},
		{`200 {"errorCode":"InvalidOrderState","tran":{"match":{"tranActionId":"x=","ridByPmo":"1"},"pmoResultCode":"1"}}`,
			refused, unavailable, uncertain, "InvalidOrderState"},
		{`500 {"errorCode":0}`, uncertain, unavailable, uncertain, ""},
		{`400 {"errorCode":17}`, uncertain, unavailable, uncertain, ""},
		{`400 {"errorCode":"canary-text <b>"}`, uncertain, unavailable, uncertain, ""},
		{`404 {"error":"Not Found","path":"/api/order"}`, setting, setting, uncertain, ""},
		{"404 <html>not found</html>", setting, setting, uncertain, ""},
		{"403 <html>firewall</html>", setting, setting, uncertain, ""},
		{"400 <html><title>400 No required SSL certificate was sent</title>", setting, setting, setting, ""},
		{"400 <html>cURL error 60: SSL certificate problem: certificate has expired", uncertain, unavailable, uncertain, ""},
		{"302 ", setting, setting, uncertain, ""},
		{"401 ", setting, setting, uncertain, ""},
		{"429 ", uncertain, unavailable, uncertain, ""},
		{"500 <html>oops</html>", uncertain, unavailable, uncertain, ""},
		{"503 {}", uncertain, unavailable, uncertain, ""},
		{"200 ", uncertain, unavailable, uncertain, ""},
		{"200 {}", uncertain, unavailable, uncertain, ""},
		{"200 <html>it works</html>", uncertain, unavailable, uncertain, ""},
		{`200 {"order":{"id":1,"id":2}}`, uncertain, unavailable, uncertain, ""},
		{`200 {"tran":{}}`, uncertain, unavailable, uncertain, ""},
		{`200 {"tran":null}`, uncertain, unavailable, uncertain, ""},
	} {
		for call, want := range map[string]payment.Kind{"create": c.create, "order": c.order, "exec-tran": c.exec} {
			b := connect(t, nil)
			h, _ := b.paid(t)
			b.bank.faulty, b.bank.fault = call, c.answer
			var err error
			switch call {
			case "create":
				_, err = b.Open(t.Context(), b.order())
			case "order":
				_, err = b.Status(t.Context(), h)
			default:
				_, err = b.Refund(t.Context(), b.refund(h, 100, 0))
			}
			code := ""
			if e, ok := errors.AsType[*payment.Error](err); ok {
				code, _, _ = strings.Cut(e.BankCode, "-")
			}
			if err == nil || payment.KindOf(err) != want || code != c.code {
				t.Errorf("%s, %s: %v, want %v", call, c.answer, err, want)
			}
			if said := err.Error() + b.log.String(); strings.Contains(said, "canary") || strings.Contains(said, "1778") {
				t.Errorf("%s, %s: the bank's text is told: %s", call, c.answer, said)
			}
		}
	}
}

// TestARefusedLoginIsLeftAlone: banks lock logins. Nothing is sent with it for ten minutes, whatever is asked; another
// secret is tried at once.
func TestARefusedLoginIsLeftAlone(t *testing.T) {
	c := connect(t, nil)
	h, _ := c.paid(t)
	c.bank.password = "changed at the bank"
	if _, err := c.Status(t.Context(), h); payment.KindOf(err) != payment.Misconfigured {
		t.Fatal(err)
	}
	tries := len(c.bank.asked)
	for name, call := range map[string]func() error{
		"status": func() error { _, err := c.Status(t.Context(), h); return err },
		"open":   func() error { _, err := c.Open(t.Context(), c.order()); return err },
		"refund": func() error { _, err := c.Refund(t.Context(), c.refund(h, 1, 0)); return err },
	} {
		c.now = noon().Add(lockTime - time.Second)
		if err := call(); payment.KindOf(err) != payment.Misconfigured || !strings.Contains(err.Error(), "08:10 UTC") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(c.bank.asked) != tries {
		t.Errorf("the login was tried again: %q", c.bank.asked[tries:])
	}
	if _, err := c.terminal(t, map[string]any{"password": "changed at the bank"}).Status(t.Context(), h); err != nil {
		t.Errorf("a renewed password: %v", err)
	}
	c.now = noon().Add(lockTime)
	if _, err := c.Status(t.Context(), h); payment.KindOf(err) != payment.Misconfigured || len(c.bank.asked) != tries+2 {
		t.Errorf("later: %v after %d calls", err, len(c.bank.asked)-tries)
	}
}

func TestProbe(t *testing.T) {
	c := connect(t, nil)
	probed := c.probe(t.Context())
	if probed[0].Err != nil ||
		probed[0].Said != "it knows the login, and no order that cannot exist (code ServiceError)" ||
		probed[1].Said != "purchases are opened as Order_SMS, the page may be on pages.bank.test" {
		t.Errorf("%+v", probed)
	}
	if len(c.bank.orders) != 0 {
		t.Error("an order was made")
	}
	if probed = c.terminal(t,
		map[string]any{"password": "x"}).probe(t.Context()); payment.KindOf(probed[0].Err) != payment.Misconfigured {
		t.Errorf("a wrong password: %+v", probed)
	}
	c.bank.faulty, c.bank.fault = "order", "503 "
	if probed = c.probe(t.Context()); payment.KindOf(probed[0].Err) != payment.Unavailable {
		t.Errorf("out of order: %+v", probed)
	}
}
