package dynamo

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/payment"
)

// recorded gives the items in testdata/schema1.jsonl by their names: a bank's gateway and what had become of the
// payment. The version of 28 November 2026, with schema 1, wrote them.
func recorded(t *testing.T) map[string]attributes {
	t.Helper()
	text, err := os.ReadFile("testdata/schema1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]attributes{}
	for line := range bytes.Lines(text) {
		var one struct {
			Name string                     `json:"name"`
			Item map[string]json.RawMessage `json:"item"`
		}
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatal(err)
		}
		items[one.Name] = attributesOf(t, one.Item)
	}
	if len(items) < 80 {
		t.Fatalf("only %d items", len(items))
	}
	return items
}

func attributesOf(t *testing.T, wire map[string]json.RawMessage) attributes {
	t.Helper()
	item := attributes{}
	for name, value := range wire {
		item[name] = attributeOf(t, value)
	}
	return item
}

// attributeOf reads an attribute as DynamoDB's wire has it.
func attributeOf(t *testing.T, wire json.RawMessage) types.AttributeValue {
	t.Helper()
	var v struct {
		S, N *string
		BOOL *bool
		L    []json.RawMessage
		M    map[string]json.RawMessage
	}
	if err := json.Unmarshal(wire, &v); err != nil {
		t.Fatal(err)
	}
	switch {
	case v.S != nil:
		return stringValue(*v.S)
	case v.N != nil:
		return &types.AttributeValueMemberN{Value: *v.N}
	case v.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *v.BOOL}
	case v.M != nil:
		return &types.AttributeValueMemberM{Value: attributesOf(t, v.M)}
	}
	list := make([]types.AttributeValue, len(v.L))
	for i, one := range v.L {
		list[i] = attributeOf(t, one)
	}
	return &types.AttributeValueMemberL{Value: list}
}

// TestItemsOfTheVersionBefore are read, and are written as they were, but for their place in the book and for what that
// version reads from nothing as well: it takes a number that is not there for 0, and reckons anew when an item without
// due is due. So it reads what this one has only looked at.
func TestItemsOfTheVersionBefore(t *testing.T) {
	seen := map[payment.Status]bool{}
	for name, item := range recorded(t) {
		p, err := restore(item)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		seen[p.Status] = true
		if gateway := p.Handle.Account.Gateway; p.Handle.OrderID != "" && (gateway == "txpg") != strings.HasPrefix(name,
			"kapital-txpg") {
			t.Errorf("%s: the gateway is %q", name, gateway)
		}
		again, err := encode(p, false)
		delete(again, "book")
		if want := lean(item); err != nil || !reflect.DeepEqual(again, want) {
			t.Errorf("%s: %v\n%v\nwant\n%v", name, err, again, want)
		}
	}
	if len(seen) != 8 {
		t.Errorf("the items have only the states %v", seen)
	}
}

// lean is an item of the version before without what this one leaves out.
func lean(item attributes) attributes {
	left := attributes{}
	for name, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberN:
			if v.Value == "0" && !strings.HasSuffix(name, "_shard") {
				continue
			}
		case *types.AttributeValueMemberL:
			value = leanList(v)
		}
		if name != "due" {
			left[name] = value
		}
	}
	return left
}

func leanList(list *types.AttributeValueMemberL) types.AttributeValue {
	left := make([]types.AttributeValue, len(list.Value))
	for i, one := range list.Value {
		left[i] = one
		if m, ok := one.(*types.AttributeValueMemberM); ok {
			left[i] = &types.AttributeValueMemberM{Value: lean(m.Value)}
		}
	}
	return &types.AttributeValueMemberL{Value: left}
}

// TestWhatThisVersionChangesTheOneBeforeReads: whatever becomes of a recorded item here, inside its lists stands
// nothing that the version before never wrote there, and would refuse.
func TestWhatThisVersionChangesTheOneBeforeReads(t *testing.T) {
	known := map[string]bool{"refunds/all": true}
	items := recorded(t)
	for _, item := range items {
		for name := range inside(item) {
			known[name] = true
		}
	}
	changed := 0
	for name, item := range items {
		p, err := restore(item)
		if err != nil {
			t.Fatal(err)
		}
		at := p.CreatedAt.Add(48 * time.Hour)
		taken := payment.Report{State: payment.BankRefunded, Word: "REFUNDED", RefundID: "R-7", Amount: p.Amount,
			Refunded: payment.Said(p.Captured / 2), Operations: []payment.Operation{{ID: "R-7", Amount: p.Captured / 2}}}
		notice := taken
		notice.Operations = nil
		for _, e := range []payment.Event{
			payment.NoticeArrival{Handle: payment.Handle{OrderID: p.Handle.OrderID}, Report: notice}, payment.NoticeTrust{},
			payment.Statement{Handle: p.Handle, Report: taken}, payment.Cancellation{By: "shop:k1"}, payment.Wakeup{},
		} {
			next, err := payment.Apply(p, e, at)
			if err != nil {
				continue // its state leaves no room for that
			}
			written, err := encode(next, false)
			if err != nil {
				t.Fatal(err)
			}
			for attribute := range inside(written) {
				if !known[attribute] {
					t.Errorf("%s, %T: the version before refuses %s", name, e, attribute)
				}
			}
			again, err := restore(written)
			if err != nil || !reflect.DeepEqual(again, next) {
				t.Errorf("%s, %T: %v", name, e, err)
			}
			changed++
		}
	}
	if changed < 100 {
		t.Errorf("only %d changes", changed)
	}
}

// inside names the attributes of the maps in an item's lists.
func inside(item attributes) map[string]bool {
	names := map[string]bool{}
	for list, value := range item {
		if l, ok := value.(*types.AttributeValueMemberL); ok {
			for _, one := range l.Value {
				if m, ok := one.(*types.AttributeValueMemberM); ok {
					for name := range m.Value {
						names[list+"/"+name] = true
					}
				}
			}
		}
	}
	return names
}
