// Watch writes into its log what was written into the table. It never manages the text "poison".
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(_ context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		var answer events.DynamoDBEventResponse
		for _, r := range e.Records {
			text := r.Change.NewImage["text"].String()
			fmt.Println("saw", r.EventName, r.Change.Keys["pk"].String(), text)
			if text == "poison" {
				answer.BatchItemFailures = append(answer.BatchItemFailures,
					events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
			}
		}
		return answer, nil
	})
}
