package txpg

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kassa/shared/bank"
	"kassa/shared/payment"
)

const (
	testLogin    = "TerminalSys/kapital"
	testPassword = "canary-password-5c1f"
	pages        = "https://pages.bank.test"
)

// baku is the clock of the bank, and noon well within one of its days.
var baku = time.FixedZone("Baku", 4*3600)

func noon() time.Time { return time.Date(2026, 5, 20, 12, 0, 0, 0, baku) }

// gatewayBank behaves as the bank is known to, over real TLS. It has its own idea of every message.
type gatewayBank struct {
	mu     sync.Mutex
	now    time.Time
	orders map[string]*bankOrder
	next   int
	serial int

	password string
	hppURL   string
	// what happens to the next call of faulty: lost, junk, gone, or an answer "400 {...}", after "after " if done
	fault      string
	faulty     string         // create, order or exec-tran
	voidShows  string         // how a void shows: "" as an entry, "cleared" in the sum alone
	noVoids    bool           // every void is refused by InvalidOrderState
	noRefunds  bool           // every refund is refused by InvalidOrderState
	answer     map[string]any // laid over the answer to exec-tran; a nil value takes a field away
	meanwhile  func()         // happens once after the next call of exec-tran
	asked      []string       // every call: method, path and body
	canaryText string         // stands in every error's text
}

type bankOrder struct {
	password, status, currency, description string
	amount                                  int64
	trans                                   []map[string]any
	also                                    map[string]any // laid over the order's full form
}

func (b *gatewayBank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	b.asked = append(b.asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/api"), "/"), "/")
	call := map[string]string{"POST 1": "create", "GET 2": "order",
		"POST 3": "exec-tran"}[r.Method+" "+strconv.Itoa(len(parts))]
	fault := ""
	if b.fault != "" && call == b.faulty {
		fault, b.fault = b.fault, ""
	}
	if fault == "gone" {
		panic(http.ErrAbortHandler)
	}
	instead, after := strings.CutPrefix(fault, "after ")
	status, answer := 0, ""
	if after || fault == "" || fault == "lost" || fault == "junk" {
		status, answer = b.serve(r, call, parts, body)
	}
	if meanwhile := b.meanwhile; meanwhile != nil && call == "exec-tran" {
		b.meanwhile = nil
		meanwhile()
	}
	switch {
	case fault == "lost":
		panic(http.ErrAbortHandler)
	case fault == "junk":
		status, answer = 200, "<html>it works</html>"
	case fault != "":
		code, text, _ := strings.Cut(instead, " ")
		status, _ = strconv.Atoi(code)
		answer = text
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

func (b *gatewayBank) serve(r *http.Request, call string, parts []string, body []byte) (int, string) {
	login, password, ok := r.BasicAuth()
	switch {
	case !ok || login != testLogin || password != b.password:
		return b.refuse(400, "InvalidLogin")
	case parts[0] != "order" || call == "" || call == "exec-tran" && parts[2] != "exec-tran":
		return 404, `{"error":"Not Found","path":"` + r.URL.Path + `"}`
	case call == "create":
		return b.create(body)
	}
	o := b.orders[parts[1]]
	switch {
	case o == nil:
		return b.refuse(404, "ServiceError")
	case call == "order":
		return 200, b.show(parts[1], o, r.URL.Query().Get("tranDetailLevel") == "2" &&
			r.URL.Query().Get("orderDetailLevel") == "2")
	}
	return b.exec(o, body)
}

func (b *gatewayBank) refuse(status int, code string) (int, string) {
	return status, fmt.Sprintf(`{"errorCode":%q,"errorDescription":"for %s 4169****1778 %s"}`, code, code, b.canaryText)
}

func (b *gatewayBank) create(body []byte) (int, string) {
	var q struct{ Order map[string]any }
	if json.Unmarshal(body, &q) != nil {
		return b.refuse(400, "InvalidRequest")
	}
	text, _ := q.Order["amount"].(string)
	whole, rest, _ := strings.Cut(text, ".")
	amount, err := strconv.ParseInt(whole+(rest + "00")[:2], 10, 64)
	switch {
	case err != nil || amount <= 0:
		return b.refuse(400, "InvalidAmt")
	case q.Order["currency"] != "AZN":
		return 400, `{"errorCode":"ServiceError","errorDescription":"Object from Currency was not found by PID = XYZ"}`
	case q.Order["typeRid"] != "Order_SMS":
		return b.refuse(400, "InvalidRequest")
	}
	b.next++
	id := strconv.Itoa(b.next)
	o := &bankOrder{password: fmt.Sprintf("8xjpd1%06d", b.next), status: "Preparing", currency: "AZN", amount: amount}
	o.description, _ = q.Order["description"].(string)
	b.orders[id] = o
	return 200,
		fmt.Sprintf(`{"order":{"id":%s,"hppUrl":%q,"password":%q,"status":"Preparing","cvv2AuthStatus":"Required",`+
			`"secret":"312866"}}`,
			id, b.hppURL, o.password)
}

// major writes minor units as the bank does: a number without needless noughts.
func major(minor int64) json.Number {
	text := fmt.Sprintf("%d.%02d", minor/100, max(minor%100, -(minor%100)))
	if minor < 0 && minor > -100 {
		text = "-" + text
	}
	return json.Number(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
}

func (b *gatewayBank) show(id string, o *bankOrder, full bool) string {
	var taken, back int64
	for _, t := range o.trans {
		if minor := minorOf(t["clearAmount"]); t["ridByPmo"] != "" && minor > 0 {
			taken += minor
		} else if t["ridByPmo"] != "" {
			back -= minor
		}
	}
	form := map[string]any{"id": json.Number(id), "status": o.status, "amount": major(o.amount), "currency": o.currency,
		"createTime": "2026-05-20 11:59:00"}
	if full {
		form["password"], form["hppUrl"] = o.password, b.hppURL
		form["authorizedChargeAmount"], form["clearedChargeAmount"], form["clearedRefundAmount"] = major(taken),
			major(taken), major(back)
		form["custAttrs"], form["reportPubs"] = []any{}, map[string]any{}
		if len(o.trans) > 0 {
			form["trans"] = o.trans
		}
		lay(form, o.also)
	}
	text, _ := json.Marshal(map[string]any{"order": form})
	return string(text)
}

// lay puts fields over others; a nil takes one away.
func lay(on, over map[string]any) {
	for name, value := range over {
		if on[name] = value; value == nil {
			delete(on, name)
		}
	}
}

func minorOf(value any) int64 {
	number, _ := value.(json.Number)
	whole, rest, _ := strings.Cut(strings.TrimPrefix(string(number), "-"), ".")
	minor, _ := strconv.ParseInt(whole+(rest + "00")[:2], 10, 64) // what is no number is nothing
	if strings.HasPrefix(string(number), "-") {
		return -minor
	}
	return minor
}

// entry adds an operation that counts.
func (b *gatewayBank) entry(o *bankOrder, minor int64, kind, description string) map[string]any {
	b.serial++
	t := map[string]any{"actionId": fmt.Sprintf("%s-%06d=", b.now.UTC().Format("060102-150405"), b.serial),
		"billingStatus": "Normal",
		"isReversal":    strings.Contains(description, "Void"), "ridByPmo": strconv.Itoa(17300000 + b.serial),
		"ridByAcquirer": "1", "approvalCode": "047347",
		"regTime": b.now.In(baku).Format(time.DateTime), "clearAmount": major(minor), "clearCcy": o.currency,
		"amount":   major(max(minor, -minor)),
		"currency": o.currency, "description": description, "phase": "Single", "type": kind, "pmoResultCode": "1"}
	o.trans = append(o.trans, t)
	return t
}

func (b *gatewayBank) exec(o *bankOrder, body []byte) (int, string) {
	var q struct{ Tran map[string]string }
	if json.Unmarshal(body, &q) != nil {
		return b.refuse(400, "InvalidRequest")
	}
	var left int64
	for _, t := range o.trans {
		left += minorOf(t["clearAmount"])
	}
	var done map[string]any
	switch {
	case o.status == "Refunded" || o.status == "Voided" || o.status == "Preparing":
		return b.refuse(400, "InvalidOrderState")
	case q.Tran["voidKind"] == "Full":
		if b.noVoids || left != o.amount || b.now.In(baku).Format(time.DateOnly) != fmt.Sprint(o.trans[0]["regTime"])[:10] {
			return b.refuse(400, "InvalidOrderState")
		}
		if o.status = "Voided"; b.voidShows == "cleared" {
			o.also = map[string]any{"clearedChargeAmount": 0}
			return 200, `{"tran":{"match":{"tranActionId":"x=","ridByPmo":"9"}}}`
		}
		done = b.entry(o, -left, "Purchase", "Purchase - Void")
	case q.Tran["type"] == "Refund":
		minor := minorOf(json.Number(q.Tran["amount"]))
		if b.noRefunds {
			return b.refuse(400, "InvalidOrderState")
		}
		if minor <= 0 || minor > left {
			return b.refuse(400, "InvalidAmt")
		}
		if done = b.entry(o, -minor, "Refund", "Refund"); minor == left {
			o.status = "Refunded"
		} else {
			o.status = "PartPaid"
		}
	default:
		return b.refuse(400, "InvalidTran")
	}
	tran := map[string]any{"approvalCode": "053703", "pmoResultCode": "1",
		"match": map[string]any{"tranActionId": done["actionId"], "ridByPmo": done["ridByPmo"]}}
	lay(tran, b.answer)
	text, _ := json.Marshal(map[string]any{"tran": tran})
	return 200, string(text)
}

// connected is a terminal connected to its bank.
type connected struct {
	*Gateway
	bank   *gatewayBank
	secret map[string]any // the section txpg
	log    *bytes.Buffer
	now    time.Time // of the terminal
}

func connect(t *testing.T, change map[string]any) *connected {
	t.Helper()
	c := &connected{now: noon(), log: &bytes.Buffer{}}
	c.bank = &gatewayBank{now: noon(), orders: map[string]*bankOrder{}, next: 4594, password: testPassword,
		hppURL: pages + "/flex", canaryText: "canary-text"}
	server := httptest.NewUnstartedServer(c.bank)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	c.secret = map[string]any{"merchant_id": "E1000010", "base_url": server.URL + "/api",
		"page_hosts": []string{"pages.bank.test"},
		"login":      testLogin, "password": testPassword, "ca": string(ca)}
	c.Gateway = c.terminal(t, change)
	return c
}

// terminal makes a terminal of the same settings with some of them changed.
func (c *connected) terminal(t *testing.T, change map[string]any) *Gateway {
	t.Helper()
	section := maps.Clone(c.secret)
	lay(section, change)
	raw, err := json.Marshal(map[string]any{"environment": "test", "gateway": "txpg", Section: section})
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(raw, Options{Stage: "local", Now: func() time.Time { return c.now },
		Log: slog.New(slog.NewTextHandler(c.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (c *connected) order() bank.Order {
	return bank.Order{ID: payment.ID{Order: "pay_aaaaaaaaaaaaaaaaaaaaaaaaaa", Attempt: 1}, RefForBank: "12345",
		Amount: payment.Money{Minor: 15050, Currency: payment.AZN}, Description: "Çay & \"şəkər\"", Locale: "be",
		ReturnURL: "https://kassa.example/pay_x-1/token/return", Now: c.now}
}

// paid opens and pays an order of 150.50 AZN.
func (c *connected) paid(t *testing.T) (bank.Handle, *bankOrder) {
	t.Helper()
	session, err := c.Open(t.Context(), c.order())
	if err != nil {
		t.Fatal(err)
	}
	o := c.bank.orders[session.Handle.OrderID]
	c.bank.pay(o)
	return session.Handle, o
}

func (b *gatewayBank) pay(o *bankOrder) {
	b.entry(o, o.amount, "Purchase", "Purchase")
	o.status = "FullyPaid"
}

func (c *connected) refund(h bank.Handle, amount, before int64) bank.Refund {
	return bank.Refund{Handle: h, ID: "rf_x", Amount: payment.Money{Minor: amount, Currency: payment.AZN},
		Captured: 15050, Returned: before,
		PaidAt: noon(), Now: c.now}
}

// sent gives the bodies of the operations that the bank was asked for.
func (b *gatewayBank) sent() (bodies []string) {
	for _, call := range b.asked {
		if _, body, ok := strings.Cut(call, "/exec-tran "); ok {
			bodies = append(bodies, body)
		}
	}
	return bodies
}
