package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
)

// shops are one with instalments, one without and one whose settings cannot be fetched.
func shops(_ context.Context, id string) (api.Shop, error) {
	switch id {
	case "demo-by":
		return api.Shop{ID: id, Currency: payment.BYN,
			Instalments: payment.InstalmentPolicy{Terms: []int{3, 6, 12}, MinAmount: 5, MaxAmount: 500000}}, nil
	case "demo-az":
		return api.Shop{ID: id, Currency: payment.AZN}, nil
	case "down":
		return api.Shop{}, &payment.Error{Kind: payment.Unavailable, Cause: errors.New("CANARY")}
	}
	return api.Shop{}, &payment.Error{Kind: payment.NotFound, Message: "There is no such shop."}
}

func get(t *testing.T, query, etag string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	var event events.APIGatewayV2HTTPRequest
	b := boottest.New(t)
	b.Event(&event, "get.json", "{query}", query, "{etag}", strings.ReplaceAll(etag, `"`, `\"`), "{id}", "R1")
	a, err := b.Watch(edge(shops, slog.New(slog.DiscardHandler))).HTTPAPI(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if a.Headers["Access-Control-Allow-Origin"] != "*" || a.Headers["Access-Control-Allow-Credentials"] != "" ||
		a.Headers["Set-Cookie"] != "" {
		t.Errorf("%s: another origin's page cannot read this answer: %v", query, a.Headers)
	}
	return a
}

func TestPlans(t *testing.T) {
	a := get(t, "shop=demo-by&amount=10000", "")
	const want = `{"currency":"BYN","plans":[{"term":3,"monthly_amount":3334,"last_amount":3332,"total_amount":10000},` +
		`{"term":6,"monthly_amount":1667,"last_amount":1665,"total_amount":10000},` +
		`{"term":12,"monthly_amount":834,"last_amount":826,"total_amount":10000}]}` + "\n"
	if a.StatusCode != 200 || a.Body != want || a.Headers["Cache-Control"] != "public, max-age=300" ||
		a.Headers["Content-Type"] != "application/json" {
		t.Errorf("%d %v %s", a.StatusCode, a.Headers, a.Body)
	}
}

func TestAmountsWithoutPlans(t *testing.T) {
	for _, amount := range []string{"1", "4", "500001", "100000000000"} {
		a := get(t, "amount="+amount+"&shop=demo-by", "")
		if a.StatusCode != 200 || a.Body != `{"currency":"BYN","plans":[]}`+"\n" {
			t.Errorf("%s: %d %s", amount, a.StatusCode, a.Body)
		}
	}
	if a := get(t, "shop=demo-by&amount=5", ""); strings.Count(a.Body, `"term"`) != 1 ||
		!strings.Contains(a.Body, `{"term":3,"monthly_amount":2,"last_amount":1,`) {
		t.Errorf("five kopecks go in three months alone: %s", a.Body)
	}
}

func TestNotModified(t *testing.T) {
	first := get(t, "shop=demo-by&amount=10000", "")
	same := get(t, "shop=demo-by&amount=10000", first.Headers["ETag"])
	if same.StatusCode != 304 || same.Body != "" || same.Headers["Cache-Control"] != "public, max-age=300" ||
		same.Headers["ETag"] != first.Headers["ETag"] {
		t.Errorf("%+v", same)
	}
	if other := get(t, "shop=demo-by&amount=10001", first.Headers["ETag"]); other.StatusCode != 200 {
		t.Errorf("%+v", other)
	}
}

// TestShopsThatDoNotSellSo: nobody learns by this address which shops there are.
func TestShopsThatDoNotSellSo(t *testing.T) {
	bodies := map[string]bool{}
	for _, shop := range []string{"demo-az", "nobody", "../demo-by", "DEMO-BY", strings.Repeat("x", 4000), "%00"} {
		a := get(t, "shop="+shop+"&amount=10000", "")
		if a.StatusCode != 404 || a.Headers["Cache-Control"] != "no-store" {
			t.Errorf("%.40s: %d %v", shop, a.StatusCode, a.Headers)
		}
		bodies[a.Body] = true
	}
	if len(bodies) != 1 {
		t.Errorf("the answers differ: %v", bodies)
	}
}

func TestShopsThatCannotBeLookedUp(t *testing.T) {
	a := get(t, "shop=down&amount=10000", "")
	if a.StatusCode != 503 || a.Headers["Retry-After"] == "" || a.Headers["Cache-Control"] != "no-store" ||
		strings.Contains(a.Body, "CANARY") {
		t.Errorf("%+v", a)
	}
}

func TestQueriesThatAreWrong(t *testing.T) {
	for query, want := range map[string][]string{
		"":                                  {"/shop required", "/amount required"},
		"shop=&amount=":                     {"/shop required", "/amount required"},
		"shop=a&shop=a&amount=1&amount=1":   {"/shop repeated", "/amount repeated"},
		"shop=demo-by":                      {"/amount required"},
		"Shop=demo-by&amount=1":             {"/shop required", "/Shop unknown_parameter"},
		"shop=demo-by&amount=1&term=3&_=1":  {"/_ unknown_parameter", "/term unknown_parameter"},
		"shop=demo-by&amount=0":             {"/amount not_an_integer"},
		"shop=demo-by&amount=-1":            {"/amount not_an_integer"},
		"shop=demo-by&amount=%2B1":          {"/amount not_an_integer"},
		"shop=demo-by&amount=007":           {"/amount not_an_integer"},
		"shop=demo-by&amount=1e3":           {"/amount not_an_integer"},
		"shop=demo-by&amount=120.00":        {"/amount not_an_integer"},
		"shop=demo-by&amount=120,00":        {"/amount not_an_integer"},
		"shop=demo-by&amount=+1":            {"/amount not_an_integer"},
		"shop=demo-by&amount=%D9%A1":        {"/amount not_an_integer"},
		"shop=demo-by&amount=100000000001":  {"/amount not_an_integer"},
		"shop=x&amount=9223372036854775808": {"/amount not_an_integer"},
	} {
		a := get(t, query, "")
		var p api.Problem
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range p.Errors {
			got = append(got, f.Pointer+" "+f.Code)
		}
		if a.StatusCode != 422 || p.Code != "invalid_parameters" || !slices.Equal(got, want) ||
			a.Headers["Content-Type"] != "application/problem+json" {
			t.Errorf("%s: %d %q, want %q", query, a.StatusCode, got, want)
		}
	}
	for _, query := range []string{"shop=%zz&amount=1", "shop=a;amount=1"} {
		if a := get(t, query, ""); a.StatusCode != 400 || !strings.Contains(a.Body, `"malformed_query"`) {
			t.Errorf("%s: %d %s", query, a.StatusCode, a.Body)
		}
	}
}

// FuzzQuery holds that no query gets anything but plans that add up or a refusal.
func FuzzQuery(f *testing.F) {
	f.Add("demo-by", "10000", "")
	f.Add("demo-az", "1", "x=1")
	f.Add("down", "-0", "amount=1")
	e := edge(shops, slog.New(slog.DiscardHandler))
	f.Fuzz(func(t *testing.T, shop, amount, more string) {
		a, err := e.HTTPAPI(t.Context(), events.APIGatewayV2HTTPRequest{RouteKey: "GET /v1/instalments",
			RawQueryString: url.Values{"shop": {shop}, "amount": {amount}}.Encode() + "&" + more})
		var found answer
		if err != nil || json.Unmarshal([]byte(a.Body), &found) != nil || !slices.Contains([]int{200, 400, 404, 422, 503},
			a.StatusCode) {
			t.Fatalf("%d %s %v", a.StatusCode, a.Body, err)
		}
		for _, p := range found.Plans {
			if int64(p.Term-1)*p.Monthly+p.Last != p.Total || p.Last < 1 {
				t.Errorf("%+v", p)
			}
		}
	})
}

// TestPlansOfABank: the terms of a bank where the shop has some for it, else those of all; none of a bank that is not
// the shop's, or through which it sells none.
func TestPlansOfABank(t *testing.T) {
	selling := func(context.Context, string) (api.Shop, error) {
		return api.Shop{Currency: payment.AZN, Banks: []string{"kapital", "other", "cash"},
			Instalments: payment.InstalmentPolicy{
				Terms: []int{3, 6, 12}, MinAmount: 100, Banks: map[string][]int{"kapital": {3, 6}, "cash": nil, "gone": {2}}}}, nil
	}
	for query, want := range map[string]string{
		"": "3 6 12", "&bank=other": "3 6 12", "&bank=kapital": "3 6", "&bank=cash": "404", "&bank=gone": "404",
		"&bank=Kapital": "404", "&bank=nobody": "404", "&bank=": "422", "&bank=kapital&bank=kapital": "422",
	} {
		var event events.APIGatewayV2HTTPRequest
		b := boottest.New(t)
		b.Event(&event, "get.json", "{query}", "shop=x&amount=1000"+query, "{etag}", "", "{id}", "R1")
		a, err := b.Watch(edge(selling, slog.New(slog.DiscardHandler))).HTTPAPI(t.Context(), event)
		var found answer
		if err != nil || json.Unmarshal([]byte(a.Body), &found) != nil {
			t.Fatal(a, err)
		}
		got := []string{}
		for _, p := range found.Plans {
			got = append(got, strconv.Itoa(p.Term))
		}
		if a.StatusCode != 200 {
			got = []string{strconv.Itoa(a.StatusCode)}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s: %s", query, got, want, a.Body)
		}
	}
}
