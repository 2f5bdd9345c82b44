package statement

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// sheet is one of an XLSX file, without its blank rows.
type sheet struct {
	name string
	rows []row
}

// Bounds of what an XLSX file holds in bytes: unpacked, and once its cells are read. A small file can unpack to far
// more, and a cell in the last column, or one long text that all lines share, can grow it once more.
const (
	mostUnpacked = 4 * MaxBytes
	mostCells    = 4 * MaxBytes

	longestText = 1 << 20 // of a cell: a spreadsheet's own limit is 32,767 characters
)

// workbook reads all sheets of an XLSX file. Cells are what the file holds, not how a spreadsheet shows it: a form with
// fewer decimals would round.
func workbook(file []byte) ([]sheet, *Problem) {
	f, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{RawCellValue: true,
		UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked}) // nothing is unpacked to the disk
	if err != nil {
		return nil, problem("xlsx", 0)
	}
	defer func() { _ = f.Close() }() // it was only read
	// excelize takes any end of a sheet's text for its end, and lines behind it would be lost unseen
	whole, broken := true, ""
	f.Pkg.Range(func(name, text any) bool {
		path, _ := name.(string)
		if part, is := text.([]byte); is && strings.HasPrefix(path, "xl/worksheets/") && strings.HasSuffix(path, ".xml") {
			whole, broken = wellFormed(part), path
		}
		return whole
	})
	if !whole {
		return nil, problem("sheet.end", 0, quoted(broken))
	}
	zero := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil && *props.Date1904 {
		zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	all, lines, size := []sheet{}, 0, 0
	for _, name := range f.GetSheetList() {
		read, err := f.Rows(name)
		if err != nil {
			continue // a chart has no rows
		}
		s := sheet{name: name}
		for number := 1; read.Next(); number++ {
			cells, err := read.Columns()
			if err != nil {
				return nil, problem("sheet.from", number, quoted(name))
			}
			r := row{number: number, cells: cells, zero: zero}
			if r.width() == 0 { // a form of whole columns reaches far below the last line
				continue
			}
			if lines++; lines > maxLines+headWithin {
				return nil, problem("many", number, maxLines)
			}
			r.cells = slices.Clone(r.cells[:r.width()]) // a blank cell with a form may stand far to the right
			if size += r.size(); size > mostCells {
				return nil, problem("sheet.much", number)
			}
			s.rows = append(s.rows, r)
		}
		if read.Error() != nil {
			return nil, problem("sheet.end", 0, quoted(name))
		}
		all = append(all, s)
	}
	return all, nil
}

// wellFormed says whether a text is XML to its very end, of cells as a spreadsheet can have them.
func wellFormed(text []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		token, err := d.Token()
		if text, is := token.(xml.CharData); is && len(text) > longestText {
			return false
		}
		if err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// lie finds the one sheet that has lines by a layout. Another one that has some, too, is not passed over: nobody would
// see what is missing.
func (l Layout) lie(all []sheet) (lines []row, at columns, why *Problem) {
	if l.In != "" {
		var names []string
		for _, s := range all {
			names = append(names, s.name)
		}
		all = slices.DeleteFunc(slices.Clone(all), func(s sheet) bool { return s.name != l.In })
		if len(all) == 0 {
			return nil, columns{}, problem("sheet.none", 0, quoted(l.In), quoted(strings.Join(names, ", ")))
		}
	}
	why, fewest := problem("no_line", 0), 0
	var fitting []string
	for i, s := range all {
		head, place, missing := l.find(s.rows)
		if missing != nil {
			if i == 0 || missing.columns < fewest {
				why, fewest = &Problem{0, missing.why}, missing.columns
			}
			continue
		}
		if below := s.rows[head+1:]; len(fitting) == 0 || len(below) > 0 {
			if len(lines) > 0 {
				return nil, columns{}, problem("sheet.several", 0, quoted(strings.Join(append(fitting, s.name), ", ")))
			}
			fitting, lines, at = []string{s.name}, below, place
		}
	}
	if len(fitting) > 0 {
		return lines, at, nil
	}
	return nil, columns{}, why
}

// shown is a number of a sheet with the 15 digits that a spreadsheet shows of it. It holds a binary fraction, of which
// 17 digits are saved: 4.35 as 4.3499999999999996, and by other programs a million as 1.0E6. A text comes back as it
// is.
func shown(text string) string {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "0123456789.eE+-") != "" {
		return text
	}
	f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64) // it was one before
	return strconv.FormatFloat(f, 'f', -1, 64)
}
