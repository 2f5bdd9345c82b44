// Command expiry-sweep settles the payments that are due at the bank. A schedule starts it every minute. What it
// leaves, because its time was over or a bank was silent, is due in the next run.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/boot"
)

func main() {
	app := boot.MustStart()
	lambda.Start(handler{checkout: app.Service, log: app.Log, stage: app.Stage}.sweep)
}
