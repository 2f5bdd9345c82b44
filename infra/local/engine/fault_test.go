package engine_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"kassa/infra/local/engine"
)

func TestFaultsOfAWrite(t *testing.T) {
	for _, tc := range []struct {
		kind    engine.FaultKind
		code    string // "" when there is no answer at all
		written bool
	}{
		{engine.FaultConflict, "ConditionalCheckFailedException", false},
		{engine.FaultThrottle, "ProvisionedThroughputExceededException", false},
		{engine.FaultInternal, "InternalServerError", false},
		{engine.FaultLostBefore, "", false},
		{engine.FaultLost, "", true},
	} {
		t.Run(string(tc.kind), func(t *testing.T) {
			r := withTable(t)
			if err := r.Fault(engine.Fault{Operation: "PutItem", Kind: tc.kind}); err != nil {
				t.Fatal(err)
			}
			_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("a"), "sk": n("1")}))
			var api smithy.APIError
			if tc.code != "" {
				wantCode(t, err, tc.code, "")
			} else if err == nil || errors.As(err, &api) {
				t.Fatalf("error %v, want a broken connection", err)
			}
			if got := r.get(t, "a", "1"); (got != nil) != tc.written {
				t.Errorf("the item is %v", got)
			}
			if len(r.Faults()) != 0 {
				t.Error("the fault did not wear off")
			}
			r.mustPut(t, item{"pk": s("a"), "sk": n("2")})
		})
	}
}

func TestAConflictTellsTheStoredItem(t *testing.T) {
	r := withTable(t)
	stored := item{"pk": s("a"), "sk": n("1"), "rev": s("r1")}
	r.mustPut(t, stored)
	if err := r.Fault(engine.Fault{Operation: "PutItem", Kind: engine.FaultConflict}); err != nil {
		t.Fatal(err)
	}
	_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("a"), "sk": n("1")}, func(in *dynamodb.PutItemInput) {
		in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}))
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) || !reflect.DeepEqual(failed.Item, stored) {
		t.Errorf("error %v, want the stored item", err)
	}
}

func TestFaultsAreAimed(t *testing.T) {
	r := withTable(t)
	for _, f := range []engine.Fault{
		{Operation: "PutItem", Key: "a/", Kind: engine.FaultThrottle, Nth: 2, Count: 2},
		{Operation: "PutItem", Key: "b/", Kind: engine.FaultInternal, Count: engine.Always},
		{Operation: "GetSecretValue", Kind: engine.FaultThrottle},
		{Operation: "Query", Key: "a", Kind: engine.FaultInternal},
	} {
		if err := r.Fault(f); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for i := range 4 {
		for _, pk := range []string{"a", "b", "c"} {
			if _, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s(pk), "sk": n(strconv.Itoa(i))})); err != nil {
				got = append(got, pk+strconv.Itoa(i))
			}
		}
	}
	if want := []string{"b0", "a1", "b1", "a2", "b2", "b3"}; !reflect.DeepEqual(got, want) {
		t.Errorf("hit %v, want %v", got, want)
	}
	_, err := r.secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("x")})
	wantCode(t, err, "ThrottlingException", "scripted fault")
	_, err = r.dynamo.Query(t.Context(), ask("pk = :p", item{":p": s("a")}))
	wantCode(t, err, "InternalServerError", "scripted fault")
	if left := r.Faults(); len(left) != 1 || left[0].Key != "b/" {
		t.Errorf("left are %v", left)
	}
	r.ClearFaults()
	r.mustPut(t, item{"pk": s("b"), "sk": n("9")})
}

func TestFaultsThatCannotFireAreRefused(t *testing.T) {
	r := start(t)
	for _, f := range []engine.Fault{
		{Operation: "Scan", Kind: engine.FaultThrottle}, {Operation: "PutItem"}, {Operation: "PutItem", Kind: "slow"},
		{Operation: "GetItem", Kind: engine.FaultConflict},
		{Operation: "PutItem", Kind: engine.FaultLost, Nth: -1}, {Operation: "PutItem", Kind: engine.FaultLost, Count: -2},
	} {
		if err := r.Fault(f); err == nil {
			t.Errorf("%+v was accepted", f)
		}
	}
}

func TestCallsAreCounted(t *testing.T) {
	r := withTable(t)
	r.ResetCalls()
	r.mustPut(t, item{"pk": s("pay_a"), "sk": n("1")})
	r.get(t, "pay_a", "1")
	if _, err := r.dynamo.Query(t.Context(), ask("due_shard = :p", item{":p": n("3")}, func(in *dynamodb.QueryInput) {
		in.IndexName = aws.String("due")
	})); err != nil {
		t.Fatal(err)
	}
	if err := r.Fault(engine.Fault{Operation: "PutItem", Kind: engine.FaultThrottle}); err != nil {
		t.Fatal(err)
	}
	_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("pay_b"), "sk": n("1")}))
	wantCode(t, err, "ProvisionedThroughputExceededException", "")
	got := r.Calls()
	want := engine.Calls{Counts: map[string]int{"PutItem": 2, "GetItem": 1, "Query": 1}, Recent: []engine.Call{
		{Operation: "PutItem", Table: "payments", Key: "pay_a/1"}, {Operation: "GetItem", Table: "payments", Key: "pay_a/1"},
		{Operation: "Query", Table: "payments", Index: "due", Key: "3"},
		{Operation: "PutItem", Table: "payments", Key: "pay_b/1"},
	}}
	if !reflect.DeepEqual(got, want) || got.Total("PutItem", "GetItem", "Query", "Scan") != 4 {
		t.Errorf("calls %+v", got)
	}
	uses := r.Uses()
	for use, times := range map[engine.Use]int{
		{Caller: "local", Action: "dynamodb:CreateTable", Table: "payments"}:         1, // no reset forgets who did what
		{Caller: "local", Action: "dynamodb:PutItem", Table: "payments"}:             2,
		{Caller: "local", Action: "dynamodb:Query", Table: "payments", Index: "due"}: 1,
	} {
		if uses[use] != times {
			t.Errorf("%+v: %d times, want %d", use, uses[use], times)
		}
	}
	for range 1100 {
		r.get(t, "pay_a", "1")
	}
	if got := r.Calls(); len(got.Recent) != 1000 || got.Counts["GetItem"] != 1101 {
		t.Errorf("%d calls remembered, %d counted", len(got.Recent), got.Counts["GetItem"])
	}
}

func TestUsesTellSecretsAndStreamsApart(t *testing.T) {
	r := withTable(t)
	_, err := r.secrets.GetSecretValue(t.Context(),
		&secretsmanager.GetSecretValueInput{SecretId: aws.String("kassa/prod/shop/a")})
	wantCode(t, err, "ResourceNotFoundException", "")
	if _, err := r.streams.ListStreams(t.Context(),
		&dynamodbstreams.ListStreamsInput{TableName: aws.String("payments")}); err != nil {
		t.Fatal(err)
	}
	for _, use := range []engine.Use{
		// asking is a use, whatever the answer
		{Caller: "local", Action: "secretsmanager:GetSecretValue", Secret: "kassa/prod/shop/a"},
		{Caller: "local", Action: "dynamodb:ListStreams", Table: "payments", Stream: true},
	} {
		if r.Uses()[use] != 1 {
			t.Errorf("%+v is missing in %+v", use, r.Uses())
		}
	}
}

// control sends a request to the engine's own interface.
func (r *running) control(t testing.TB, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestControlOverHTTP(t *testing.T) {
	r := withTable(t)
	const fault = `{"operation":"PutItem","key":"a","fault":"conflict","count":1}`
	if status, answer := r.control(t, "POST", "/_engine/faults", fault); status != http.StatusNoContent {
		t.Fatalf("status %d: %s", status, answer)
	}
	if status, answer := r.control(t, "GET", "/_engine/faults", ""); status != 200 || answer != "["+fault+"]" {
		t.Errorf("status %d: %s", status, answer)
	}
	_, err := r.dynamo.PutItem(t.Context(), put(item{"pk": s("a"), "sk": n("1")}))
	wantCode(t, err, "ConditionalCheckFailedException", "")

	var calls engine.Calls
	if _, answer := r.control(t, "GET", "/_engine/calls", ""); json.Unmarshal([]byte(answer), &calls) != nil ||
		calls.Counts["PutItem"] != 1 || calls.Recent[1].Key != "a/1" {
		t.Errorf("calls %s", answer)
	}
	if status, _ := r.control(t, "POST", "/_engine/calls/reset", ""); status != http.StatusNoContent {
		t.Errorf("reset answers %d", status)
	}
	if _, answer := r.control(t, "GET", "/_engine/calls", ""); answer != `{"counts":{},"recent":[]}` {
		t.Errorf("calls after the reset: %s", answer)
	}
	for _, body := range []string{"", "{}", `{"operation":"PutItem","fault":"cut_after","often":3}`,
		`{"operation":"PutItem","fault":"slow"}`} {
		if status, _ := r.control(t, "POST", "/_engine/faults", body); status != http.StatusBadRequest {
			t.Errorf("%s answers %d", body, status)
		}
	}
	if err := r.Fault(engine.Fault{Operation: "PutItem", Kind: engine.FaultLost}); err != nil {
		t.Fatal(err)
	}
	if status, _ := r.control(t, "DELETE", "/_engine/faults", ""); status != http.StatusNoContent || len(r.Faults()) != 0 {
		t.Errorf("delete answers %d and leaves %v", status, r.Faults())
	}
}
