package statement

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/unicode"

	"kassa/shared/payment"
)

// TestExamples: the statements beside this test are read by the layouts that come with Kassa, whatever their encoding,
// separator and way of writing amounts, and all say the same three lines.
func TestExamples(t *testing.T) {
	for file, want := range map[string]Statement{
		"card-orders.csv": {"card-orders", []Line{
			{2, "1001", "633100000001", 123450, false, payment.AZN, "2026-11-27"},
			{3, "1002", "633100000002", 15210, false, payment.AZN, "2026-11-27"},
			{4, "1001", "633100000003", 5000, true, payment.AZN, "2026-11-27"}}},
		"card-terminal.csv": {"card-terminal", []Line{
			{4, "", "633100000001", 123450, false, payment.AZN, "2026-11-27"},
			{5, "", "633100000002", 15210, false, payment.AZN, "2026-11-27"},
			{6, "", "633100000003", 5000, true, payment.AZN, "2026-11-27"}}},
		"instalments.csv": {"instalments", []Line{
			{2, "kp-1001", "", 123450, false, payment.BYN, "2026-11-27"},
			{3, "kp-1002", "", 15210, false, payment.BYN, "2026-11-27"},
			{4, "kp-1001", "", 5000, true, payment.BYN, "2026-11-27"}}},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(text, Examples(), payment.BYN)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", file, got, err)
		}
	}
}

// book makes an XLSX file of rows below the head of card-orders.
func book(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	rows = append([][]any{{"Bank statement"}, {}, {"Order ID", "RRN", "Amount", "Currency", "Operation", "Date"}},
		rows...)
	for i, cells := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = f.SetSheetRow("Sheet1", at, &cells)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if err := f.Write(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestSheet: of a spreadsheet the numbers count as it holds them, not as it shows them, and dates may be numbers.
func TestSheet(t *testing.T) {
	file := book(t, []any{"1001", "633100000001", 1234.5, "AZN", "Purchase", 46353.5},
		[]any{1002, 633100000002, "152,10", "AZN", "purchase", "27.11.2026"},
		[]any{"1001", "", 50, "AZN", "Refund", 46353})
	got, err := Read(file, Examples(), payment.AZN)
	want := []Line{{4, "1001", "633100000001", 123450, false, payment.AZN, "2026-11-27"},
		{5, "1002", "633100000002", 15210, false, payment.AZN, "2026-11-27"},
		{6, "1001", "", 5000, true, payment.AZN, "2026-11-27"}}
	if err != nil || !reflect.DeepEqual(got.Lines, want) {
		t.Errorf("%+v, %v", got, err)
	}
	rounded := book(t, []any{"1001", "6.331E+11", 0.125, "AZN", "Purchase", "27.11.2026"})
	wantProblems(t, rounded, `line 4: "6.331E+11" is a number that the spreadsheet has rounded: make that column text`,
		`line 4: the amount "0.125" has other decimals than the layout says, or more than two`)
	wantProblems(t, []byte("PK\x03\x04and no more"), "no XLSX file that can be read")
}

// TestSignsAndPages: a currency may be its sign, and the head may stand on each page.
func TestSignsAndPages(t *testing.T) {
	head := []any{"order id", "RRN", "Amount", "Currency", "Operation", "Date"}
	file := book(t, []any{"1001", "", "12.50 ₼", "", "Purchase", "27.11.2026"}, head,
		[]any{"1002", "", "50", "₼", "Purchase", "27.11.2026"}, []any{"1003", "", "50$", "USD", "Purchase", "27.11.2026"},
		[]any{"1004", "", "7,00 Br", "Br", "Refund", "27.11.2026"}, head)
	got, err := Read(file, Examples(), payment.BYN)
	want := []Line{{4, "1001", "", 1250, false, payment.AZN, "2026-11-27"},
		{6, "1002", "", 5000, false, payment.AZN, "2026-11-27"}, {7, "1003", "", 5000, false, payment.USD, "2026-11-27"},
		{8, "1004", "", 700, true, payment.BYN, "2026-11-27"}}
	if err != nil || !reflect.DeepEqual(got.Lines, want) {
		t.Errorf("%+v, %v", got, err)
	}
	wantProblems(t, book(t, []any{"1001", "", "5 руб.", "£", "Purchase", "27.11.2026"}), `"£" is no currency`,
		`the amount "5 руб."`)
}

func wantProblems(t *testing.T, file []byte, want ...string) {
	t.Helper()
	got, err := Read(file, Examples(), payment.AZN)
	if _, ours := errors.AsType[Problems](err); !ours || len(got.Lines) > 0 {
		t.Fatalf("%.80q is read as %+v, %v", file, got, err)
	}
	for _, text := range want {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%.80q: %v\nwant %q", file, err, text)
		}
	}
}

// TestEveryProblemAtOnce: by line, in words that say what to do.
func TestEveryProblemAtOnce(t *testing.T) {
	head := "Order ID;RRN;Amount;Currency;Operation;Date\n"
	wantProblems(t, []byte(head+
		"1;;10,00;AZN;Purchase;27.11.2026\n"+
		";;10,00;AZN;Purchase;27.11.2026\n"+
		"1;;10,00;AZN;Purchase;27.11.2026\n"+
		"3;;1.234;AZN;Purchase;27.11.2026\n"+
		"4;;;AZN;Lottery;2026-11-27\n"+
		"5;;ten;XXX;Purchase;27.11.2026\n"+
		"6;;10,00;AZN;Purchase;27.11.2026;;more\n"+
		"7;;-5,00;AZN;Purchase;27.11.2026\n"+
		"8;;5,00 BYN;AZN;Purchase;27.11.2026\n"),
		"line 3: names no order: Order ID / OrderID",
		"line 4: is the same as line 2, to the last cell: take one of them out, or write repeats: true",
		`line 5: the amount "1.234" can be read in two ways`,
		`line 6: the amount "" is empty`, `line 6: "Lottery" is no kind that the layout knows: add it to charges or to`,
		`line 6: the date "2026-11-27" is not written as the layout says: dd.mm.yyyy`,
		`line 7: the amount "ten" is no amount`, `line 7: "XXX" is no currency that Kassa takes`,
		"line 8: has 8 cells, and the head 6: is there a separator within a cell?",
		`line 9: is called "Purchase" and has an amount below nothing`,
		"line 10: the amount is in BYN and the line in AZN")
	wantProblems(t, nil, "the file is empty")
	wantProblems(t, []byte("Order ID;Sum\n1;2\n"),
		"by the layout card-orders: it lacks these columns: RRN; Amount / Məbləğ; Currency / Valyuta",
		`the line nearest to a head is line 1: "Order ID | Sum"`, "instalments: it lacks these columns: Номер заявки")
	wantProblems(t, []byte("\xff\xfeO"), "it is in UTF-16, and breaks off")
	wantProblems(t, []byte{0xD0, 0xCF, 0x11, 0xE0}, "an .xls of an old Excel, or locked with a password")
	wantProblems(t, []byte(head+"1;\"2;3\n"), "a quotation mark is not closed")
	wantProblems(t, []byte(strings.Replace(head, "RRN", "Amount", 1)), "has the column Amount twice")
	wantProblems(t, []byte(head+"\x98"), "neither in UTF-8 nor in windows-1251")
}

// TestADayWithNothing is no problem.
func TestADayWithNothing(t *testing.T) {
	got, err := Read([]byte("Order ID;RRN;Amount;Currency;Operation;Date\n;;0,00;;Total;\n"), Examples(), payment.AZN)
	if err != nil || got.Layout != "card-orders" || len(got.Lines) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestALineThatSaysTotal: a shop, or a comment, may be called so; what can be read as a line is one. What sums up names
// no order, or has the word in its place.
func TestALineThatSaysTotal(t *testing.T) {
	head := "Order ID;RRN;Amount;Currency;Operation;Date;Merchant\n"
	wantOrders(t, "a merchant", []byte(head+"1;;10,00;AZN;Purchase;27.11.2026;Total\n"+
		"Total;;10,00;AZN;Purchase;27.11.2026;\n"+
		"Total:;;10,00;;;;\n;;10,00;AZN;;;Cəmi\n;1 line;10,00;AZN;total;;\n"), "2 1  1000 2026-11-27")
	wantProblems(t, []byte(head+"1;;1.234;AZN;Purchase;27.11.2026;Total\n"), `line 2: the amount "1.234" can be read`)
}

// TestWhatCannotBeSeen has no place in a number: it would turn a report around, or hide a line of it.
func TestWhatCannotBeSeen(t *testing.T) {
	head := "Order ID;RRN;Amount;Currency;Operation;Date\n"
	for _, order := range []string{"\u202e1", "1\u200b2", "\"1\n2\"", "1\x002", "1\u2066"} {
		wantProblems(t, []byte(head+order+";;10,00;AZN;Purchase;27.11.2026\n"), "holds a character that cannot be seen")
	}
}

// TestUTF16: a spreadsheet calls it Unicode text, and parts its cells by tabs.
func TestUTF16(t *testing.T) {
	text := "Номер заявки\tСумма\tДата\r\nkp-1\t1 234,50\t27.11.2026\r\n"
	for _, mark := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		file, err := unicode.UTF16(mark, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		wantOrders(t, "UTF-16", file, "2 kp-1  123450 2026-11-27")
		wantProblems(t, file[:len(file)-1], "it is in UTF-16, and breaks off")
		wantProblems(t, append(file[:len(file):len(file)], file[2:4]...)[:len(file)+1], "breaks off")
	}
}

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		text, decimal string
		minor         int64
	}{
		{"150", "", 15000}, {"150.5", "", 15050}, {"150,50", "", 15050}, {"1 234,50", "", 123450}, {"1'234.50", "", 123450},
		{"1\u00a0234\u202f567,89", ",", 123456789}, {"1.234,50", "", 123450}, {"1,234.50", "", 123450},
		{"1,234,567", "", 123456700}, {"1.234", ",", 123400}, {"1,234", ".", 123400}, {"-50.00", "", -5000},
		{"\u221250,00", "", -5000}, {"+7", "", 700}, {"12.5000", ".", 1250},
		{"150.00 AZN", "", 15000}, {"150.00azn", "", 15000},
		// as browsers write money in Russian, Azerbaijani, Belarusian, Turkish and English
		{"1\u00a0119,90\u00a0AZN", "", 111990}, {"-1.119,90\u00a0₼", "", -111990}, {"1119,90\u00a0Br", ",", 111990},
		{"AZN\u00a01.119,90", "", 111990}, {"-BYN\u00a01,119.90", "", -111990}, {"₼1,119.90", ".", 111990},
		{"119,90\u202fBYN", "", 11990}, {"BYN -5.00", "", -500}, {"(AZN 5.00)", "", -500},
		{"₼ (1,119.90)", "", -111990}, // Excel's form for bookkeepers
		{"(50,00)", "", -5000}, {"(1 234.50) AZN", "", -123450}, {"50.00-", "", -5000},
		{"0,01", ",", 1}, {"999999999999.99", "", 99999999999999},
	} {
		minor, negative, _, why := Layout{Decimal: c.decimal}.amount(c.text, false)
		if negative {
			minor = -minor
		}
		if why != nil || minor != c.minor {
			t.Errorf("%q with decimal %q is %d %v, want %d", c.text, c.decimal, minor, why, c.minor)
		}
	}
	for text, decimal := range map[string]string{"1.234": "", "1,234": "auto", "1,50": ".", "1.50": ",", "1.234.50": "",
		"1,23,456": "", "1,234.567": "", "1.234,567.89": "", "0": "", "0.00": "", "": "", "-": "", "1e5": "", "12.345": ".",
		"1234567890123": "", "5 XXX": "", "1.5.5": "", "0x10": "", "--5": "", "1,234,50": "", "1,234,567.8": ",",
		"AZN": "", "AZN 5 AZN": "", "XXX 5": "", "-AZN -5": "", "AZN 1.234": "", "AZNX 5": "", "- AZN5": "",
		"-₼ (5)": "", "(₼ (5))": "",
		"(5": "", "5)": "", "(-5)": "", "-5-": "", "()": "", "(0)": ""} {
		if minor, _, _, why := (Layout{Decimal: decimal}).amount(text, false); why == nil {
			t.Errorf("%q with decimal %q is taken for %d", text, decimal, minor)
		}
	}
}

func TestEncodingsAsTheLayoutSays(t *testing.T) {
	l := Examples()[0]
	l.Encoding = "utf-8"
	_, err := Read([]byte("Order ID\nxx\xe0"), []Layout{l}, payment.AZN)
	if err == nil || !strings.Contains(err.Error(), "line 2: by the layout "+l.Name+": it is not in UTF-8") {
		t.Error(err)
	}
}

func TestLayouts(t *testing.T) {
	_, err := ReadLayout("mine.yaml", []byte("amount: 7\ndecimal: x\ncolour: red\nkind: Type\ndate: Day\nrepeats: 1\n"))
	for _, want := range []string{"the layout mine.yaml:", "amount must be a text, or a list of texts",
		`decimal is "x"; it must be one of auto`, "colour is no setting of a layout", "kind needs charges: and refunds:",
		"date_form is missing: dd.mm.yyyy", "order is missing", "repeats must be true or false"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %q", err, want)
		}
	}
	l, err := ReadLayout("dir/mine.yaml", []byte("order: No\namount: [Sum]\nrepeats: true\n"))
	if err != nil || l.Name != "mine" {
		t.Errorf("%+v, %v", l, err)
	}
	got, err := Read([]byte("No,Sum\n1,2\n1,2\n"), []Layout{l}, payment.BYN)
	if err != nil || len(got.Lines) != 2 {
		t.Errorf("the same line twice, where the layout says that both count: %+v, %v", got, err)
	}
}

// FuzzRead: no file brings the reader down, and what it takes for a line has an amount and an order.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("PK\x03\x04"))
	layouts := Examples()
	if files, err := examples.ReadDir("layouts"); err != nil || len(layouts) != len(files) {
		f.Fatalf("%d of %d layouts can be read (%v)", len(layouts), len(files), err)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := Read(file, layouts, payment.AZN)
		if err != nil && len(got.Lines) > 0 {
			t.Fatal("lines beside an error")
		}
		for _, l := range got.Lines {
			if l.Amount <= 0 || l.Order == "" && l.RRN == "" || !l.Currency.Known() || l.Number < 1 {
				t.Fatalf("%+v", l)
			}
		}
	})
}
