// Command instalments tells anybody by which instalments a shop sells: GET /v1/instalments?shop=...&amount=...
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/boot"
)

func main() {
	app := boot.MustStartPublic()
	lambda.Start(edge(app.Shops, app.Log).HTTPAPI)
}
