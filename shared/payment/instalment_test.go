package payment

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the files that are compared otherwise")

// For every total up to 1000.00 and every term up to three years: it adds up, no instalment is larger than the monthly
// one, and a term is left out only where fewer months pay it off.
func TestEveryScheduleAddsUp(t *testing.T) {
	var terms []int
	for term := 36; term >= 2; term-- { // against the order that is expected
		terms = append(terms, term, term)
	}
	for total := int64(1); total <= 100_000; total++ {
		next := 2
		for _, p := range Instalments(Money{total, BYN}, terms) {
			n := int64(p.Term)
			if p.Total != total || (n-1)*p.Monthly+p.Last != total || p.Last < 1 || p.Last > p.Monthly ||
				(p.Monthly-1)*n >= total {
				t.Fatalf("%d: %+v", total, p)
			}
			for ; next < p.Term; next++ {
				if monthly := (total + int64(next) - 1) / int64(next); monthly*int64(next-1) < total {
					t.Fatalf("%d over %d months is missing", total, next)
				}
			}
			next = p.Term + 1
		}
		if total >= 36*36 && next != 37 {
			t.Fatalf("%d: the longest plan has %d months", total, next-1)
		}
	}
}

func TestPlansThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		total int64
		terms []int
		want  []int
	}{
		{10000, []int{12, 3, 12, 6}, []int{3, 6, 12}},
		{10000, []int{-1, 0, 1, 2, 60, 61, math.MaxInt, math.MinInt}, []int{2, 60}},
		{5, []int{2, 3, 4, 5, 6}, []int{2, 3, 5}},
		{1, []int{2}, nil},
		{0, []int{2}, nil},
		{-100, []int{2}, nil},
		{100, nil, nil},
		{math.MaxInt64, []int{2, 59, 60}, []int{2, 59, 60}},
	} {
		var got []int
		for _, p := range Instalments(Money{c.total, BYN}, c.terms) {
			got = append(got, p.Term)
			if int64(p.Term-1)*p.Monthly+p.Last != c.total || p.Last < 1 || p.Last > p.Monthly {
				t.Errorf("%d: %+v", c.total, p)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%d over %v: plans of %v months, want %v", c.total, c.terms, got, c.want)
		}
	}
}

func TestPolicy(t *testing.T) {
	limited := InstalmentPolicy{Terms: []int{3, 6}, MinAmount: 1000, MaxAmount: 2000}
	for minor, want := range map[int64]int{999: 0, 1000: 2, 1500: 2, 2000: 2, 2001: 0} {
		if got := len(limited.Plans(Money{minor, BYN})); got != want || limited.Covers(minor) != (want > 0) {
			t.Errorf("%d: %d plans, covered: %t, want %d", minor, got, limited.Covers(minor), want)
		}
	}
	free := InstalmentPolicy{Terms: []int{3}}
	if !free.Sells() || !free.Covers(1) || !free.Covers(math.MaxInt64) || free.Covers(0) || free.Covers(-1) {
		t.Error("without limits every amount is covered, and nothing is no amount")
	}
	if (InstalmentPolicy{}).Sells() {
		t.Error("a shop without terms sells by instalments")
	}
}

// vector is one case that the widget in storefront must compute as well.
type vector struct {
	Total int64      `json:"total"`
	Terms []int      `json:"terms"`
	Plans [][3]int64 `json:"plans"` // term, monthly, last
}

// checksum is over every plan for the totals 1..100000 and the terms 2..36, in this order: FNV-1a over 32-bit numbers
// instead of bytes, which are the term, the monthly and the last instalment.
func checksum() uint32 {
	var terms []int
	for term := 2; term <= 36; term++ {
		terms = append(terms, term)
	}
	sum := uint32(2166136261)
	for total := int64(1); total <= 100_000; total++ {
		for _, p := range Instalments(Money{total, BYN}, terms) {
			for _, n := range []int64{int64(p.Term), p.Monthly, p.Last} {
				sum = (sum ^ uint32(n)) * 16777619
			}
		}
	}
	return sum
}

// TestVectors compares the vectors that the widget's browser test reads; -rewrite writes them.
func TestVectors(t *testing.T) {
	const path = "../../storefront/testdata/instalments.json"
	var cases []string
	for _, total := range []int64{1, 2, 3, 5, 11, 12, 13, 99, 100, 101, 143, 144, 819, 1295, 1296, 2000, 9999, 10000,
		10001, 12000, 15000, 58242,
		99999, 100000, 123456, 999999, 1234567, 100_000_000_00, 1_000_000_000_00, 999_999_999_999_999} {
		for _, terms := range [][]int{{3, 6, 12}, {2, 5, 7, 8, 11, 13, 24, 36, 59, 60}, {12, 3, 61, 3, 1, 0}} {
			v := vector{Total: total, Terms: terms, Plans: [][3]int64{}}
			for _, p := range Instalments(Money{total, BYN}, terms) {
				v.Plans = append(v.Plans, [3]int64{int64(p.Term), p.Monthly, p.Last})
			}
			line, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			cases = append(cases, string(line))
		}
	}
	want := fmt.Sprintf("{\"checksum\":%d,\"cases\":[\n%s\n]}\n", checksum(), strings.Join(cases, ",\n"))
	if *rewrite {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("the vectors are not these any more (%v); go test ./shared/payment -run TestVectors -rewrite writes them",
			err)
	}
}
