package api

import (
	"cmp"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"kassa/shared/payment"
)

// sample has every kind of field.
type sample struct {
	ref      string
	amount   int64
	flag     bool
	metadata map[string]string
	success  string
	skus     []string
}

func readSample(body string) (s sample, err error) {
	o, err := ReadObject([]byte(body))
	if err != nil {
		return s, err
	}
	s = sample{ref: o.Text("ref"), amount: o.Amount("amount"), flag: o.Flag("flag"), metadata: o.Texts("metadata"),
		success: o.Object("urls").Text("success")}
	for _, item := range o.Objects("items") {
		s.skus = append(s.skus, item.Text("sku"))
	}
	return s, o.Err()
}

// complaints are the field errors of err, a line each: pointer and code.
func complaints(err error) string {
	lines := []string{}
	for _, e := range NewProblem(err, "").Errors {
		lines = append(lines, e.Pointer+" "+e.Code)
	}
	return strings.Join(lines, "\n")
}

func TestReadObject(t *testing.T) {
	s, err := readSample("\ufeff\r\n\u00a0" +
		` {"ref":"Əli ы","amount":9007199254740993,"flag":true,"metadata":{"a/b":"1"},"urls":{"success":"u"},` +
		`"items":[{"sku":"x"},{}]} ` + "\v\n\ufeff")
	if err != nil || s.ref != "Əli ы" || s.amount != 9007199254740993 || !s.flag || s.metadata["a/b"] != "1" ||
		s.success != "u" || len(s.skus) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, empty := range []string{"{}", "\ufeff{}\u00a0"} {
		if s, err := readSample(empty); err != nil || s.metadata != nil || s.amount != 0 {
			t.Errorf("%q: %+v, %v", empty, s, err)
		}
	}
}

func TestBodiesThatAreNoObject(t *testing.T) {
	for _, body := range []string{
		"", "  \n", "\ufeff", `[]`, `null`, `"x"`, `1`, `{`, `{"a":1}{"b":2}`, `{"a":1} x`, `{"a":1,}`, `{'a':1}`,
		`{"a":01}`,
		`{"a":+1}`, `{"a":NaN}`, "{\"a\":\"\xff\"}",
		"{\"a\":\"\n\"}", "\u200b{}", `order_ref=1&amount=2`, strings.Repeat(`{"a":`, 20000) + "1" +
			strings.Repeat("}", 20000),
		`{"a":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`,
	} {
		_, err := readSample(body)
		if payment.KindOf(err) != payment.Malformed || payment.CodeOf(err) != "malformed_json" {
			t.Errorf("%.60q: %v", body, err)
		}
		if p := NewProblem(err, ""); p.Status != 400 || p.Detail == "" {
			t.Errorf("%.60q: %+v", body, p)
		}
	}
}

// What is nested too deeply is told as that, wherever it stands.
func TestWhatIsNestedTooDeeply(t *testing.T) {
	for _, body := range []string{
		strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9),
		`{"a":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`,
		strings.Repeat(`{"a":[`, 5) + strings.Repeat("]}", 5),
	} {
		if _, err := readSample(body); err == nil || !strings.Contains(NewProblem(err, "").Detail, "too deeply") {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestFieldErrors(t *testing.T) {
	for body, want := range map[string]string{
		`{"amount":"10.0"}`:                      "/amount wrong_type",
		`{"amount":"1e3"}`:                       "/amount wrong_type",
		`{"amount":"010"}`:                       "/amount wrong_type",
		`{"amount":" 10"}`:                       "/amount wrong_type",
		`{"amount":"-10"}`:                       "/amount wrong_type",
		`{"amount":"١٠"}`:                        "/amount wrong_type",
		`{"amount":""}`:                          "/amount required",
		`{"amount":" \n"}`:                       "/amount required",
		`{"amount":"10000000000000000000"}`:      "/amount wrong_type",
		`{"amount":"9223372036854775808"}`:       "/amount out_of_range",
		`{"amount":150.00}`:                      "/amount not_an_integer",
		`{"amount":150.50}`:                      "/amount not_an_integer",
		`{"amount":150.0000}`:                    "/amount not_an_integer", // a table's price in major units
		`{"amount":"150.0000"}`:                  "/amount wrong_type",
		`{"amount":0.1}`:                         "/amount not_an_integer",
		`{"amount":1e-1}`:                        "/amount not_an_integer",
		`{"amount":119.90000000000001}`:          "/amount not_an_integer",
		`{"amount":9223372036854775808}`:         "/amount out_of_range",
		`{"amount":1e19}`:                        "/amount out_of_range",
		`{"amount":1e999999999999999999999}`:     "/amount out_of_range",
		`{"amount":1e-999999}`:                   "/amount out_of_range",
		`{"amount":-1e1}`:                        "/amount out_of_range",
		`{"amount":0e9}`:                         "/amount out_of_range",
		`{"metadata":[1]}`:                       "/metadata wrong_type",
		`{"4111111111111111":1}`:                 "/... unknown_field",
		`{"metadata":{"4111 1111 1111 1111":1}}`: "/metadata/... wrong_type",
		`{"amount":0}`:                           "/amount out_of_range",
		`{"amount":-1}`:                          "/amount out_of_range",
		`{"amount":null}`:                        "/amount wrong_type",
		`{"amount":true}`:                        "/amount wrong_type",
		`{"amount":1,"amount":2}`:                "/amount duplicate_field",
		`{"Amount":1}`:                           "/Amount unknown_field",
		`{"ref":5}`:                              "/ref wrong_type",
		`{"ref":"\ud800"}`:                       "/ref invalid_text",
		`{"flag":"yes"}`:                         "/flag wrong_type",
		`{"flag":2}`:                             "/flag wrong_type",
		`{"flag":null}`:                          "/flag wrong_type",
		`{"metadata":{"n":1,"m":{}}}`:            "/metadata/m wrong_type\n/metadata/n wrong_type",
		`{"metadata":{"a\ud800":"1"}}`:           "/metadata/a\uFFFD invalid_text",
		`{"urls":{"success":1,"successor":"x"}}`: "/urls/success wrong_type\n/urls/successor unknown_field",
		`{"urls":"x"}`:                           "/urls wrong_type",
		`{"items":{"x":{}}}`:                     "/items wrong_type",
		`{"items":{"0":{},"1":7}}`:               "/items/1 wrong_type",
		`{"items":[{"sku":"a"},7,{"sku":null}]}`: "/items/1 wrong_type\n/items/2/sku wrong_type",
		`{"a/b~c":1}`:                            "/a~1b~0c unknown_field",
		`{"x":{"deep":{"er":1}}}`:                "/x unknown_field",
	} {
		_, err := readSample(body)
		if complaints(err) != want || payment.KindOf(err) != payment.Invalid {
			t.Errorf("%s: %q, want %q", body, complaints(err), want)
		}
	}
}

// TestAllAtOnce: one answer tells everything, the use case's own findings among it, and nothing twice.
func TestAllAtOnce(t *testing.T) {
	o, err := ReadObject([]byte(`{"ref":5,"amount":"ten","extra":1,"urls":{"success":null}}`))
	if err != nil {
		t.Fatal(err)
	}
	o.Text("ref")
	o.MinorOr("amount", 0)
	o.Object("urls").Text("success")
	err = o.Err(payment.FieldError{Pointer: "/amount", Code: "required"},
		payment.FieldError{Pointer: "/urls/success", Code: "required"},
		payment.FieldError{Pointer: "/bank", Code: "required"})
	want := "/amount wrong_type\n/bank required\n/extra unknown_field\n/ref wrong_type\n/urls/success wrong_type"
	if complaints(err) != want {
		t.Errorf("%q", complaints(err))
	}
}

// TestWhatIsSaidAboutAnAmount never leads to 1.50 where 150.00 is meant, nor speaks of major units to who multiplied by
// a hundred in floating point.
func TestWhatIsSaidAboutAnAmount(t *testing.T) {
	const major = "Is written with decimals, as amounts in major units are; send minor units: 15000 for 150.00."
	const units = "Must be a whole number of minor units, such as 15000 for 150.00."
	const noise = "Is no whole number, as floating point makes them; round it to minor units, such as 15000 for 150.00."
	for text, want := range map[string]string{`150.00`: major, `150.0000`: major, `"150.00"`: units, `"150,00"`: units,
		`150.5`: units, `"15 000"`: units, `1998.9999999999998`: noise, `14999.000000000002`: noise,
		`null`: "Is null; leave it out or send a whole number of minor units, such as 15000 for 150.00."} {
		_, err := readSample(`{"amount":` + text + `}`)
		e, _ := errors.AsType[*payment.Error](err)
		if e == nil || len(e.Fields) != 1 || e.Fields[0].Detail != want {
			t.Errorf("%s: %+v", text, e)
		}
	}
}

// TestWhatIsSaidAboutACount speaks of no money.
func TestWhatIsSaidAboutACount(t *testing.T) {
	for _, text := range []string{`"twelve"`, `2.5`} {
		o, err := ReadObject([]byte(`{"term":` + text + `}`))
		if err != nil {
			t.Fatal(err)
		}
		o.Count("term")
		e, _ := errors.AsType[*payment.Error](o.Err())
		if e == nil || e.Fields[0].Detail != "Must be a whole number, such as 12." {
			t.Errorf("%s: %+v", text, e)
		}
	}
}

// TestOneNumberInEverySpelling: what programs write for a whole number is that number.
func TestOneNumberInEverySpelling(t *testing.T) {
	for text, want := range map[string]int64{`15000`: 15000, `15000.0`: 15000, `1.5e4`: 15000,
		`1.5E+4`: 15000, `150.00e2`: 15000,
		`150000e-1`: 15000, `"15000"`: 15000, `9223372036854775807`: 1<<63 - 1, `9.223372036854775807e18`: 1<<63 - 1,
		`1e0`: 1} {
		if s, err := readSample(`{"amount":` + text + `}`); err != nil || s.amount != want {
			t.Errorf("%s is %d, %v", text, s.amount, err)
		}
	}
}

// TestCountsAsTablesHaveThem: what is no money may be written with decimals, as a table's field of them is.
func TestCountsAsTablesHaveThem(t *testing.T) {
	for text, want := range map[string]int64{`2`: 2, `2.0`: 2, `2.00`: 2, `2.0000`: 2, `"2"`: 2, `"2.0"`: 2, `"2.0000"`: 2,
		`"0.0000"`: 0, `2e0`: 2, `""`: 0, `2.5`: -1, `"2.5000"`: -1, `"2."`: -1, `".0"`: -1, `"02.0"`: -1, `"2.0.0"`: -1,
		`"2,0"`: -1, `"2.0e1"`: -1, `"-2.0"`: -1} {
		o, err := ReadObject([]byte(`{"n":` + text + `}`))
		if err != nil {
			t.Fatal(err)
		}
		n := o.Count("n")
		if err := o.Err(); (err != nil) != (want < 0) || want >= 0 && n != want {
			t.Errorf("%s is %d, %v", text, n, err)
		}
	}
}

// TestWhatIsMissingIsRequired, wherever it is missing, and not told to be out of a range.
func TestWhatIsMissingIsRequired(t *testing.T) {
	o, err := ReadObject([]byte(`{"items":[{"name":"x"},{"price":"5"}],"back":[],"zero":0,"empty":"","left":""}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range o.Objects("items") {
		item.Text("name")
		if price := item.MinorOr("price", -1); price != -1 && price != 5 {
			t.Error(price)
		}
	}
	o.Object("back").Text("to")
	o.Count("zero")
	o.Text("empty")
	if left := o.MinorOr("left", -1); left != -1 {
		t.Error(left)
	}
	var found []payment.FieldError
	for _, at := range []string{"/amount", "/items/0/price", "/items/1/price", "/items/7/price", "/items/x/price",
		"/back/to", "/zero", "/empty", "/left",
		"/zero/x"} {
		found = append(found, payment.FieldError{Pointer: at, Code: "out_of_range"})
	}
	found = append(found, payment.FieldError{Pointer: "/currency", Code: "currency_refused"})
	want := "/amount required\n/back/to required\n/currency currency_refused\n/empty required\n/items/0/price " +
		"required\n/items/1/price out_of_range\n" +
		"/items/7/price required\n/items/x/price required\n/left required\n/zero out_of_range\n/zero/x required"
	if got := complaints(o.Err(found...)); got != want {
		t.Errorf("%s", got)
	}
}

// TestPointersAreCut where a name is longer than 64 bytes, never within a character, and nothing of a name of 64 is
// lost.
func TestPointersAreCut(t *testing.T) {
	for name, want := range map[string]string{
		strings.Repeat("n", 64):        "/" + strings.Repeat("n", 64),
		strings.Repeat("n", 65):        "/" + strings.Repeat("n", 64) + "...",
		strings.Repeat("ə", 32):        "/" + strings.Repeat("ə", 32),
		strings.Repeat("ə", 33):        "/" + strings.Repeat("ə", 32) + "...",
		"n" + strings.Repeat("ə", 32):  "/n" + strings.Repeat("ə", 31) + "...",
		strings.Repeat("~", 64):        "/" + strings.Repeat("~0", 64),
		strings.Repeat("n", 63) + "/x": "/" + strings.Repeat("n", 63) + "~1...",
		"123456789012":                 "/123456789012",
		"1234567890123":                "/...",
		"٤١١١-١١١١-١١١١-١١١١" + strings.Repeat("x", 65): "/...",
	} {
		if got := pointer("", name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
		if _, err := readSample(`{"` + name + `":1}`); complaints(err) != want+" unknown_field" {
			t.Errorf("%q: %s", name, complaints(err))
		}
	}
}

// TestErrorsAreBounded: a body full of unknown fields does not make an answer larger than itself.
func TestErrorsAreBounded(t *testing.T) {
	var body strings.Builder
	body.WriteString(`{"` + strings.Repeat("n", 5000) + `":1`)
	for i := range 9000 {
		body.WriteString(`,"f` + strings.Repeat("i", i%7) + string(rune('a'+i%26)) + strings.Repeat("j", i/182) + `":1`)
	}
	body.WriteString("}")
	_, err := readSample(body.String())
	p := NewProblem(err, "")
	if len(p.Errors) != maxErrors || len(p.Response().Body) > 32<<10 {
		t.Errorf("%d errors, %d bytes", len(p.Errors), len(p.Response().Body))
	}
}

// FuzzReadObject: any bytes are an object, field errors or malformed, and what is taken is what encoding/json reads,
// too.
func FuzzReadObject(f *testing.F) {
	for _, seed := range []string{
		`{"ref":"1","amount":100,"flag":false,"metadata":{"a":"b"},"urls":{"success":"https://a"},"items":[{"sku":"x"}]}`,
		`{"amount":1,"amount":2}`, `{"ref":"\ud83d\ude00","amount":1e2}`, `{"items":[1,null,[]]}`, `[[[[[[[[[[`, ``,
		`{"a":`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := readSample(string(body))
		if err != nil {
			if kind := payment.KindOf(err); kind != payment.Malformed && kind != payment.Invalid {
				t.Fatalf("%v", err)
			}
			if a := NewProblem(err, "").Response(); !json.Valid(a.Body) || !utf8.Valid(a.Body) {
				t.Fatalf("%q", a.Body)
			}
			return
		}
		var plain struct {
			Ref    string
			Amount json.Number
		}
		if len(strings.TrimSpace(string(body))) > 0 {
			err := json.Unmarshal(body, &plain)
			amount, ok := new(big.Rat).SetString(cmp.Or(plain.Amount.String(), "0"))
			if err != nil || plain.Ref != s.ref || !ok || amount.Cmp(new(big.Rat).SetInt64(s.amount)) != 0 {
				t.Fatalf("%q: %+v, but encoding/json: %+v, %v", body, s, plain, err)
			}
		}
	})
}
