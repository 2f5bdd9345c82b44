package engine_test

import (
	"strconv"
	"strings"
	"testing"

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
