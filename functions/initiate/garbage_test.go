package main

import (
	"context"
	"strconv"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/boot/boottest"
)

// opening gives a function that opens one payment more, from event to answer, over a store in memory and a bank that is
// none.
func opening(t testing.TB) func() {
	bench := boottest.New(&testing.T{})
	h := handler{checkout: bench.Service, keys: bench.Keys}
	edge, n := bench.App.Edge(h.routes(), api.MaxBody), 0
	event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /v1/payments", RawPath: "/v1/payments",
		Headers: map[string]string{"authorization": "Bearer " + boottest.Key, "content-type": "application/json"}}
	event.RequestContext.RequestID, event.RequestContext.HTTP.Method = "id", "POST"
	return func() {
		n++
		event.Body = `{"order_ref":"` + strconv.Itoa(n) + `","amount":15000,"currency":"AZN","bank":"` +
			bench.Bank.Profile().Name + `","description":"Twelve pomegranates",` +
			`"return_urls":{"success":"https://shop.example/ok",` +
			`"cancel":"https://shop.example/cancelled","decline":"https://shop.example/declined"}}`
		if a, err := edge.HTTPAPI(context.Background(), event); err != nil || a.StatusCode != 201 {
			t.Fatal(err, a.StatusCode, a.Body)
		}
	}
}

// BenchmarkOpening counts what is allocated, too; some 25 of that are the bench's own.
func BenchmarkOpening(b *testing.B) {
	open := opening(b)
	b.ReportAllocs()
	for b.Loop() {
		open()
	}
}

// TestAnOpeningMakesLittleGarbage: each allocation is paid for twice, by whoever makes it and by who collects it.
func TestAnOpeningMakesLittleGarbage(t *testing.T) {
	if n := testing.AllocsPerRun(200, opening(t)); n > 220 {
		t.Errorf("an opening allocates %.0f times, want 220 at most", n)
	}
}
