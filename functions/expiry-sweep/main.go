// Command expiry-sweep settles the payments that are due at the bank. A schedule starts it every minute. What it
// leaves, because its time was over or a bank was silent, is due in the next run. A shard of the list in which more
// waits than it can do beside the others it hands on at once: to a run of its own for that shard alone.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"kassa/shared/boot"
)

func main() {
	app := boot.MustStart()
	app.Service.HandOn = handOn(app.Again())
	lambda.Start(handler{checkout: app.Service, log: app.Log, stage: app.Stage}.sweep)
}
