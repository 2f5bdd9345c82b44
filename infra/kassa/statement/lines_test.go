package statement

import (
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
		"dd.mm.yyyy": {"07.01.2026", "7.1.2026", "07.01.2026 14:05:33", "07.01.2026\u00a014:05"},
		"dd.mm.yy":   {"07.01.26", "7.1.26 9:00"}, "dd-mm-yyyy": {"07-01-2026"},
		"dd/mm/yyyy": {"07/01/2026", "7/1/2026"}, "mm/dd/yyyy": {"01/07/2026", "1/7/2026 2:05 PM"},
		"yyyy-mm-dd": {"2026-01-07", "2026-01-07T14:05:33+04:00"}, "yyyymmdd": {"20260107", "20260107 140533"},
	} {
		l := Layout{DateForm: form}
		for _, text := range texts {
			if day, read := l.day(text, time.Time{}); !read || day != "2026-01-07" {
				t.Errorf("%s: %q is %q", form, text, day)
			}
		}
		for _, text := range []string{"", "07.01.20267", "32.01.2026", "2026", "7.2026", "2026017", "07,01,2026",
			" 07.01.2026"} {
			if day, read := l.day(text, time.Time{}); read {
				t.Errorf("%s: %q is taken for %q", form, text, day)
			}
		}
	}
	if day, read := (Layout{DateForm: "dd.mm.yy"}).day("07.01.2026", time.Time{}); read {
		t.Errorf("a year of four digits is read as one of two: %s", day)
	}
}
