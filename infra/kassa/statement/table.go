package statement

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"kassa/shared/wording"
)

// problem is where there may be none.
func problem(key string, line int, values ...any) *Problem { return new(says(key, line, values...)) }

// fit reads the file as the layout says, and gives the rows below the head; or why the layout does not fit.
func (l Layout) fit(file []byte, sheets []sheet) (lines []row, at columns, why *Problem) {
	if sheets != nil {
		return l.lie(sheets)
	}
	tables, why := l.tables(file)
	fewest := 0
	for i, rows := range tables {
		head, at, missing := l.find(rows)
		if missing == nil {
			return rows[head+1:], at, nil
		}
		if why == nil || i == 0 || missing.columns < fewest { // the separator that leaves the fewest open
			why, fewest = &Problem{0, missing.why}, missing.columns
		}
	}
	return nil, columns{}, why
}

// tables are the ways to read the file: one, or one for each separator that may be meant. Which of them is meant shows
// when the headings are looked for, and not by counting characters: a comma may stand in every amount.
func (l Layout) tables(file []byte) ([][]row, *Problem) {
	if bytes.HasPrefix(file, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return nil, problem("xls", 0)
	}
	text, why := l.decode(file)
	if why != nil {
		return nil, why
	}
	separators := map[string]string{"": ";,\t", "auto": ";,\t", ";": ";", ",": ",", "tab": "\t"}[l.Separator]
	tables := [][]row{}
	for _, separator := range separators {
		rows, problem := records(text, separator)
		if problem == nil {
			tables = append(tables, rows)
		} else if why == nil {
			why = problem
		}
	}
	if len(tables) == 0 {
		return nil, why
	}
	return tables, nil
}

// decode gives the file's text: UTF-8, with a mark before it or without, UTF-16 with its mark, or windows-1251.
func (l Layout) decode(file []byte) (string, *Problem) {
	if bytes.HasPrefix(file, []byte{0xFF, 0xFE}) || bytes.HasPrefix(file, []byte{0xFE, 0xFF}) {
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(file)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return "", problem("utf16", 0)
		}
		return string(text), nil
	}
	file = bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF"))
	if l.Encoding != "windows-1251" && utf8.Valid(file) {
		return string(file), nil
	}
	if l.Encoding == "utf-8" {
		valid := 0
		for r, n := utf8.DecodeRune(file); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRune(file[valid:]) {
			valid += n
		}
		return "", problem("utf8", 1+bytes.Count(file[:valid], []byte("\n")))
	}
	text, err := charmap.Windows1251.NewDecoder().Bytes(file)
	if at := bytes.IndexRune(text, utf8.RuneError); err != nil || at >= 0 {
		return "", problem("encoding", 1+bytes.Count(text[:max(at, 0)], []byte("\n")))
	}
	return string(text), nil
}

// records reads CSV (RFC 4180, with any separator), in which a cell may be a formula that says a text, such as ="0042":
// programs that write one for a spreadsheet leave out the quotes that belong around it. So do programs that only put a
// separator between cells, around a shop's name that has quotes of its own. Excel on a Mac ends lines by CR alone.
func records(text string, separator rune) ([]row, *Problem) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	sign := regexp.QuoteMeta(string(separator))
	formula := regexp.MustCompile(`(?m)(^|` + sign + `)="([^"\r\n]+)"`)
	text = formula.ReplaceAllString(text, `$1"$2"`)
	rows, err := cells(text, separator)
	if errors.Is(err, csv.ErrBareQuote) {
		cell := regexp.MustCompile(`"(?:[^"]|"")*"[^\r\n` + sign + `]*|[^\r\n` + sign + `]+`)
		rows, err = cells(cell.ReplaceAllStringFunc(text, inQuotes), separator)
	}
	if wrong, is := errors.AsType[*csv.ParseError](err); is {
		return nil, problem("quotation", wrong.Line, wrong.Column)
	}
	if err != nil {
		return nil, &Problem{0, wording.Verbatim(err.Error())}
	}
	if n := maxLines + headWithin; len(rows) > n {
		return nil, problem("many", rows[n].number, maxLines)
	}
	return rows, nil
}

// inQuotes is a cell in quotes if some stand within it, such as ООО "Ромашка". Behind one that begins with quotes, and
// has something behind their end, programs differ: it stays.
func inQuotes(cell string) string {
	if !strings.Contains(cell, `"`) || strings.HasPrefix(strings.TrimLeft(cell, " \t="), `"`) {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}

// cells reads as many rows as a statement may have, and one more.
func cells(text string, separator rune) (rows []row, err error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator, -1
	for len(rows) <= maxLines+headWithin {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		rows = append(rows, row{number: line, cells: cells})
	}
	return rows, nil
}
