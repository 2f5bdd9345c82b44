// Command instalments tells anybody by which instalments a shop sells: GET /v1/instalments?shop=...&amount=... It holds
// no way to a payment, a key or a bank, since anybody may call it, on every view of a product's page.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/boot/public"
)

func main() {
	app := public.MustStart()
	lambda.Start(edge(app.Shops, app.Log))
}
