// Command bitrix-checkout opens payments for Bitrix24 portals: POST /bitrix/checkout. docs/bitrix24.md documents it;
// it is no part of the shops' API. It is deployed with BitrixPortal=on alone.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/boot"
)

func main() {
	app := boot.MustStart(boot.CallbackURL, boot.ShopKeys)
	h := handler{checkout: app.Service, keys: app.Keys}
	edge := app.Edge(h.routes(), maxBody)
	edge.Show = show
	lambda.Start(edge)
}
