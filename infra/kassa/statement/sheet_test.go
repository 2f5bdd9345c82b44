package statement

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"kassa/shared/payment"
)

// drawn makes an XLSX file by hand, from a workbook with one sheet of the head and a charge.
func drawn(t *testing.T, draw func(f *excelize.File) error) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book(t, charge("1001"))))
	if err == nil {
		err = draw(f)
	}
	var file bytes.Buffer
	if err == nil {
		err = f.Write(&file)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func charge(order string) []any { return []any{order, "", 10, "AZN", "Purchase", "27.11.2026"} }

func orders(s Statement) (all []string) {
	for _, l := range s.Lines {
		all = append(all, fmt.Sprint(l.Number, " ", l.Order, " ", l.RRN, " ", l.Amount, " ", l.Day))
	}
	return all
}

func wantOrders(t *testing.T, name string, file []byte, want ...string) {
	t.Helper()
	got, err := Read(file, Examples(), payment.AZN)
	if all := orders(got); err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("%s: %q %v, want %q", name, all, err, want)
	}
}

// TestOrdersThatAProgramHeldAsFractions: Java writes every number of a sheet as one, and of a CSV file at times. What a
// spreadsheet shows of a long number is not all of it, and a file that it saved holds no more: nothing is looked for by
// that, as it would be found nowhere.
func TestOrdersThatAProgramHeldAsFractions(t *testing.T) {
	for saved, digits := range map[string]string{"1001.0": "1001", "1.0000001E7": "10000001", "828.0": "828",
		"6.33100000001E11": "633100000001", "6.3E11": "630000000000", "9.99999999999999E14": "999999999999999"} {
		sheet := drawn(t, func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "A4", saved) })
		wantOrders(t, saved, sheet, fmt.Sprint("4 ", digits, "  1000 2026-11-27"))
		wantOrders(t, saved, lined(saved), fmt.Sprint("2 ", digits, "  1000 2026-11-27"))
	}
	for _, saved := range []string{"6,331E+11", "6.331E+11", "6E+11", "1.23456789012345E15", "1.2345678901234568E17"} {
		sheet := drawn(t, func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "A4", saved) })
		want := `"` + saved + `" is a number that the spreadsheet has rounded: make that column text`
		wantProblems(t, sheet, "line 4: "+want)
		wantProblems(t, lined(saved), "line 2: "+want)
	}
	for _, order := range []string{"1001.5", "1001.00", "kp-1.0", "E12", "1E11", "12E-5"} { // a bank may call them so
		wantOrders(t, order, lined(order), fmt.Sprint("2 ", order, "  1000 2026-11-27"))
	}
}

// lined is a CSV file of one charge.
func lined(order string) []byte {
	return []byte("Order ID;RRN;Amount;Currency;Operation;Date\n" + order + ";;10,00;AZN;Purchase;27.11.2026\n")
}

// TestHeadingsInCapitals: those of Azerbaijani have a dot on every i, and no other i becomes one of them. Some programs
// write marks behind their letters, and an İ in small letters as two characters.
func TestHeadingsInCapitals(t *testing.T) {
	line := ";633100000001;10,00;AZN;%s;27.11.2026\n"
	for _, c := range [][3]string{
		{"SİFARİŞ №;RRN;MƏBLƏĞ;VALYUTA;ƏMƏLİYYAT;TARİX", "ALIŞ", "CƏMİ"},
		{"SIFARIŞIN NÖMRƏSI;RRN;MƏBLƏĞ;VALYUTA;ƏMƏLIYYAT;TARIX", "ÖDƏNİŞ", "CƏMI:"},
		{"si\u0307fari\u0307ş №;rrn;məbləğ;valyuta;əməli\u0307yyat;tari\u0307x", "alış", "cəmi\u0307"},
		{"Sifaris\u0327 №;RRN;Məblə\u0067\u0306;Valyuta;Əməliyyat;Tarix", "O\u0308dənis\u0327", "Cəmi"},
	} {
		file := c[0] + "\n1001" + fmt.Sprintf(line, c[1]) + c[2] + ";;10,00;;;\n"
		wantOrders(t, c[0], []byte(file), "2 1001 633100000001 1000 2026-11-27")
	}
}

// TestNumbersAsSpreadsheetsSaveThem: a number of a sheet is a binary fraction, and Excel writes it with 17 digits, of
// which it shows 15. Others write large ones with an exponent.
func TestNumbersAsSpreadsheetsSaveThem(t *testing.T) {
	for saved, minor := range map[string]int64{"4.3499999999999996": 435, "1234.5599999999999": 123456,
		"0.28999999999999998": 29, "17.700000000000003": 1770, "1.2345678899999999E7": 1234567890, "1.0E-2": 1,
		"1e3": 100000} {
		file := drawn(t, func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "C4", saved) })
		wantOrders(t, saved, file, fmt.Sprint("4 1001  ", minor, " 2026-11-27"))
	}
	for _, saved := range []string{"4.355", "0.1250000000000001", "1e20", "NaN", "0x1p4"} {
		file := drawn(t, func(f *excelize.File) error { return f.SetCellDefault("Sheet1", "C4", saved) })
		wantProblems(t, file, "line 4: the amount")
	}
}

// TestNumbersThatTheSheetHasCut: a spreadsheet takes zeros before a number away, and may add an apostrophe or a formula
// to keep them.
func TestNumbersThatTheSheetHasCut(t *testing.T) {
	file := drawn(t, func(f *excelize.File) error {
		return f.SetSheetRow("Sheet1", "A4", &[]any{`="1001"`, "'000000000042", 10, "AZN", "Purchase", "27.11.2026"})
	})
	wantOrders(t, "kept by a spreadsheet", file, "4 1001 000000000042 1000 2026-11-27")
	wantOrders(t, "kept in CSV", []byte("Order ID;RRN;Amount;Currency;Operation;Date\n"+
		`"=""1001""";'0042;10,00;AZN;Purchase;27.11.2026`), "2 1001 0042 1000 2026-11-27")
	for _, separator := range []string{";", "\t", ","} { // most programs write the formula without quotes around it
		text := "Order ID;RRN;Amount;Currency;Operation;Date;Note\r\n" +
			`="1001";="000000000042";10.00;AZN;Purchase;27.11.2026;"so ;=""it"" is"` + "\r\n"
		wantOrders(t, "bare in CSV, "+separator, []byte(strings.ReplaceAll(text, ";", separator)),
			"2 1001 000000000042 1000 2026-11-27")
	}
	wantProblems(t, []byte("Order ID;RRN;Amount;Currency;Operation;Date\n="+`"1001;42;10,00;AZN;Purchase;27.11.2026`),
		"a quotation mark")
}

// TestTheOtherSheets: the one that has lines may stand behind a cover; where several have lines, none is left out
// silently.
func TestTheOtherSheets(t *testing.T) {
	more := func(name string, rows ...[]any) func(*excelize.File) error {
		return func(f *excelize.File) error {
			if _, err := f.NewSheet(name); err != nil {
				return err
			}
			for i, row := range rows {
				if err := f.SetSheetRow(name, fmt.Sprint("A", i+1), &row); err != nil {
					return err
				}
			}
			return nil
		}
	}
	head := []any{"Order ID", "RRN", "Amount", "Currency", "Operation", "Date"}
	wantProblems(t, drawn(t, more("Refunds", head, charge("1002"))),
		`the sheets "Sheet1, Refunds" have lines: name one by sheet: in a layout, or save it alone`)
	wantOrders(t, "an empty one beside", drawn(t, more("Notes", []any{"Amount"})), "4 1001  1000 2026-11-27")
	wantOrders(t, "a head alone beside", drawn(t, more("Refunds", head)), "4 1001  1000 2026-11-27")
	cover := drawn(t, func(f *excelize.File) error {
		if err := more("Data", head, charge("1002"))(f); err != nil {
			return err
		}
		for row := 1; row < 5; row++ {
			if err := f.RemoveRow("Sheet1", 1); err != nil {
				return err
			}
		}
		return f.SetCellStr("Sheet1", "A1", "Merchant statement")
	})
	wantOrders(t, "a cover before", cover, "2 1002  1000 2026-11-27")
	l := Examples()[0]
	l.In = "Sums"
	_, err := Read(cover, []Layout{l}, payment.AZN)
	if err == nil || !strings.Contains(err.Error(), `it has no sheet "Sums"; it has "Sheet1, Data"`) {
		t.Error(err)
	}
	l.In = "Refunds"
	got, err := Read(drawn(t, more("Refunds", head, charge("1002"))), []Layout{l}, payment.AZN)
	if err != nil || !reflect.DeepEqual(orders(got), []string{"2 1002  1000 2026-11-27"}) {
		t.Errorf("the named sheet: %+v %v", got, err)
	}
}

// TestAFormFarBelow: a spreadsheet in which somebody has formatted a whole column has a million rows, and few lines.
func TestAFormFarBelow(t *testing.T) {
	far := func(row string) func(string) string {
		return func(text string) string { return strings.Replace(text, "</sheetData>", row+"</sheetData>", 1) }
	}
	file := book(t, charge("1001"))
	blank := far(`<row r="1048576"><c r="A1048576"><v> </v></c></row>`)
	wantOrders(t, "a blank at the very end", rewritten(t, file, blank), "4 1001  1000 2026-11-27")
	wantProblems(t, rewritten(t, file, far(`<row r="300000"><c r="C300000"><v>7</v></c></row>`)),
		"line 300000: names no order")
	wantProblems(t, rewritten(t, file, far(`<row r="1048577"><c r="C1048577"><v>7</v></c></row>`)), "cannot be read")
}

// TestDaysOfOldMacs: a workbook may count its days from 1904.
func TestDaysOfOldMacs(t *testing.T) {
	file := drawn(t, func(f *excelize.File) error {
		if err := f.SetCellDefault("Sheet1", "F4", "44891.5"); err != nil {
			return err
		}
		yes := true
		return f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes})
	})
	wantOrders(t, "since 1904", file, "4 1001  1000 2026-11-27")
}

// rewritten changes the text of a workbook's sheet, in a sound ZIP.
func rewritten(t *testing.T, file []byte, change func(string) string) []byte {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var made bytes.Buffer
	to := zip.NewWriter(&made)
	for _, part := range from.File {
		in, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Name, "xl/worksheets/") {
			text = []byte(change(string(text)))
		}
		out, err := to.Create(part.Name)
		if err == nil {
			_, err = out.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return made.Bytes()
}

// TestASheetThatBreaksOff: whatever the sheet's own text ends with, its last lines are not lost silently.
func TestASheetThatBreaksOff(t *testing.T) {
	file := book(t, charge("1001"), charge("1002"), charge("1003"))
	for name, change := range map[string]func(string) string{
		"cut between rows": func(s string) string { before, _, _ := strings.Cut(s, `<row r="6"`); return before },
		"cut in a tag":     func(s string) string { before, _, _ := strings.Cut(s, `<row r="6"`); return before + "<row" },
		"spoilt":           func(s string) string { return strings.Replace(s, `<row r="6"`, `<<row r="6"`, 1) },
		"a bad letter":     func(s string) string { return strings.Replace(s, "<row r=\"6\"", "\x01<row r=\"6\"", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			wantProblems(t, rewritten(t, file, change), `.xml" cannot be read to its end`)
		})
	}
	wantProblems(t, file[:len(file)/2], "no XLSX file that can be read")
}

// TestAZipBomb: a small file that unpacks to much more than any statement is refused before it fills the memory.
func TestAZipBomb(t *testing.T) {
	bomb := rewritten(t, book(t, charge("1001")), func(string) string { return strings.Repeat(" ", mostUnpacked+1) })
	wantProblems(t, bomb, "no XLSX file that can be read")
}

// TestAWorkbookThatGrows: a small file that would take gigabytes once it is read is refused before it does, and a blank
// cell far to the right is none of that.
func TestAWorkbookThatGrows(t *testing.T) {
	streamed := func(rows int, cells func(row int) (at string, values []any)) []byte {
		return drawn(t, func(f *excelize.File) error {
			w, err := f.NewStreamWriter("Sheet1")
			for row := 1; err == nil && row <= rows; row++ {
				at, values := cells(row)
				err = w.SetRow(at, values)
			}
			if err != nil {
				return err
			}
			return w.Flush()
		})
	}
	wantProblems(t, streamed(1000, func(row int) (string, []any) { return fmt.Sprint("XFD", row), []any{"x"} }),
		"more than a statement does")
	long := strings.Repeat("x", 32<<10-1)
	same := drawn(t, func(f *excelize.File) error {
		for row := 4; row < 5000; row++ {
			if err := f.SetCellStr("Sheet1", fmt.Sprint("A", row), long); err != nil {
				return err
			}
		}
		return nil
	})
	if len(same) > 1<<20 {
		t.Fatalf("the file has %d bytes", len(same))
	}
	wantProblems(t, same, "more than a statement does")
	bomb := rewritten(t, book(t, charge("1001")), func(sheet string) string {
		return strings.Replace(sheet, "<sheetData>", `<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>`+
			strings.Repeat("A", 2<<20)+"</t></is></c></row>", 1)
	})
	wantProblems(t, bomb, "cannot be read to its end")
	far := drawn(t, func(f *excelize.File) error { return f.SetCellStr("Sheet1", "XFD4", " ") })
	wantOrders(t, "a blank far to the right", far, "4 1001  1000 2026-11-27")
}
