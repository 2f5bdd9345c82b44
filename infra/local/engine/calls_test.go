package engine

import (
	"strconv"
	"testing"
)

// TestTheRecordOfCallsIsBounded: however many calls and whatever they ask for, the last are told in their order, and
// no more different uses are counted than there may be.
func TestTheRecordOfCallsIsBounded(t *testing.T) {
	var e Engine
	const made = maxUses + 100
	for i := range made {
		name := strconv.Itoa(i)
		e.calls.add(Call{Operation: "GetSecretValue", Key: name}, Use{Secret: name})
	}
	e.calls.add(Call{Operation: "GetSecretValue", Key: "7"}, Use{Secret: "7"})
	got, uses := e.Calls(), e.Uses()
	if len(got.Recent) != maxRecent || got.Recent[0].Key != strconv.Itoa(made-maxRecent+1) ||
		got.Recent[maxRecent-1].Key != "7" || got.Counts["GetSecretValue"] != made+1 {
		t.Errorf("%d calls of %d, from %v", len(got.Recent), got.Counts["GetSecretValue"], got.Recent[0])
	}
	if len(uses) != maxUses || uses[Use{Secret: "7"}] != 2 {
		t.Errorf("%d uses, of one that was known before %d", len(uses), uses[Use{Secret: "7"}])
	}
	e.ResetCalls()
	e.calls.add(Call{Key: "first"}, Use{})
	if got := e.Calls().Recent; len(got) != 1 || got[0].Key != "first" {
		t.Errorf("after a reset %v", got)
	}
}
