// Command status-poll tells how payments stand: GET /v1/payments/{id}, and GET /v1/payments by order or by days; and
// what their shop has not acknowledged: GET /v1/undelivered and POST /v1/payments/{id}/redeliver.
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
