// Command floor is the least that a function in Go can be: it reads its event and answers. What any other takes more
// than this one is its own.
package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(answer) }

// answer takes the type of event that most functions take, so that the decoding of it is in the floor.
func answer(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: `{"status":"OK"}`}, nil
}
