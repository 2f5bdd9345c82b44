package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"kassa/shared/api"
	"kassa/shared/api/contract"
	"kassa/shared/boot/boottest"
	"kassa/shared/payment"
)

// TestFaultsAreDocumented, and pages of any origin may read them.
func TestFaultsAreDocumented(t *testing.T) {
	for code, failure := range map[string]error{
		"internal": errors.New("CANARY"), "misconfigured": &payment.Error{Kind: payment.Misconfigured}, "body_too_large": nil,
		"malformed_body": nil,
	} {
		var event events.APIGatewayV2HTTPRequest
		b := boottest.New(t)
		b.Event(&event, "get.json", "{query}", "shop=demo-by&amount=10000", "{etag}", "", "{id}", "R1")
		event.IsBase64Encoded = code == "malformed_body"
		if failure == nil {
			event.Body = "{}"
		}
		fail := func(context.Context, string) (api.Shop, error) { return api.Shop{}, failure }
		a, err := b.Watch(edge(fail, slog.New(slog.DiscardHandler))).HTTPAPI(t.Context(), event)
		var p api.Problem
		if err != nil || json.Unmarshal([]byte(a.Body), &p) != nil || p.Code != code ||
			a.Headers["Access-Control-Allow-Origin"] != "*" {
			t.Errorf("%s: %+v %v", code, a, err)
		}
	}
}

// TestNamesAreDocumented: the reader of this request and openapi.yaml know the same names.
func TestNamesAreDocumented(t *testing.T) {
	contract.SameNames(t, "GET", "/v1/instalments", "handler.go")
}
