// Command refund gives money back and ends unpaid payments: POST /v1/payments/{id}/refunds and
// /v1/payments/{id}/cancel. The first wants a key with the scope refund, the second one with the scope create.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/api"
	"kassa/shared/boot"
)

func main() {
	app := boot.MustStart(boot.ShopKeys)
	h := handler{checkout: app.Service, keys: app.Keys}
	lambda.Start(app.Edge(h.routes(), api.MaxBody))
}
