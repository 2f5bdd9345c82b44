// Command callback is where customers come back to from a bank's page, and where banks report: a function URL that
// takes /{payment}/{token}/return and /{payment}/{token}/notify. Nobody here has a key: the address itself, with its
// token of 128 random bits, says which payment is meant and lets nobody else in.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/api"
	"kassa/shared/boot"
)

func main() {
	app := boot.MustStart()
	h := handler{checkout: app.Service}
	edge := app.Edge(h.routes(), api.MaxBody)
	edge.Show = show
	lambda.Start(edge.FunctionURL)
}
