package main

import (
	"encoding/json"
	"strings"
	"testing"

	"kassa/shared/bitrix24/bitrix24sim"
)

// typed is somebody who types one answer that is not shown.
type typed struct{ text string }

func (a typed) Line() (string, error)   { return "", nil }
func (a typed) Hidden() (string, error) { return a.text, nil }

// TestAShopIsBoundToItsPortal: bound, brought up to date, shown, given another key, and let go; its address is shown
// nowhere.
func TestAShopIsBoundToItsPortal(t *testing.T) {
	w := open(t)
	portal := bitrix24sim.New()
	defer portal.Close()
	w.board("bound")
	w.write("portal.txt", []byte(portal.Address()+"\n"))
	w.want(2, []string{"--portal-file"}, "shop", "bitrix", "bound")
	w.want(3, []string{"no portal"}, "shop", "bitrix", "bound", "--show")

	o := w.asked(typed{portal.Address()}, "shop", "bitrix", "bound", "--json")
	first := w.read(o)
	if o.code != 0 || !strings.HasPrefix(first.APIKey, "sk_bound_") ||
		!strings.Contains(o.err, `the handler "Kassa: bound (local)"`) {
		t.Fatalf("%+v", o)
	}
	said := []output{o}
	h := portal.Handlers()
	if len(h) != 1 || h[0].Code != "kassa_local__bound" || h[0].Name != "Kassa: bound (local)" {
		t.Fatalf("%+v", h)
	}
	settings, err := json.Marshal(h[0].Settings)
	if err != nil || !strings.Contains(string(settings), `"ACTION_URI":"`+w.Info.APIURL+`/bitrix/checkout"`) ||
		!strings.Contains(string(settings), `"CURRENCY":["AZN"]`) ||
		strings.Contains(string(settings), first.APIKey) {
		t.Errorf("%s", settings)
	}
	for name, field := range h[0].Settings["CHECKOUT_DATA"].(map[string]any)["FIELDS"].(map[string]any) {
		if code, plain := field.(map[string]any)["CODE"].(string); !plain ||
			h[0].Settings["CODES"].(map[string]any)[code] == nil {
			t.Errorf("%s would be asked of the buyer, and the portal's page show the key: %v", name, field)
		}
	}
	if !strings.Contains(w.secret("kassa/local/shop/bound"), portal.Code()) ||
		!strings.Contains(w.secret("kassa/local/shop/bound"), `"scopes":["create"]`) {
		t.Error("the portal or its key is not stored")
	}

	again := w.want(0, []string{"yes"}, "shop", "bitrix", "bound")
	another := w.want(0, nil, "shop", "bitrix", "bound", "--new-key", "--json")
	said = append(said, again, another, w.want(0, []string{"kassa_local__bound", "yes"}, "shop", "bitrix", "bound",
		"--show"), w.want(0, nil, "shop", "show", "bound"))
	if len(portal.Handlers()) != 1 || strings.Contains(again.out, "sk_") || w.read(another).APIKey == first.APIKey {
		t.Errorf("%+v %+v", portal.Handlers(), another)
	}
	w.want(0, nil, "shop", "put", w.path("bound")) // which keeps the portal
	if !strings.Contains(w.secret("kassa/local/shop/bound"), portal.Code()) {
		t.Error("a put has forgotten the portal")
	}

	stranger := bitrix24sim.New()
	defer stranger.Close()
	w.write("portal.txt", []byte(stranger.Address()))
	said = append(said, w.want(1, []string{"add another shop"}, "shop", "bitrix", "bound", "--portal-file",
		w.path("portal.txt")))
	if len(stranger.Calls()) > 0 {
		t.Errorf("another portal is called: %v", stranger.Calls())
	}
	// the same portal, as an editor of Windows saves it
	w.write("portal.txt", []byte("\ufeff"+strings.TrimSuffix(portal.Address(), "/")+"\r\n"))
	said = append(said, w.want(0, []string{"yes"}, "shop", "bitrix", "bound", "--portal-file", w.path("portal.txt")))

	portal.Owes(bitrix24sim.Payment{ID: 1, PaySystem: 100 * h[0].ID})
	said = append(said, w.want(1, []string{"delete it there first"}, "shop", "bitrix", "bound", "--remove"))
	portal.Change(1, func(p *bitrix24sim.Payment) { p.PaySystem = 1 })
	said = append(said, w.want(0, []string{"no"}, "shop", "bitrix", "bound", "--remove"))
	if len(portal.Handlers()) > 0 || strings.Contains(w.secret("kassa/local/shop/bound"), "bitrix24") {
		t.Error("something is left")
	}
	for _, o := range said {
		if strings.Contains(o.out+o.err, portal.Code()) {
			t.Errorf("the portal's address is shown: %s%s", o.out, o.err)
		}
	}
}

// TestPortalsThatCannotBeBound change nothing, and say what to do.
func TestPortalsThatCannotBeBound(t *testing.T) {
	w := open(t)
	portal := bitrix24sim.New()
	defer portal.Close()
	w.board("unbound")
	before := w.secret("kassa/local/shop/unbound")
	bind := func(code int, address, want string, faults ...bitrix24sim.Fault) {
		t.Helper()
		portal.Fail(faults...)
		w.write("portal.txt", []byte(address))
		if o := w.want(code, []string{want}, "shop", "bitrix", "unbound", "--portal-file",
			w.path("portal.txt")); strings.Contains(o.out+o.err, portal.Code()) {
			t.Errorf("the portal's address is shown: %s%s", o.out, o.err)
		}
		if w.secret("kassa/local/shop/unbound") != before || len(portal.Handlers()) > 0 {
			t.Errorf("%s: something was changed", want)
		}
	}
	bind(2, "", "--portal-file")
	bind(1, "https://name.bitrix24.by/", "incoming webhook")
	bind(1, "http://name.bitrix24.by/rest/1/x/", "https://")
	bind(1, strings.Replace(portal.Address(), "/rest/1/", "/rest/2/", 1), "pay_system and sale")
	bind(1, portal.Address(), "ACCESS_DENIED", bitrix24sim.Well, bitrix24sim.Says(403, `{"error":"ACCESS_DENIED"}`))
	bind(4, portal.Address(), "try again", bitrix24sim.Says(503, `{"error":"QUERY_LIMIT_EXCEEDED"}`))
	bind(1, portal.Address(), "ERROR_HANDLER_ADD", bitrix24sim.Well,
		bitrix24sim.Says(400, `{"error":"ERROR_HANDLER_ADD"}`))
	w.want(3, nil, "shop", "bitrix", "nobody", "--show")
	w.write("portal.txt", []byte(portal.Address()))
	w.want(1, nil, "shop", "bitrix", "unbound", "--portal-file", w.path("no-such.txt"))
}
