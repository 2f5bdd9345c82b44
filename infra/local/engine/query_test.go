package engine_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// sks are the range keys of the items that a Query gave.
func sks(items []item) string {
	var texts []string
	for _, item := range items {
		texts = append(texts, item["sk"].(*types.AttributeValueMemberN).Value)
	}
	return strings.Join(texts, " ")
}

func ask(condition string, values item, change ...func(*dynamodb.QueryInput)) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{TableName: aws.String("payments"), KeyConditionExpression: &condition,
		ExpressionAttributeValues: values}
	for _, c := range change {
		c(in)
	}
	return in
}

func backward(in *dynamodb.QueryInput) { in.ScanIndexForward = aws.Bool(false) }

func TestRangeConditions(t *testing.T) {
	r := withTable(t)
	for _, sk := range []string{"-100", "-2.5", "-2", "0", "1", "2", "10", "100"} {
		r.mustPut(t, item{"pk": s("a"), "sk": n(sk)})
		r.mustPut(t, item{"pk": s("a\x00"), "sk": n(sk)})
		r.mustPut(t, item{"pk": s("b"), "sk": n(sk)})
	}
	a := s("a")
	for _, tc := range []struct {
		condition string
		values    item
		want      string
	}{
		{"pk = :p", item{":p": a}, "-100 -2.5 -2 0 1 2 10 100"},
		{"pk = :p", item{":p": s("c")}, ""},
		{"pk = :p AND sk <= :v", item{":p": a, ":v": n("2.0")}, "-100 -2.5 -2 0 1 2"},
		{"pk = :p AND sk <= :v", item{":p": a, ":v": n("-2.25")}, "-100 -2.5"},
		{"pk = :p AND sk <= :v", item{":p": a, ":v": n("-101")}, ""},
		{"pk = :p AND sk <= :v", item{":p": a, ":v": n("1e125")}, "-100 -2.5 -2 0 1 2 10 100"},
		{"pk = :p AND sk BETWEEN :u AND :v", item{":p": a, ":u": n("-2"), ":v": n("2")}, "-2 0 1 2"},
		{"pk = :p AND sk BETWEEN :u AND :v", item{":p": a, ":u": n("3"), ":v": n("9")}, ""},
		{"pk = :p AND sk BETWEEN :v AND :v", item{":p": a, ":v": n("10")}, "10"},
		{"pk = :p AND sk BETWEEN :u AND :v", item{":p": a, ":u": n("-1e9"), ":v": n("1e9")}, "-100 -2.5 -2 0 1 2 10 100"},
	} {
		out, err := r.dynamo.Query(t.Context(), ask(tc.condition, tc.values))
		if err != nil || sks(out.Items) != tc.want || int(out.Count) != len(out.Items) || out.LastEvaluatedKey != nil {
			t.Errorf("%s %v: %v, error %v, want %q", tc.condition, tc.values, out, err, tc.want)
			continue
		}
		reversed, err := r.dynamo.Query(t.Context(), ask(tc.condition, tc.values, backward))
		if err != nil || sks(reversed.Items) != mirrored(tc.want) {
			t.Errorf("%s backward: %v, error %v", tc.condition, reversed, err)
		}
	}
}

func mirrored(text string) string {
	fields := strings.Fields(text)
	for i, j := 0, len(fields)-1; i < j; i, j = i+1, j-1 {
		fields[i], fields[j] = fields[j], fields[i]
	}
	return strings.Join(fields, " ")
}

// pages reads a query page by page and checks that no page is longer than its limit.
func pages(t *testing.T, r *running, in *dynamodb.QueryInput) (items []item, count int) {
	t.Helper()
	for {
		out, err := r.dynamo.Query(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		count++
		items = append(items, out.Items...)
		if len(out.Items) > int(*in.Limit) {
			t.Fatalf("a page of %d items", len(out.Items))
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			return items, count
		}
	}
}

func TestPages(t *testing.T) {
	r := withTable(t)
	for sk := range 5 {
		r.mustPut(t, item{"pk": s("a"), "sk": n(strconv.Itoa(sk)), "due_shard": n("3"), "due_at": n("7")})
	}
	limit := func(in *dynamodb.QueryInput) { in.Limit = aws.Int32(2) }
	due := func(in *dynamodb.QueryInput) { in.IndexName = aws.String("due") }
	for name, in := range map[string]*dynamodb.QueryInput{
		"table": ask("pk = :p", item{":p": s("a")}, limit),
		"index": ask("due_shard = :p AND due_at <= :t", item{":p": n("3"), ":t": n("7")}, limit, due),
	} {
		if items, count := pages(t, r, in); sks(items) != "0 1 2 3 4" || count != 3 {
			t.Errorf("%s: %q in %d pages", name, sks(items), count)
		}
		backward(in)
		if items, count := pages(t, r, in); sks(items) != "4 3 2 1 0" || count != 3 {
			t.Errorf("%s backward: %q in %d pages", name, sks(items), count)
		}
	}
	// Like AWS the engine does not look ahead: a page that is just full has a last key even when nothing follows.
	out, err := r.dynamo.Query(t.Context(), ask("pk = :p", item{":p": s("a")}, func(in *dynamodb.QueryInput) {
		in.Limit = aws.Int32(5)
	}))
	if err != nil || !reflect.DeepEqual(out.LastEvaluatedKey, item{"pk": s("a"), "sk": n("4")}) {
		t.Errorf("last key %v, error %v", out.LastEvaluatedKey, err)
	}
}

func TestAPageEndsAtOneMegabyte(t *testing.T) {
	r := withTable(t)
	for sk := range 5 {
		r.mustPut(t, item{"pk": s("a"), "sk": n(strconv.Itoa(sk)), "f": s(strings.Repeat("x", 300_000))})
	}
	out, err := r.dynamo.Query(t.Context(), ask("pk = :p", item{":p": s("a")}))
	if err != nil || sks(out.Items) != "0 1 2 3" || out.LastEvaluatedKey == nil {
		t.Errorf("page %s with last key %v, error %v", sks(out.Items), out.LastEvaluatedKey, err)
	}
}

func TestSparseIndexesFollowTheItem(t *testing.T) {
	r := withTable(t)
	due := func() []item {
		t.Helper()
		out, err := r.dynamo.Query(t.Context(), ask("due_shard = :p AND due_at <= :t", item{":p": n("3"), ":t": n("100")},
			func(in *dynamodb.QueryInput) { in.IndexName = aws.String("due") }))
		if err != nil {
			t.Fatal(err)
		}
		return out.Items
	}
	entry := item{"pk": s("a"), "sk": n("1"), "due_shard": n("3"), "due_at": n("7")}
	with := func(more item) item {
		whole := item{"rev": s("r")}
		for name, value := range entry {
			whole[name] = value
		}
		for name, value := range more {
			whole[name] = value
		}
		return whole
	}
	for _, step := range []struct {
		name string
		item item
		want []item
	}{
		{"only half of the key", item{"pk": s("a"), "sk": n("1"), "due_at": n("7")}, []item{}},
		{"enters", with(nil), []item{entry}},
		{"stays", with(item{"rev": s("r2")}), []item{entry}},
		{"moves", with(item{"due_at": n("9")}), []item{{"pk": s("a"), "sk": n("1"), "due_shard": n("3"), "due_at": n("9")}}},
		{"moves away", with(item{"due_at": n("101")}), []item{}},
		{"comes back", with(nil), []item{entry}},
		{"leaves", item{"pk": s("a"), "sk": n("1"), "rev": s("r")}, []item{}},
	} {
		r.mustPut(t, step.item)
		if got := due(); !reflect.DeepEqual(got, step.want) {
			t.Errorf("%s: index holds %v, want %v", step.name, got, step.want)
		}
	}
}

func TestIndexWithTextRangeKeyAndProjection(t *testing.T) {
	r := withTable(t)
	for i, at := range []string{"a\x00", "a\x00\x00", "a\x01", "b", "ü"} {
		r.mustPut(t, item{"pk": s("a"), "sk": n(strconv.Itoa(i)), "review_shard": s("x"), "review_at": s(at),
			"note": s("look"), "rev": s("r")})
	}
	review := func(in *dynamodb.QueryInput) { in.IndexName = aws.String("review") }
	for at, want := range map[string]string{"a": "", "a\x00": "0", "a\x01": "0 1 2", "az": "0 1 2", "ü": "0 1 2 3 4"} {
		out, err := r.dynamo.Query(t.Context(), ask("review_shard = :p AND review_at <= :t", item{":p": s("x"), ":t": s(at)},
			review))
		if err != nil || sks(out.Items) != want {
			t.Errorf("up to %q: %q, error %v, want %q", at, sks(out.Items), err, want)
		}
	}
	out, err := r.dynamo.Query(t.Context(), ask("review_shard = :p", item{":p": s("x")}, review))
	want := item{"pk": s("a"), "sk": n("0"), "review_shard": s("x"), "review_at": s("a\x00"), "note": s("look")}
	if err != nil || !reflect.DeepEqual(out.Items[0], want) {
		t.Errorf("the index holds %v, error %v", out, err)
	}
}

func TestQueriesAreChecked(t *testing.T) {
	r := withTable(t)
	p := item{":p": s("a")}
	for name, tc := range map[string]struct {
		in   *dynamodb.QueryInput
		want string
	}{
		"consistent index": {ask("due_shard = :p", item{":p": n("1")}, func(in *dynamodb.QueryInput) {
			in.IndexName, in.ConsistentRead = aws.String("due"), aws.Bool(true)
		}), "Consistent reads are not supported"},
		"no such index": {ask("pk = :p", p, func(in *dynamodb.QueryInput) { in.IndexName = aws.String("outbox") }),
			"specified index: outbox"},
		"no hash key": {ask("sk = :p", item{":p": n("1")}), "missed key schema element: pk"},
		"not a key": {ask("pk = :p AND rev <= :q", item{":p": s("a"), ":q": s("b")}),
			"missed key schema element: sk"},
		"the hash key twice": {ask("pk = :p AND pk <= :p", p), "missed key schema element: sk"},
		"another operator":   {ask("pk = :p AND sk = :q", item{":p": s("a"), ":q": n("1")}), "Syntax error"},
		"bounds the wrong way round": {ask("pk = :p AND sk BETWEEN :q AND :r",
			item{":p": s("a"), ":q": n("2"), ":r": n("1")}), "upper bound to be greater"},
		"between of two attributes": {ask("pk = :p AND rev BETWEEN :q AND :q", item{":p": s("a"), ":q": s("b")}),
			"missed key schema element: sk"},
		"another lower bound": {ask("pk = :p AND sk BETWEEN :q AND :r", item{":p": s("a"), ":q": s("1"), ":r": n("1")}),
			"expected: N actual: S"},
		"between and no more": {ask("pk = :p AND sk BETWEEN :q", item{":p": s("a"), ":q": n("1")}), "Syntax error"},
		"three bounds": {ask("pk = :p AND sk BETWEEN :q AND :q AND :q", item{":p": s("a"), ":q": n("1")}),
			"Syntax error"},
		"wrong type":   {ask("pk = :p", item{":p": n("1")}), "expected: S actual: N"},
		"wrong bound":  {ask("pk = :p AND sk <= :q", item{":p": s("a"), ":q": s("1")}), "expected: N actual: S"},
		"empty value":  {ask("pk = :p", item{":p": s("")}), "Key: pk"},
		"unused value": {ask("pk = :p", item{":p": s("a"), ":q": s("b")}), "keys: {:q}"},
		"names": {ask("pk = :p", p, func(in *dynamodb.QueryInput) {
			in.ExpressionAttributeNames = map[string]string{"#x": "y"}
		}),
			`"ExpressionAttributeNames"`},
		"projection": {ask("pk = :p", p, func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("pk") }),
			`"ProjectionExpression"`},
		"undefined value": {ask("pk = :q", p), ":q"},
		"no condition":    {&dynamodb.QueryInput{TableName: aws.String("payments")}, "KeyConditionExpression"},
		"filter": {ask("pk = :p", p, func(in *dynamodb.QueryInput) { in.FilterExpression = aws.String("rev = :p") }),
			`does not support the parameter "FilterExpression"`},
		"select":     {ask("pk = :p", p, func(in *dynamodb.QueryInput) { in.Select = types.SelectCount }), `"Select"`},
		"limit zero": {ask("pk = :p", p, func(in *dynamodb.QueryInput) { in.Limit = aws.Int32(0) }), "limit"},
		"start key of another shape": {ask("pk = :p", p, func(in *dynamodb.QueryInput) {
			in.ExclusiveStartKey = item{"pk": s("a")}
		}),
			"starting key is invalid"},
		"start key elsewhere": {ask("pk = :p", p, func(in *dynamodb.QueryInput) {
			in.ExclusiveStartKey = item{"pk": s("b"), "sk": n("1")}
		}),
			"outside query boundaries"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.dynamo.Query(t.Context(), tc.in)
			wantCode(t, err, "ValidationException", tc.want)
		})
	}
}
