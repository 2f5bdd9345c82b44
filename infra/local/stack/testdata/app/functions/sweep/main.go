// Sweep writes into its log when it was scheduled.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, e events.EventBridgeEvent) error {
		fmt.Println("swept", os.Getenv("STAGE"), e.Time.Format("15:04"))
		return nil
	})
}
