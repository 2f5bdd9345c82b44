// Command initiate opens payments: POST /v1/payments.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/api"
	"kassa/shared/boot"
)

func main() {
	app := boot.MustStart(boot.CallbackURL)
	h := handler{checkout: app.Service, keys: app.Keys}
	lambda.Start(app.Edge(h.routes(), api.MaxBody).HTTPAPI)
}
