// Command initiate opens payments: POST /v1/payments. It tells banks where to come back to, so it must know the address
// of the callbacks, CALLBACK_URL.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/api"
	"kassa/shared/boot"
)

func main() {
	app := boot.MustStart(boot.CallbackURL, boot.ShopKeys)
	h := handler{checkout: app.Service, keys: app.Keys}
	lambda.Start(app.Edge(h.routes(), api.MaxBody))
}
