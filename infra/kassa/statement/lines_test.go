package statement

import (
	"strings"
	"testing"
	"time"
)

// TestRemarks stand in statements that were made for a printer: when and by whom they were made, and of which day the
// lines are that follow. No setting could name them, for they differ from file to file. What may be a broken line is
// told.
func TestRemarks(t *testing.T) {
	head := "Номер заявки;Сумма;Дата\n"
	wantOrders(t, "remarks", []byte(head+"Операции за 27.11.2026;;\nkp-1;10,00;27.11.2026\n"+
		"Сформировано 28.11.2026 09:00;;\n;Исполнитель: Иванова А. А.\n"), "3 kp-1  1000 2026-11-27")
	for _, broken := range []string{"kp-2", "1005", ";10,00", "kp 2;10,00", "Сформировано 28.11.2026;09:00",
		";10,00 BYN", `"kp-2;10,00;27.11.2026 14:05 UTC"`} {
		wantProblems(t, []byte(head+broken+"\n"), "line 2: ")
	}
}

// TestDatesAsBanksWriteThem: as the layout says, with or without the zeros of day and month, and with a time behind
// them.
func TestDatesAsBanksWriteThem(t *testing.T) {
	for form, texts := range map[string][]string{
		"dd.mm.yyyy": {"07.01.2026", "7.1.2026", "07.01.2026 14:05:33", "07.01.2026\u00a014:05",
			"07.01.2026, 14:05:33", "7.01.2026,\u202f14:05"},
		"dd.mm.yy": {"07.01.26", "7.1.26 9:00"}, "dd-mm-yyyy": {"07-01-2026"},
		"dd/mm/yyyy": {"07/01/2026", "7/1/2026"}, "mm/dd/yyyy": {"01/07/2026", "1/7/2026 2:05 PM",
			"1/7/2026, 2:05:33 PM"},
		"yyyy-mm-dd": {"2026-01-07", "2026-01-07T14:05:33+04:00"}, "yyyymmdd": {"20260107", "20260107 140533"},
	} {
		l := Layout{DateForm: form}
		for _, text := range texts {
			if day, read := l.day(text, time.Time{}); !read || day != "2026-01-07" {
				t.Errorf("%s: %q is %q", form, text, day)
			}
		}
		for _, text := range []string{"", "07.01.20267", "32.01.2026", "2026", "7.2026", "2026017", "07,01,2026",
			" 07.01.2026", "07.01.2026,", "07.01.2026,, 14:05"} {
			if day, read := l.day(text, time.Time{}); read {
				t.Errorf("%s: %q is taken for %q", form, text, day)
			}
		}
	}
	if day, read := (Layout{DateForm: "dd.mm.yy"}).day("07.01.2026", time.Time{}); read {
		t.Errorf("a year of four digits is read as one of two: %s", day)
	}
}

// TestQuotesWithinACell: programs that only put a separator between cells leave a shop's name as it is. PHP, Python and
// spreadsheets take such quotes as they stand; what they read differently stays refused.
func TestQuotesWithinACell(t *testing.T) {
	head := "Order ID;RRN;Shop;Amount;Currency;Operation;Date\r\n"
	for _, separator := range []string{";", "\t", ","} {
		file := strings.ReplaceAll(head+`1001;42;ООО "Ромашка";10.00;AZN;Purchase;27.11.2026`+"\r\n"+
			`1002;43;TV 55";11.00;AZN;Purchase;27.11.2026`+"\r\n"+
			`1003;44;"ООО ""Ромашка"";`+"\n"+`Минск";12.00;AZN;Purchase;27.11.2026`+"\r\n"+
			`1004;="0045";"";13.00;AZN;Purchase;27.11.2026`+"\r\n", ";", separator)
		wantOrders(t, "separated by "+separator, []byte(file), "2 1001 42 1000 2026-11-27", "3 1002 43 1100 2026-11-27",
			"4 1003 44 1200 2026-11-27", "6 1004 0045 1300 2026-11-27")
	}
	for _, shop := range []string{`"Ромашка" ООО`, `"ООО "Ромашка""`, ` "Ромашка"`, `="Ромашка`, `"Ромашка`} {
		wantProblems(t, []byte(head+"1000;41;TV 55\";9.00;AZN;Purchase;27.11.2026\r\n1001;42;"+shop+
			";10.00;AZN;Purchase;27.11.2026\r\n"), "line 3: by the layout", "a quotation mark")
	}
	wantProblems(t, []byte(head+`1001;42;ООО "Ромашка; Минск";10.00;AZN;Purchase;27.11.2026`),
		"has 8 cells, and the head 7")
}

// TestLinesOfAMac: Excel there saves CSV, in UTF-8 too, with a CR alone at the end of a line.
func TestLinesOfAMac(t *testing.T) {
	wantOrders(t, "lines of a Mac", []byte("\ufeffOrder ID,RRN,Shop,Amount,Currency,Operation,Date\r"+
		"1001,42,\"Tea, and more\",10.00,AZN,Purchase,27.11.2026\r1002,43,,11.00,AZN,Refund,27.11.2026\r"),
		"2 1001 42 1000 2026-11-27", "3 1002 43 1100 2026-11-27")
}
