package engine_test

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func TestTableIsDescribedAsDeclared(t *testing.T) {
	r := withTable(t)
	_, err := r.dynamo.CreateTable(t.Context(), payments())
	wantCode(t, err, "ResourceInUseException", "payments")

	r = r.again(t)
	out, err := r.dynamo.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("payments")})
	if err != nil {
		t.Fatal(err)
	}
	got, want := out.Table, payments()
	if got.TableStatus != types.TableStatusActive || !reflect.DeepEqual(got.KeySchema, want.KeySchema) ||
		!reflect.DeepEqual(got.AttributeDefinitions, definitions(got.AttributeDefinitions, want.AttributeDefinitions)) {
		t.Errorf("described as %+v", got)
	}
	if got.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || !got.CreationDateTime.Equal(born) {
		t.Errorf("billing %v, created %v", got.BillingModeSummary.BillingMode, got.CreationDateTime)
	}
	for i, index := range got.GlobalSecondaryIndexes {
		declared := want.GlobalSecondaryIndexes[i]
		if *index.IndexName != *declared.IndexName || index.IndexStatus != types.IndexStatusActive ||
			!reflect.DeepEqual(index.Projection, declared.Projection) ||
			!reflect.DeepEqual(index.KeySchema, declared.KeySchema) {
			t.Errorf("index described as %+v", index)
		}
	}
	if len(got.GlobalSecondaryIndexes) != 2 || !strings.HasPrefix(*got.LatestStreamArn, *got.TableArn+"/stream/") {
		t.Errorf("%d indexes, stream %s", len(got.GlobalSecondaryIndexes), *got.LatestStreamArn)
	}
	_, err = r.dynamo.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("nothing")})
	wantCode(t, err, "ResourceNotFoundException", "")
}

// definitions returns the wanted definitions in the order of the given ones, which a map made random.
func definitions(order, wanted []types.AttributeDefinition) []types.AttributeDefinition {
	var sorted []types.AttributeDefinition
	for _, o := range order {
		for _, w := range wanted {
			if *w.AttributeName == *o.AttributeName {
				sorted = append(sorted, w)
			}
		}
	}
	return sorted
}

func TestTableDefinitionsAreChecked(t *testing.T) {
	r := start(t)
	for name, tc := range map[string]struct {
		change func(*dynamodb.CreateTableInput)
		want   string
	}{
		"provisioned": {func(in *dynamodb.CreateTableInput) {
			in.BillingMode = types.BillingModeProvisioned
		}, "PAY_PER_REQUEST"},
		"another stream view": {func(in *dynamodb.CreateTableInput) {
			in.StreamSpecification.StreamViewType = types.StreamViewTypeKeysOnly
		}, "NEW_AND_OLD_IMAGES"},
		"range key first": {func(in *dynamodb.CreateTableInput) {
			in.KeySchema[0].KeyType = types.KeyTypeRange
		}, "KeySchema"},
		"undeclared key": {func(in *dynamodb.CreateTableInput) {
			in.KeySchema[1].AttributeName = aws.String("other")
		}, "other"},
		"unused declaration": {func(in *dynamodb.CreateTableInput) {
			in.KeySchema = in.KeySchema[:1]
		}, "AttributeDefinitions"},
		"two indexes of one name": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes[1].IndexName = in.GlobalSecondaryIndexes[0].IndexName
		}, "IndexName"},
		"keys only with more": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes[0].Projection.NonKeyAttributes = []string{"note"}
		}, "Projection"},
		"unknown parameter": {func(in *dynamodb.CreateTableInput) { in.TableClass = types.TableClassStandard }, "TableClass"},
	} {
		t.Run(name, func(t *testing.T) {
			in := payments()
			tc.change(in)
			_, err := r.dynamo.CreateTable(t.Context(), in)
			wantCode(t, err, "ValidationException", tc.want)
		})
	}
}

func TestEveryTypeComesBackAsItWent(t *testing.T) {
	r := withTable(t)
	stored := item{
		"pk": s("pay_ü\x00<&>"), "sk": n("1"), "empty": s(""),
		"yes": &types.AttributeValueMemberBOOL{Value: true}, "no": &types.AttributeValueMemberBOOL{Value: false},
		"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("a"), n("-0.5"),
			&types.AttributeValueMemberL{Value: []types.AttributeValue{}}}},
		"map": &types.AttributeValueMemberM{Value: item{"x": s("y"), "m": &types.AttributeValueMemberM{Value: item{}}}},
	}
	r.mustPut(t, stored)
	r = r.again(t)
	if got := r.get(t, "pay_ü\x00<&>", "1"); !reflect.DeepEqual(got, stored) {
		t.Errorf("got %#v", got)
	}
	if got := r.get(t, "pay_ü\x00<&>", "2"); got != nil {
		t.Errorf("an item that does not exist is %v", got)
	}
}

func TestNumbersAreNormalisedAndChecked(t *testing.T) {
	r := withTable(t)
	for sent, want := range map[string]string{
		"0": "0", "-0.00": "0", "007.50": "7.5", "+15000": "15000", "1e3": "1000", "12E-3": "0.012", "-1.10e1": "-11",
		".5": "0.5", "5.": "5",
		"9.9999999999999999999999999999999999999E+125": "99999999999999999999999999999999999999" + strings.Repeat("0", 88),
		"1E-130": "0." + strings.Repeat("0", 129) + "1", "0e999999": "0",
	} {
		r.mustPut(t, item{"pk": s("n"), "sk": n("1"), "v": n(sent)})
		if got := r.get(t, "n", "1")["v"].(*types.AttributeValueMemberN).Value; got != want {
			t.Errorf("%s came back as %s, want %s", sent, got, want)
		}
	}
	for sent, want := range map[string]string{
		"": "cannot be converted", "abc": "cannot be converted", "1.2.3": "cannot be converted", "--1": "cannot be converted",
		"1e":  "cannot be converted",
		"+ 1": "cannot be converted", "0x10": "cannot be converted", "NaN": "cannot be converted",
		"1_000": "cannot be converted", ".": "cannot be converted",
		"1e126": "overflow", "-1e126": "overflow", "1e999999999": "overflow", "1e-131": "underflow",
		"123456789012345678901234567890123456789": "38 significant",
	} {
		_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("n"), "sk": n("1"), "v": n(sent)}))
		wantCode(t, err, "ValidationException", want)
	}
}

func TestItemsAreChecked(t *testing.T) {
	r := withTable(t)
	deep := s("x")
	for range 33 {
		deep = &types.AttributeValueMemberL{Value: []types.AttributeValue{deep}}
	}
	for name, tc := range map[string]struct {
		item item
		want string
	}{
		"no range key":      {item{"pk": s("a")}, "Missing the key sk"},
		"wrong key type":    {item{"pk": s("a"), "sk": s("1")}, "Type mismatch for key sk expected: N actual: S"},
		"empty hash key":    {item{"pk": s(""), "sk": n("1")}, "Key: pk"},
		"long hash key":     {item{"pk": s(strings.Repeat("a", 2049)), "sk": n("1")}, "2048"},
		"wrong index type":  {item{"pk": s("a"), "sk": n("1"), "due_at": s("1")}, "IndexName: due"},
		"empty index key":   {item{"pk": s("a"), "sk": n("1"), "review_shard": s("")}, "IndexKey: review_shard"},
		"empty index range": {item{"pk": s("a"), "sk": n("1"), "review_at": s("")}, "IndexKey: review_at"},
		"long index key":    {item{"pk": s("a"), "sk": n("1"), "review_at": s(strings.Repeat("a", 1025))}, "1024"},
		"unnamed":           {item{"pk": s("a"), "sk": n("1"), "": s("x")}, "name of an attribute"},
		"too deep":          {item{"pk": s("a"), "sk": n("1"), "x": deep}, "Nesting"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.dynamo.PutItem(t.Context(), put(tc.item))
			wantCode(t, err, "ValidationException", tc.want)
			if got := r.get(t, "a", "1"); got != nil {
				t.Errorf("a refused item was written: %v", got)
			}
		})
	}
	_, err := r.dynamo.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("payments"),
		Key: item{"pk": s("a")}})
	wantCode(t, err, "ValidationException", "does not match the schema")
	_, err = r.dynamo.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("elsewhere"),
		Item: item{"pk": s("a")}})
	wantCode(t, err, "ResourceNotFoundException", "Requested resource not found")
}

// The names and values around the filler are: pk 2 + "a" 1, sk 2 + number 2, f 1, l 1 + list 3 + element 1 + number
// -1.23 (2 digits a byte: 2, plus 1, plus 1 for the sign), together 17.
func TestItemSizeIsCountedAsAWSDoes(t *testing.T) {
	r := withTable(t)
	of := func(filler int) item {
		return item{"pk": s("a"), "sk": n("1"), "f": s(strings.Repeat("f", filler)),
			"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{n("-1.23")}}}
	}
	r.mustPut(t, of(400*1024-17))
	_, err := r.dynamo.PutItem(t.Context(), put(of(400*1024-16)))
	wantCode(t, err, "ValidationException", "Item size has exceeded")
}

func TestConditions(t *testing.T) {
	r := withTable(t)
	condition := func(text string) func(*dynamodb.PutItemInput) {
		return func(in *dynamodb.PutItemInput) {
			in.ConditionExpression = &text
			in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
		}
	}
	first := item{"pk": s("a"), "sk": n("1"), "rev": s("r1")}
	if _, err := r.dynamo.PutItem(t.Context(), put(first, condition("attribute_not_exists(pk)"))); err != nil {
		t.Fatal(err)
	}

	second := item{"pk": s("a"), "sk": n("1"), "rev": s("r2")}
	_, err := r.dynamo.PutItem(t.Context(), put(second, condition("attribute_not_exists(pk)")))
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) || !reflect.DeepEqual(failed.Item, first) ||
		*failed.Message != "The conditional request failed" {
		t.Fatalf("error %v with item %v, want the old item", err, failed)
	}
	_, err = r.dynamo.PutItem(t.Context(), put(second, condition("attribute_not_exists(pk)"),
		func(in *dynamodb.PutItemInput) { in.ReturnValuesOnConditionCheckFailure = "" }))
	if failed = nil; !errors.As(err, &failed) || failed.Item != nil {
		t.Fatalf("error %v, want a failed condition without an item", err)
	}
	if got := r.get(t, "a", "1"); !reflect.DeepEqual(got, first) {
		t.Fatalf("a failed condition wrote %v", got)
	}

	replace := func(in *dynamodb.PutItemInput) {
		in.ConditionExpression, in.ExpressionAttributeValues = aws.String("rev = :r"), item{":r": s("r1")}
	}
	if _, err := r.dynamo.PutItem(t.Context(), put(second, replace)); err != nil ||
		!reflect.DeepEqual(r.get(t, "a", "1"), second) {
		t.Fatalf("error %v with item %v, want the new item", err, r.get(t, "a", "1"))
	}
	_, err = r.dynamo.PutItem(t.Context(), put(second, replace))
	if failed = nil; !errors.As(err, &failed) {
		t.Fatalf("error %v, want a failed condition", err)
	}
	for name, change := range map[string]func(*dynamodb.PutItemInput){
		"ExpressionAttributeNames": func(in *dynamodb.PutItemInput) {
			in.ExpressionAttributeNames = map[string]string{"#r": "rev"}
		},
		"ReturnValues": func(in *dynamodb.PutItemInput) { in.ReturnValues = types.ReturnValueAllOld },
		"ReturnConsumedCapacity": func(in *dynamodb.PutItemInput) {
			in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
		},
		"returnValuesOnConditionCheckFailure": func(in *dynamodb.PutItemInput) {
			in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureNone
		},
	} {
		_, err := r.dynamo.PutItem(t.Context(), put(second, change))
		wantCode(t, err, "ValidationException", name)
	}
}

func TestAConditionOnAnItemThatDoesNotExist(t *testing.T) {
	r := withTable(t)
	_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("a"), "sk": n("1")}, func(in *dynamodb.PutItemInput) {
		in.ConditionExpression, in.ExpressionAttributeValues = aws.String("rev = :r"), item{":r": s("r1")}
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}))
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) || failed.Item != nil {
		t.Fatalf("error %v, want a failed condition without an item", err)
	}
}

func TestOnlyOneOfManyWritersWins(t *testing.T) {
	r := withTable(t)
	const writers = 40
	results := make(chan error, writers)
	for i := range writers {
		go func() {
			_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("a"), "sk": n("1"), "by": n(strconv.Itoa(i))},
				func(in *dynamodb.PutItemInput) {
					in.ConditionExpression = aws.String("attribute_not_exists(pk)")
				}))
			results <- err
		}()
	}
	won := 0
	for range writers {
		err := <-results
		var failed *types.ConditionalCheckFailedException
		if err == nil {
			won++
		} else if !errors.As(err, &failed) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d writers won", won)
	}
}
