// The table, created by the same calls and with the same keys and indexes as CloudFormation would. The stack speaks to
// its engine over HTTP like any client: what works here has passed the engine's own checks.

package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/infra/template"
)

// serveEngine opens the engine to the functions and to the command kassa.
func (s *Stack) serveEngine(context.Context) error {
	s.serve(s.Ports.Engine, s.Engine, nil)
	return nil
}

// credentials sign the stack's own requests to the engine, which looks that they are signed, and notes by whom.
func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
}

// createTable creates the table that the template declares, or makes sure that the one of an earlier run is the same.
func (s *Stack) createTable(ctx context.Context) error {
	client := dynamodb.New(dynamodb.Options{
		Region: Region, BaseEndpoint: aws.String(address(s.Ports.Engine)),
		Credentials: aws.CredentialsProviderFunc(credentials),
	})
	t := s.app.Table
	_, err := client.CreateTable(ctx, definition(t))
	if exists := new(types.ResourceInUseException); errors.As(err, &exists) {
		return s.compareTable(ctx, client)
	}
	if err != nil {
		return fmt.Errorf("create the table %s: %w", t.Name, err)
	}
	return nil
}

// definition writes the template's table as CreateTable wants it, attributes in the order of their names.
func definition(t template.Table) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName: &t.Name, BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema(t.Key),
	}
	for _, name := range slices.Sorted(maps.Keys(t.Attributes)) {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: &name, AttributeType: types.ScalarAttributeType(t.Attributes[name]),
		})
	}
	for _, x := range t.Indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &x.Name, KeySchema: keySchema(x.Key),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(x.Projection), NonKeyAttributes: x.Included},
		})
	}
	if t.StreamView != "" {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewType(t.StreamView),
		}
	}
	return in
}

// keySchema has the hash key first, as AWS demands.
func keySchema(k template.Key) []types.KeySchemaElement {
	schema := []types.KeySchemaElement{{AttributeName: &k.Hash, KeyType: types.KeyTypeHash}}
	if k.Range != "" {
		schema = append(schema, types.KeySchemaElement{AttributeName: &k.Range, KeyType: types.KeyTypeRange})
	}
	return schema
}

// compareTable refuses a table of another shape: its payments would be there, but not on their to-do lists.
func (s *Stack) compareTable(ctx context.Context, client *dynamodb.Client) error {
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &s.app.Table.Name})
	if err != nil {
		return fmt.Errorf("read the table of an earlier run: %w", err)
	}
	stored := map[string]string{"": describeKey(out.Table.KeySchema)}
	for _, x := range out.Table.GlobalSecondaryIndexes {
		stored[aws.ToString(x.IndexName)] = describeKey(x.KeySchema)
	}
	want := map[string]string{"": describeKey(keySchema(s.app.Table.Key))}
	for _, x := range s.app.Table.Indexes {
		want[x.Name] = describeKey(keySchema(x.Key))
	}
	if !maps.Equal(stored, want) {
		return fmt.Errorf("the table in %s was made by another template.yaml; move that folder away or set KASSA_DATA",
			s.config.Data)
	}
	return nil
}

// describeKey makes a key a text, to be compared with another.
func describeKey(schema []types.KeySchemaElement) string {
	text := ""
	for _, part := range schema {
		text += string(part.KeyType) + " " + aws.ToString(part.AttributeName) + " "
	}
	return text
}
