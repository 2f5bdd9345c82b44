// Command notify tells the shops what became of their payments. The table's stream wakes it for what is new, a schedule
// every minute for what a shop did not take. It reads the shops' secrets alone: what calls addresses that shops name
// has no way to a bank.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/boot/courier"
)

func main() {
	app := courier.MustStart()
	lambda.Start(handler{outbox: app.Outbox, log: app.Log, stage: app.Stage}.handle)
}
