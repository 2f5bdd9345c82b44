package engine_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func batch(keys ...item) *dynamodb.BatchGetItemInput {
	return &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"payments": {Keys: keys}}}
}

func key(pk string, sk int) item { return item{"pk": s(pk), "sk": n(strconv.Itoa(sk))} }

func TestABatchGivesWhatIsThere(t *testing.T) {
	r := withTable(t)
	r.mustPut(t, item{"pk": s("a"), "sk": n("1"), "rev": s("x")})
	r.mustPut(t, item{"pk": s("b"), "sk": n("2"), "rev": s("y")})
	out, err := r.dynamo.BatchGetItem(t.Context(), batch(key("b", 2), key("a", 2), key("a", 1)))
	if err != nil || sks(out.Responses["payments"]) != "2 1" || len(out.UnprocessedKeys) != 0 {
		t.Errorf("%v %v", out, err)
	}
}

// TestABatchEndsAtSixteenMegabytes: what did not fit is named, as AWS does.
func TestABatchEndsAtSixteenMegabytes(t *testing.T) {
	r := withTable(t)
	var keys []item
	for sk := range 50 {
		r.mustPut(t, item{"pk": s("a"), "sk": n(strconv.Itoa(sk)), "f": s(strings.Repeat("x", 399_000))})
		keys = append(keys, key("a", sk))
	}
	out, err := r.dynamo.BatchGetItem(t.Context(), batch(keys...))
	if err != nil {
		t.Fatal(err)
	}
	left := out.UnprocessedKeys["payments"].Keys
	if got := len(out.Responses["payments"]); got != 42 || len(left) != 8 || sks(left[:1]) != "42" {
		t.Errorf("%d read, %d left", got, len(left))
	}
}

func TestBatchesAreChecked(t *testing.T) {
	r := withTable(t)
	var many []item
	for sk := range 101 {
		many = append(many, key("a", sk))
	}
	two := batch(key("a", 1))
	two.RequestItems["others"] = two.RequestItems["payments"]
	for name, tc := range map[string]struct {
		in   *dynamodb.BatchGetItemInput
		want string
	}{
		"too many":   {batch(many...), "Too many items"},
		"twice":      {batch(key("a", 1), key("a", 1)), "duplicates"},
		"half a key": {batch(item{"pk": s("a")}), "does not match the schema"},
		"two tables": {two, "exactly one table"},
	} {
		_, err := r.dynamo.BatchGetItem(t.Context(), tc.in)
		t.Run(name, func(t *testing.T) { wantCode(t, err, "ValidationException", tc.want) })
	}
}

// TestABatchGivesAPart of each item, by bare names and by those that stand for a reserved word.
func TestABatchGivesAPart(t *testing.T) {
	r := withTable(t)
	r.mustPut(t, item{"pk": s("a"), "sk": n("1"), "status": s(`"}],{"`), "left": s("x"), "note": nested(s("\\"))})
	r.mustPut(t, item{"pk": s("b"), "sk": n("1"), "left": s("x")})
	in := batch(key("a", 1), key("b", 1))
	wanted := in.RequestItems["payments"]
	wanted.ProjectionExpression = aws.String("pk, #s,note")
	wanted.ExpressionAttributeNames = map[string]string{"#s": "status"}
	in.RequestItems["payments"] = wanted
	out, err := r.dynamo.BatchGetItem(t.Context(), in)
	want := []item{{"pk": s("a"), "status": s(`"}],{"`), "note": nested(s("\\"))}, {"pk": s("b")}}
	if err != nil || !reflect.DeepEqual(out.Responses["payments"], want) {
		t.Errorf("%v %v", out, err)
	}
}

func nested(v types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: item{"m": v}}
}

// TestPartsAreChecked as AWS checks them.
func TestPartsAreChecked(t *testing.T) {
	r := withTable(t)
	for _, tc := range []struct {
		text, want string
		names      map[string]string
	}{
		{text: "pk, status", want: "reserved keyword"},
		{text: "pk, pk", want: "overlap"},
		{text: "pk, #s", want: "not defined"},
		{text: "pk", names: map[string]string{"#s": "status"}, want: "unused"},
		{text: "note.text", want: "Syntax error"},
		{text: "", want: "Syntax error"},
	} {
		in := batch(key("a", 1))
		wanted := in.RequestItems["payments"]
		wanted.ProjectionExpression, wanted.ExpressionAttributeNames = &tc.text, tc.names
		in.RequestItems["payments"] = wanted
		_, err := r.dynamo.BatchGetItem(t.Context(), in)
		t.Run(tc.text, func(t *testing.T) { wantCode(t, err, "ValidationException", tc.want) })
	}
}

// TestManyAtOnce are what as many calls leave: items, entries of indexes, records of the stream; and no calls.
func TestManyAtOnce(t *testing.T) {
	r := withTable(t)
	err := r.PutAll(func(yield func([]byte) bool) {
		for sk := range 2500 {
			if !yield(fmt.Appendf(nil, `{"TableName":"payments","Item":{"pk":{"S":"a"},"sk":{"N":"%d"},`+
				`"due_shard":{"N":"3"},"due_at":{"N":"%[1]d"}},"ConditionExpression":"attribute_not_exists(pk)"}`, sk)) {
				return
			}
		}
	})
	if err != nil || r.Calls().Total("PutItem") != 0 {
		t.Fatal(err, r.Calls().Counts)
	}
	if got := r.get(t, "a", "2499"); got == nil {
		t.Error("the last is not there")
	}
	out, err := r.dynamo.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("payments"),
		IndexName: aws.String("due"), KeyConditionExpression: aws.String("due_shard = :s"),
		ExpressionAttributeValues: item{":s": n("3")}})
	if err != nil || out.Count != 2500 {
		t.Errorf("%v %v", out.Count, err)
	}
	refused := slices.Values([][]byte{[]byte(`{"TableName":"payments","Item":{"pk":{"S":"a"}}}`)})
	if err := r.PutAll(refused); err == nil {
		t.Error("half a key is taken")
	}
}
