// Items keeps texts in the table, so that a test can see the road from HTTP to the engine's disk.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	client := dynamodb.New(dynamodb.Options{
		Region:       os.Getenv("AWS_REGION"),
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"),
				SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
		}),
	})
	lambda.Start(func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		key := map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: r.PathParameters["id"]}, "sk": &types.AttributeValueMemberN{Value: "1"},
		}
		if r.RequestContext.HTTP.Method == "GET" {
			out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(os.Getenv("TABLE")), Key: key,
				ConsistentRead: aws.Bool(true)})
			if err != nil {
				return events.APIGatewayV2HTTPResponse{}, err
			}
			text, found := out.Item["text"].(*types.AttributeValueMemberS)
			if !found {
				return events.APIGatewayV2HTTPResponse{StatusCode: 404}, nil
			}
			return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: text.Value}, nil
		}
		if r.Body == "panic" {
			panic("as asked")
		}
		key["text"] = &types.AttributeValueMemberS{Value: r.Body}
		_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(os.Getenv("TABLE")), Item: key})
		return events.APIGatewayV2HTTPResponse{StatusCode: 201, Body: os.Getenv("CALLBACK_URL")}, err
	})
}
