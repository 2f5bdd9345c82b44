package bitrix24sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
)

// rest serves /rest/<user>/<code>/<method>.
func (p *Portal) rest(w http.ResponseWriter, r *http.Request) {
	name, right := strings.CutPrefix(r.URL.Path, "/rest/1/"+p.code+"/")
	if !right {
		Says(http.StatusUnauthorized, `{"error":"NO_AUTH_FOUND","error_description":"Wrong authorization data"}`)(w, nil)
		return
	}
	fault := p.next(name)
	params := map[string]any{}
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if err := d.Decode(&params); err != nil {
		Says(http.StatusBadRequest, `{"error":"ERROR_ARGUMENT"}`)(w, nil)
		return
	}
	var result any
	var code, text string
	work := func() { result, code, text = p.call(name, upper(params)) }
	if fault != nil && fault(w, work) {
		return
	}
	work()
	w.Header().Set("Content-Type", "application/json")
	if code != "" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":%s,"error_description":%q}`, code, text)
		return
	}
	// The caller hears of a connection that breaks.
	_ = json.NewEncoder(w).Encode(map[string]any{"result": result, "time": map[string]any{"duration": 0.38}})
}

func (p *Portal) next(name string) (f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, name)
	if len(p.faults) > 0 {
		f, p.faults = p.faults[0], p.faults[1:]
	}
	return f
}

// upper is what the portal makes of names.
func upper(params map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range params {
		out[strings.ToUpper(name)] = value
	}
	return out
}

func number(value any) int {
	n, err := strconv.Atoi(fmt.Sprint(value))
	if err != nil {
		return 0
	}
	return n
}

// call does a method's work. The code is JSON; "" says that it was done.
func (p *Portal) call(name string, params map[string]any) (result any, code, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch name {
	case "sale.payment.get":
		one, there := p.payments[number(params["ID"])]
		if !there {
			return nil, "200640400001", "payment is not exists"
		}
		return map[string]any{"payment": map[string]any{"id": one.ID, "accountNumber": "161/1", "paySystemId": one.PaySystem,
			"sum": json.RawMessage(one.Sum), "currency": one.Currency, "paid": one.Paid,
			"isReturn": one.Return, "psInvoiceId": one.InvoiceID, "paySystemName": "Kassa"}}, "", ""
	case "sale.paysystem.pay.payment":
		one, there := p.payments[number(params["PAYMENT_ID"])]
		if !there || one.PaySystem != number(params["PAY_SYSTEM_ID"]) {
			return nil, `"ERROR_CHECK_FAILURE"`, "Payment not found"
		}
		one.Paid, one.Return = "Y", "N" // whatever was before
		one.Marked++
		p.payments[one.ID] = one
		return true, "", ""
	case "sale.paysystem.handler.list":
		list := []any{}
		for _, h := range p.handlers {
			list = append(list, map[string]any{"ID": strconv.Itoa(h.ID), "NAME": h.Name, "CODE": h.Code, "SORT": "100",
				"SETTINGS": h.Settings})
		}
		return list, "", ""
	case "sale.paysystem.handler.add", "sale.paysystem.handler.update", "sale.paysystem.handler.delete":
		return p.handle(name[len("sale.paysystem.handler."):], params)
	}
	return nil, `"ERROR_METHOD_NOT_FOUND"`, "Method not found!"
}

func (p *Portal) handle(what string, params map[string]any) (result any, code, text string) {
	at := slices.IndexFunc(p.handlers, func(h Handler) bool { return h.ID == number(params["ID"]) })
	if what != "add" && at < 0 {
		return nil, `"ERROR_HANDLER_NOT_FOUND"`, "Handler not found"
	}
	fields := params
	if what == "update" {
		given, _ := params["FIELDS"].(map[string]any)
		fields = upper(given)
	}
	name, _ := fields["NAME"].(string)
	handlerCode, _ := fields["CODE"].(string)
	settings, _ := fields["SETTINGS"].(map[string]any)
	switch what {
	case "delete":
		h := p.handlers[at]
		for _, one := range p.payments {
			if one.PaySystem == h.ID*100 {
				return nil, `"ERROR_PAY_SYSTEM_DELETE"`, "Pay system with handler " + h.Code + " exists!"
			}
		}
		p.handlers = slices.Delete(p.handlers, at, at+1)
		return true, "", ""
	case "update":
		p.handlers[at].Name, p.handlers[at].Settings = name, settings
		return true, "", ""
	}
	if name == "" || handlerCode == "" || settings["CODES"] == nil || settings["CHECKOUT_DATA"] == nil {
		return nil, `"ERROR_CHECK_FAILURE"`, "Parameter is not defined"
	}
	if slices.ContainsFunc(p.handlers, func(h Handler) bool { return h.Code == handlerCode }) {
		return nil, `"ERROR_HANDLER_ALREADY_EXIST"`, "Handler already exists!"
	}
	p.handlers = append(p.handlers, Handler{ID: len(p.handlers) + 5, Code: handlerCode, Name: name, Settings: settings})
	return len(p.handlers) + 4, "", ""
}

// Secure is the same portal behind TLS, for callers who trust its certificate.
func (p *Portal) Secure() *httptest.Server { return httptest.NewTLSServer(http.HandlerFunc(p.rest)) }
