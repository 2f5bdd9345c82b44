package e2e

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"kassa/infra/local/stack"
)

// aroundToday is two days before and behind, so that no midnight matters.
func aroundToday() (from, to string) {
	now := time.Now().UTC()
	return now.AddDate(0, 0, -1).Format(time.DateOnly), now.AddDate(0, 0, 1).Format(time.DateOnly)
}

// TestStaffLooksIntoTheBook: lists, finds and adds up, by the right to read alone; and enters what the book does not
// have, by the right to write.
func TestStaffLooksIntoTheBook(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	paid, open := w.paid(t, 720, 15000), w.open(t, 721, 2500)
	w.told(t, paid.ID)
	a, err := w.shop.refund(t.Context(), paid.ID, "k", 1000)
	if err != nil || a.status != 201 {
		t.Fatal(a, err)
	}
	refund := read[struct{ ID string }](t, a)
	w.told(t, paid.ID)
	shop := w.Info.Shops[0].ID
	from, to := aroundToday()
	those := []string{"--shop", shop, "--from", from, "--to", to}
	reader := w.as(t, "ReadPolicy")
	types := func(words ...string) string { return reader.types(t, 0, append(words, those...)...) }

	sheet := types("payment", "list", "--csv")
	if rows, err := csv.NewReader(strings.NewReader(sheet)).ReadAll(); err != nil || len(rows) != 3 ||
		rows[1][0] != open.ID || rows[2][0] != paid.ID || rows[2][14] != "140.00" || rows[2][9] == "" {
		t.Errorf("%v\n%s", err, sheet)
	}
	var list struct{ Payments []paymentDoc }
	pending := types("payment", "list", "--json", "--status", "pending", "--changed")
	if err := json.Unmarshal([]byte(pending), &list); err != nil ||
		len(list.Payments) != 1 || list.Payments[0].ID != open.ID {
		t.Errorf("%v %v", err, list)
	}
	if table := types("payment", "list", "--bank", "nobody"); strings.Count(table, "\n") != 1 {
		t.Errorf("of no bank:\n%s", table)
	}
	for filter, want := range map[string]string{"--order-ref-prefix=nobody": "", "--amount-from=150.00": paid.ID,
		"--amount-to=149.99": open.ID, "--late": "", "--late=false": paid.ID, "--overpaid": "", "--review": "",
		"--order-ref-prefix=" + w.ref(t, 720): paid.ID} {
		got := types("payment", "list", filter)
		if want == "" && strings.Count(got, "\n") != 1 || !strings.Contains(got, want) {
			t.Errorf("%s lists\n%s", filter, got)
		}
	}
	if got := reader.types(t, 0, "payment", "find", w.ref(t, 720), "--shop", shop); !strings.Contains(got, paid.ID) {
		t.Errorf("by the order alone:\n%s", got)
	}
	bankOrder := w.text(t, paid.ID, "bank_order_id")
	for _, number := range []string{paid.ID, w.ref(t, 720), bankOrder, refund.ID} {
		if got := types("payment", "find", number); !strings.Contains(got, paid.ID) || strings.Contains(got, open.ID) {
			t.Errorf("%s finds\n%s", number, got)
		}
	}
	reader.types(t, 3, append([]string{"payment", "find", "no such number"}, those...)...)
	if got := types("totals", "--by", "bank"); !strings.Contains(got, "kapital  AZN") ||
		!strings.Contains(got, "150.00    10.00       140.00") {
		t.Errorf("totals:\n%s", got)
	}

	w.leavesTheBook(t, paid.ID)
	if got := types("payment", "list"); strings.Contains(got, paid.ID) {
		t.Errorf("it has left the book:\n%s", got)
	}
	file := filepath.Join(t.TempDir(), "orders.txt")
	if err := os.WriteFile(file, []byte("\ufeff"+w.ref(t, 720)+"\n\nnobody's\n"+w.ref(t, 721)+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := w.text(t, open.ID, "rev")
	for range 2 { // the second run finds nothing to do
		w.as(t, "OperatePolicy").types(t, 0, "book", "fill", "--shop", shop, "--orders", file, "--rate", "1000")
		if got := types("payment", "list"); !strings.Contains(got, paid.ID) {
			t.Errorf("it is not back:\n%s", got)
		}
	}
	if w.text(t, open.ID, "rev") != before {
		t.Error("what the book has was written anew")
	}
}

// leavesTheBook makes a payment one that a version without a book has written.
func (w world) leavesTheBook(t *testing.T, id string) {
	t.Helper()
	item, err := w.item(t.Context(), id)
	if err == nil {
		delete(item, "book")
		_, err = w.watch.past.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAShopReadsItsDay through the real functions: page by page, each payment once, and by its last change, too.
func TestAShopReadsItsDay(t *testing.T) {
	t.Parallel()
	w := alone(t, stack.Config{})
	var want []string
	for n := range 5 {
		want = append(want, w.open(t, 700+n, 15000).ID)
	}
	w.pay(t, w.open(t, 710, 15000))
	from, to := aroundToday()
	days := "/v1/payments?from=" + from + "&to=" + to + "&status=pending&limit=2"
	for _, by := range []string{"&by=created", "&by=changed"} {
		var got []string
		for next, pages := "", 0; pages == 0 || next != ""; pages++ {
			page := read[struct {
				Payments []paymentDoc `json:"payments"`
				Next     *string      `json:"next"`
			}](t, w.shop.must(t, []int{200}, "GET", days+by+next, nil))
			for _, p := range page.Payments {
				got = append(got, p.ID)
			}
			next = ""
			if page.Next != nil {
				next = "&cursor=" + url.QueryEscape(*page.Next)
			}
		}
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", by, got, want)
		}
	}
}
