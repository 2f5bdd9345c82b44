package days

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"kassa/shared/payment"
)

// Sheet writes payments for a bookkeeper: UTF-8, RFC 4180 (commas, CRLF), a header first. Amounts stand in major units
// with a dot and in minor units, times in the zone with their offset. What others wrote is no formula to a spreadsheet.
// Rows are written as they come and never held.
type Sheet struct {
	w    *csv.Writer
	zone *time.Location
}

// NewSheet begins a sheet with its header, so that a day with nothing is a sheet, too. What goes wrong with writing
// is told once, by Err.
func NewSheet(w io.Writer, zone *time.Location) *Sheet {
	s := &Sheet{csv.NewWriter(w), zone}
	s.w.UseCRLF = true
	_ = s.w.Write([]string{"payment", "shop", "order", "bank", "bank_order", "rrn", "status", "created", "paid",
		"refunded", "currency", "amount", "captured", "refunds", "net", "amount_minor", "captured_minor", "refunds_minor",
		"net_minor"}) // kept for Err
	return s
}

// Add writes one payment.
func (s *Sheet) Add(p payment.Payment) {
	// the columns are those of the header, in its order
	row := []string{p.ID.String(), p.Shop, p.OrderRef, p.Bank, p.Handle.OrderID, p.Receipt.RRN, string(p.Status),
		s.at(p.CreatedAt), s.at(p.PaidAt), s.at(refundedAt(p)), string(p.Amount.Currency)}
	// twice each: a bookkeeper reads decimals, and a program that adds must not have to
	sums := []int64{p.Amount.Minor, p.Captured, p.Refunded, p.Captured - p.Refunded}
	for _, minor := range sums {
		row = append(row, payment.Money{Minor: minor, Currency: p.Amount.Currency}.Decimal())
	}
	for _, minor := range sums {
		row = append(row, strconv.FormatInt(minor, 10))
	}
	for i, cell := range row {
		row[i] = Harmless(cell)
	}
	_ = s.w.Write(row) // kept for Err
}

// Err is what went wrong with all that was written; call it at the end.
func (s *Sheet) Err() error {
	s.w.Flush()
	if err := s.w.Error(); err != nil {
		return fmt.Errorf("write the sheet: %w", err)
	}
	return nil
}

// at is a time for people and programs alike; nothing for what has not happened.
func (s *Sheet) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(s.zone).Truncate(time.Second).Format(time.RFC3339)
}

// refundedAt is when money last went back; zero when none did. A refund that is still under way has no such time, and
// one that failed moved nothing.
func refundedAt(p payment.Payment) (last time.Time) {
	for _, r := range p.Refunds {
		if r.Status == payment.RefundSucceeded && r.SettledAt.After(last) {
			last = r.SettledAt
		}
	}
	return last
}

// Harmless is a cell that no spreadsheet takes for a formula, whatever stands before its sign (OWASP, "CSV
// Injection"). An order's number is the shop's customer's to choose in some shops, and a bookkeeper opens the sheet
// by a click: where commas are decimal, as in Russian, that cuts lines at semicolons, so behind one of those begins a
// cell, too. The apostrophe is what spreadsheets themselves put before text. No cell of our own begins with such a
// sign: no amount here is negative.
func Harmless(cell string) string {
	var safe strings.Builder
	begins := true // nothing but what a spreadsheet passes over has stood in this cell
	start := 0     // of the cell
	for at, letter := range cell {
		switch {
		case letter == ';' || letter == '\t' && at > start:
			safe.WriteString(cell[start : at+1])
			start, begins = at+1, true
		case begins && strings.ContainsRune("=+-@＝＋－＠", letter):
			safe.WriteByte('\'')
			begins = false
		case !unicode.IsSpace(letter) && !unicode.In(letter, unicode.Cf, unicode.Cc):
			begins = false
		}
	}
	return safe.String() + cell[start:]
}
