// Package client makes the four calls of DynamoDB that a store is built on, as the SDK's client makes them and for
// less: what is sent and what is made of the answer is the same, and a test compares them.
package client

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"kassa/shared/awsclient"
)

// Client is the SDK's without its chain of steps, see awsclient.Caller. Options would be of those steps: the SDK's
// paginators pass some that tell AWS of the paginator, and they are not heard.
type Client struct {
	caller                                *awsclient.Caller
	getItem, batchGetItem, putItem, query *smithy.OperationSchema
}

// New builds a client from a configuration of awsclient's.
func New(c aws.Config) *Client {
	return &Client{
		caller: awsclient.NewCaller(c, awsclient.Service{Name: dynamodb.ServiceID, Host: "dynamodb",
			Protocol: awsjson.New10(schemas.DynamoDB_20120810), Errors: dynamodb.TypeRegistry}),
		getItem:      smithy.NewOperationSchema(schemas.GetItem, schemas.GetItemInput, schemas.GetItemOutput),
		batchGetItem: smithy.NewOperationSchema(schemas.BatchGetItem, schemas.BatchGetItemInput, schemas.BatchGetItemOutput),
		putItem:      smithy.NewOperationSchema(schemas.PutItem, schemas.PutItemInput, schemas.PutItemOutput),
		query:        smithy.NewOperationSchema(schemas.Query, schemas.QueryInput, schemas.QueryOutput),
	}
}

// GetItem reads an item.
func (c *Client) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (
	*dynamodb.GetItemOutput, error) {
	return awsclient.Call(ctx, c.caller, c.getItem, in, &dynamodb.GetItemOutput{})
}

// BatchGetItem reads up to a hundred items.
func (c *Client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (
	*dynamodb.BatchGetItemOutput, error) {
	return awsclient.Call(ctx, c.caller, c.batchGetItem, in, &dynamodb.BatchGetItemOutput{})
}

// PutItem writes an item.
func (c *Client) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (
	*dynamodb.PutItemOutput, error) {
	return awsclient.Call(ctx, c.caller, c.putItem, in, &dynamodb.PutItemOutput{})
}

// Query reads a page of a list.
func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (
	*dynamodb.QueryOutput, error) {
	return awsclient.Call(ctx, c.caller, c.query, in, &dynamodb.QueryOutput{})
}
