package dynamo

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"kassa/shared/dynamo/storetest"
	"kassa/shared/payment"
	"kassa/shared/payment/allowance"
)

// TestRoundTrip fills payments by reflection, so that a new field which the layout forgets comes back empty and fails
// here.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 0))
		var want payment.Payment
		fill(t, r, reflect.ValueOf(&want).Elem())
		want.Rev, want.Stamp, want.DueAt = "r"+want.Rev, "", want.DueAt.Truncate(time.Second)
		want.Sequence = max(1, want.Sequence) // without one it is short
		for i := range want.Refunds {         // no two have one id
			want.Refunds[i].ID += fmt.Sprint(i)
		}
		item, err := encode(want, false)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(item)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %v\n%+v\nwant\n%+v", seed, err, got, want)
		}
	}
}

// TestEveryFieldIsKept sets one field after another and looks whether it comes back: the same question as
// TestRoundTrip, with the field's name in the answer.
func TestEveryFieldIsKept(t *testing.T) {
	var check func(path string, at func(*payment.Payment) reflect.Value)
	check = func(path string, at func(*payment.Payment) reflect.Value) {
		p := payment.Payment{Rev: "r", Sequence: 1, Refunds: make([]payment.Refund, 1), History: make([]payment.Entry, 1)}
		v := at(&p)
		if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				check(path+"."+v.Type().Field(i).Name, func(p *payment.Payment) reflect.Value { return at(p).Field(i) })
			}
			return
		}
		for r := rand.New(rand.NewPCG(1, 1)); v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0; {
			fill(t, r, v)
		}
		if p.Stamp != "" { // stands in the rev, once it is saved
			return
		}
		p.DueAt = p.DueAt.Truncate(time.Second)
		item, err := encode(p, false)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		back, err := decode(item)
		if err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("%s is not kept: %v\n%+v\nwant\n%+v", path, err, back, p)
		}
	}
	check("Payment", func(p *payment.Payment) reflect.Value { return reflect.ValueOf(p).Elem() })
	check("Refund", func(p *payment.Payment) reflect.Value { return reflect.ValueOf(&p.Refunds[0]).Elem() })
	check("Entry", func(p *payment.Payment) reflect.Value { return reflect.ValueOf(&p.History[0]).Elem() })
}

// fill sets a value to anything that its type allows and a payment may hold: whole milliseconds in UTC, valid UTF-8. A
// kind of field that payments have not had so far fails the test: somebody must decide how it is stored.
func fill(t *testing.T, r *rand.Rand, v reflect.Value) {
	t.Helper()
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(anyTime(r)))
	case v.Kind() == reflect.String:
		v.SetString(anyText(r))
	case v.Kind() == reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case v.CanInt():
		v.SetInt([]int64{0, 1, -1, 15000, 1<<63 - 1, -1 << 63}[r.IntN(6)])
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(t, r, v.Field(i))
		}
		if report, is := v.Addr().Interface().(*payment.Report); is {
			report.Receipt = payment.Receipt{} // no notice has one
		}
	case v.Kind() == reflect.Slice && r.IntN(4) > 0:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for i := range v.Len() {
			fill(t, r, v.Index(i))
		}
	case v.Kind() == reflect.Map && r.IntN(4) > 0:
		v.Set(reflect.ValueOf(map[string]string{}))
		for range r.IntN(4) {
			v.SetMapIndex(reflect.ValueOf(anyText(r)), reflect.ValueOf(anyText(r)))
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Map:
		v.SetZero()
	case v.Kind() == reflect.Interface:
		v.Set(reflect.ValueOf(attributes{"newer": stringValue(anyText(r)), "schema": numberValue(2)}))
	default:
		t.Fatalf("nobody has said how a %s is stored", v.Type())
	}
}

func anyText(r *rand.Rand) string {
	return []string{"", "0", "pay_abc", "Nar şirəsi\n\x00\"\\", "🧾", strings.Repeat("x", 300)}[r.IntN(6)]
}

func anyTime(r *rand.Rand) time.Time {
	if r.IntN(4) == 0 {
		return time.Time{}
	}
	return time.UnixMilli(r.Int64N(4_000_000_000_000) - 100_000_000_000).UTC()
}

// TestDocumentedLayout holds the table in the package comment and the fields together, the types included.
func TestDocumentedLayout(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, row := range regexp.MustCompile(`(?m)^//\t([a-z_]+) +(S|N|BOOL|M|L) +\S`).FindAllStringSubmatch(string(comment),
		-1) {
		documented = append(documented, row[1]+" "+row[2])
	}
	p := storetest.Largest(payment.OrderKey("shop", "1"))
	p.Rev, p.Lease, p.BankStatus, p.BankCode, p.AskedAt, p.EndedAt, p.DueAt = "r", p.PaidAt, "APPROVED", "001", p.PaidAt,
		p.PaidAt, p.PaidAt
	p.Deliveries[0].State, p.Deliveries[1].State = "new", "retry" // in the to-do lists, too
	p.AskNext, p.Decline = p.PaidAt, payment.Decline{Code: "051", Hint: payment.HintExpired}
	p.Refunds[0].Owner, p.Refunds[0].Answer = "O", payment.AnswerLost
	p.EndStated, p.Late, p.Overpaid, p.SiblingsDue, p.Recheck = true, true, true, true, true
	p.Term, p.Openings, p.Deliveries[0].Tries, p.RecheckedAt = 12, 1, 1, p.PaidAt
	item, err := encode(p, false)
	if err != nil {
		t.Fatal(err)
	}
	got := layout(item)
	for _, nested := range []string{"refunds", "refund_marks", "notices", "history", "deliveries", "resolutions"} {
		list, ok := item[nested].(*types.AttributeValueMemberL)
		if !ok {
			t.Fatalf("%s is a %T", nested, item[nested])
		}
		first, ok := list.Value[0].(*types.AttributeValueMemberM)
		if !ok {
			t.Fatalf("%s holds a %T", nested, list.Value[0])
		}
		got = append(got, layout(first.Value)...)
	}
	claim := allowance.Claim{Refund: "rf_1", Owner: "o", Amount: 1}
	used := encodeUsed(allowance.Usage{ID: allowance.ID{Shop: "s", Currency: "AZN"}, Rev: "r", Day: 1, Sum: 1,
		Claims: []allowance.Claim{claim}})
	got = append(append(got, layout(used)...), layout(write(claimFields(&claim)))...)
	slices.Sort(documented)
	slices.Sort(got)
	if !slices.Equal(documented, got) {
		t.Errorf("documented\n%q\nwritten\n%q", documented, got)
	}
}

func layout(item attributes) (rows []string) {
	for name, value := range item {
		kind := strings.TrimPrefix(fmt.Sprintf("%T", value), "*types.AttributeValueMember")
		rows = append(rows, name+" "+kind)
	}
	return rows
}

// TestIndexes: an item stands in a to-do list exactly while there is something to do, and its place under review does
// not move.
func TestIndexes(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	entry := func(seconds int, what string) payment.Entry {
		return payment.Entry{At: at.Add(time.Duration(seconds) * time.Second), What: what}
	}
	reviews := []payment.Review{payment.ReviewStatus}
	cases := []struct {
		name string
		p    payment.Payment
		want map[string]int64 // index to its time, in seconds after at
	}{
		{"nothing to do", payment.Payment{History: []payment.Entry{entry(0, "created"), entry(1, "review:status"),
			entry(2, "review_cleared:status")}}, nil},
		{"due on the second", payment.Payment{DueAt: at}, map[string]int64{"due": 0}},
		{"due a millisecond later", payment.Payment{DueAt: at.Add(time.Millisecond)}, map[string]int64{"due": 1}},
		{"under review", payment.Payment{Reviews: reviews, History: []payment.Entry{entry(0, "pending"),
			entry(7, "review:status")}},
			map[string]int64{"review": 7}},
		{"the first reason has gone, another stays", payment.Payment{Reviews: reviews, History: []payment.Entry{
			entry(1, "review:amount"), entry(2, "review:status"), entry(3, "review_cleared:amount")}},
			map[string]int64{"review": 1}},
		{"under review for the second time", payment.Payment{Reviews: reviews, History: []payment.Entry{
			entry(1, "review:status"), entry(2, "review_cleared:status"), entry(3, "review:status")}},
			map[string]int64{"review": 3}},
		{"under review by an untold hand", payment.Payment{CreatedAt: at, Reviews: reviews}, map[string]int64{"review": 0}},
		{"due and under review", payment.Payment{DueAt: at, CreatedAt: at, Reviews: reviews},
			map[string]int64{"due": 0, "review": 0}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.p.ID = payment.ID{Order: payment.OrderKey("shop", "1"), Attempt: 1}
			item, err := encode(c.p, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, list := range []string{"due", "review", "outbox"} {
				var shard, second types.AttributeValue
				if after, listed := c.want[list]; listed {
					shard, second = numberValue(c.p.ID.Shard()), numberValue(at.Unix()+after)
				}
				if !reflect.DeepEqual(item[list+"_shard"], shard) || !reflect.DeepEqual(item[list+"_at"], second) {
					t.Errorf("index %s: %+v %+v, want %+v %+v", list, item[list+"_shard"], item[list+"_at"], shard, second)
				}
			}
		})
	}
}

// TestTheVersionBeforeReadsRefunds: two versions run side by side, and the one before refuses what it does not know
// inside a list. The names below are all that it has ever known there; what came later stands at the top of the item,
// which it carries through.
func TestTheVersionBeforeReadsRefunds(t *testing.T) {
	known := []string{"all", "amount", "bank_refund_id", "base", "base_known", "base_listed", "by", "code", "id", "origin",
		"read_at", "read_total",
		"reason", "requested_at", "settled_at", "status", "until"}
	p := storetest.Largest(payment.OrderKey("shop", "1"))
	p.Rev = "r"
	item, err := encode(p, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range item["refunds"].(*types.AttributeValueMemberL).Value {
		for name := range r.(*types.AttributeValueMemberM).Value {
			if !slices.Contains(known, name) {
				t.Fatalf("a refund holds %q, which the version before refuses", name)
			}
		}
	}
	before := item["refund_refs"]
	delete(item, "refund_refs") // as the version before writes one that it has made
	old, err := decode(item)
	if err != nil || old.Refunds[0].Reference != "" || old.Refunds[0].Reason == "" || old.Check() != nil {
		t.Errorf("an item of the version before: %v %+v", err, old.Refunds[0])
	}
	item["refund_refs"] = before
	item["refunds"] = &types.AttributeValueMemberL{} // and one whose refunds it has taken back
	left, err := decode(item)
	if err != nil || len(left.Refunds) != 0 || left.Extra != nil {
		t.Errorf("references without refunds: %v %+v", err, left.Extra)
	}
	if again, err := encode(left, false); err != nil || again["refund_refs"] != nil {
		t.Errorf("references without refunds are kept: %v %v", err, again["refund_refs"])
	}
}

// TestDecodeRefuses gives decode what no version of ours has written.
func TestDecodeRefuses(t *testing.T) {
	list := func(v ...types.AttributeValue) types.AttributeValue { return &types.AttributeValueMemberL{Value: v} }
	record := func(name string, v types.AttributeValue) types.AttributeValue {
		return list(&types.AttributeValueMemberM{Value: attributes{name: v}})
	}
	cases := []struct {
		name  string
		value types.AttributeValue
		text  string
	}{
		{"pk", numberValue(1), "pk: is not a string"},
		{"sk", numberValue(int64(1 << 62)), ""},
		{"sk", &types.AttributeValueMemberN{Value: "1E1"}, "sk: is not a whole number"},
		{"captured", &types.AttributeValueMemberN{Value: "9223372036854775808"}, "captured: is not a whole number that fits"},
		{"late", stringValue("true"), "late: is not a boolean"},
		{"created_at", stringValue("2026-03-04"), "created_at: is not a time"},
		{"created_at", stringValue("2026-03-04T05:06:07.890+04:00"), "created_at: is not a time"},
		{"created_at", numberValue(1), "created_at: is not a string"},
		{"metadata", list(), "metadata: is not a map"},
		{"metadata", &types.AttributeValueMemberM{Value: attributes{"a": numberValue(1)}}, "metadata: is not a string"},
		{"reviews", stringValue("amount"), "reviews: is not a list"},
		{"reviews", list(stringValue("amount"), numberValue(1)), "reviews: 1: is not a string"},
		{"refunds", list(stringValue("x")), "refunds: 0: is not a map"},
		{"refunds", record("amount", stringValue("x")), "refunds: 0: amount: is not a number"},
		{"refund_refs", list(), "refund_refs: is not a map"},
		{"history", record("delivered_at", stringValue("x")), "history: 0: delivered_at: is not known to this version"},
		{"schema", numberValue(0), "schema: is missing or older"},
		{"rev", stringValue(""), "rev: is missing"},
	}
	for _, c := range cases {
		t.Run(c.name+" "+c.text, func(t *testing.T) {
			item, err := encode(payment.Payment{Rev: "r"}, false)
			if err != nil {
				t.Fatal(err)
			}
			item[c.name] = c.value
			_, err = decode(item)
			if text := fmt.Sprint(err); c.text == "" && err != nil || !strings.HasPrefix(text, c.text) {
				t.Errorf("error %q, want %q", text, c.text)
			}
		})
	}
	if _, err := encode(payment.Payment{Extra: 1}, false); err == nil {
		t.Error("an Extra of another store was encoded")
	}
}
