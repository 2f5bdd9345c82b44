package markup

import (
	"strings"
	"testing"
	"unicode/utf16"

	"kassa/shared/strict"
)

var form = strict.Form{Bytes: 4096, Depth: 6, Tokens: 200, Repeat: []string{"row"},
	Skip: []string{"http://www.w3.org/2000/09/xmldsig#"}}

func TestParseReads(t *testing.T) {
	for name, c := range map[string]struct{ document, path, want string }{
		"plain":                  {`<a><b>x</b></a>`, "b", "x"},
		"prolog":                 {"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a>\n <b> x </b>\n</a>\n", "b", "x"},
		"byte order mark":        {"\xef\xbb\xbf<?xml version=\"1.0\"?><a><b>x</b></a>", "b", "x"},
		"byte order mark behind": {"<a><b>x</b></a>\xef\xbb\xbf\r\n", "b", "x"},
		"line ends around":       {"\r\n \xef\xbb\xbf\n<?xml version=\"1.0\"?><a><b>x</b></a>\u00a0\n\n", "b", "x"},
		"schema instance": {
			`<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ` +
				`xsi:noNamespaceSchemaLocation="tkkpg.xsd"><b xmlns:x="urn:x">x</b></a>`, "b", "x"},
		"language":          {`<a xml:lang="az"><b xml:space="preserve">x</b></a>`, "b", "x"},
		"adjacent CDATA":    {`<a><b>x<![CDATA[&]]>y</b></a>`, "b", "x&y"},
		"comments outside":  {`<!-- c --><a><!-- c --><b>x</b><!-- c --></a><!-- c -->`, "b", "x"},
		"comment then text": {`<a><b><!-- c -->x</b></a>`, "b", "x"},
		"first of repeated": {`<a><row>1</row><row>2</row></a>`, "row", "1"},
		"repeated capitals": {`<a><Row>1</Row><Row>2</Row></a>`, "Row", "1"},
		"attributes":        {`<a date="1"><b c="d">x</b></a>`, "b", "x"},
		"no namespace":      {`<a xmlns=""><b xmlns=''>x</b></a>`, "b", "x"},
		"signature skipped": {
			`<a><b>x</b><s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"><s:b>y</s:b></s:Signature></a>`, "b", "x"},
		"windows-1251, ASCII":          {`<?xml version="1.0" encoding="windows-1251"?><a><b>x</b></a>`, "b", "x"},
		"utf-16, ASCII":                {`<?xml version="1.0" encoding='UTF-16'?><a><b>x</b></a>`, "b", "x"},
		"utf-16, in truth UTF-8":       {`<?xml version="1.0" encoding="utf-16"?><a><b>Ələ</b></a>`, "b", "Ələ"},
		"iso-8859-1, ASCII":            {`<?xml version="1.0" encoding="ISO-8859-1"?><a><b>x</b></a>`, "b", "x"},
		"another, ASCII":               {`<?xml version="1.0" encoding="windows-1257"?><a><b>x</b></a>`, "b", "x"},
		"version 1.1":                  {`<?xml version="1.1" encoding="UTF-8"?><a><b>x</b></a>`, "b", "x"},
		"an empty encoding":            {`<?xml version='1.0' encoding=''?><a><b>x</b></a>`, "b", "x"},
		"white space inside":           {"<?xml version = \"1.0\"\n encoding = 'cp1251' ?><a><b>\xcf</b></a>", "b", "П"},
		"ASCII by its first name":      {`<?xml version="1.0" encoding="ANSI_X3.4-1968"?><a><b>x</b></a>`, "b", "x"},
		"windows-1251, in truth UTF-8": {`<?xml version="1.0" encoding="windows-1251"?><a><b>Иşə</b></a>`, "b", "Иşə"},
		"us-ascii, in truth UTF-8":     {`<?xml version="1.0" encoding="us-ascii"?><a><b>ə</b></a>`, "b", "ə"},
		"a console's, ASCII":           {`<?xml version="1.0" encoding="IBM850"?><a><b>x</b></a>`, "b", "x"},
		"unicode, ASCII":               {`<?xml version="1.0" encoding="unicode"?><a><b>Ə</b></a>`, "b", "Ə"},
		"us-ascii":                     {`<?xml version="1.0" encoding="US-ASCII"?><a><b>x</b></a>`, "b", "x"},
		"windows-1251": {
			"<?xml version=\"1.0\" encoding=\"Windows-1251\"?><a><b>\xcf\xf0\xe8\xe2\xe5\xf2</b></a>\xa0\r\n", "b", "Привет"},
		"windows-1254": {"<?xml version=\"1.0\" encoding=\"windows-1254\"?><a><b>\xdei\xfe\xf0</b></a>", "b",
			"Şişğ"},
		"latin 1": {"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a><b>\xe4</b></a>", "b", "ä"},
		"koi8-r":  {"<?xml version=\"1.0\" encoding=\"KOI8-R\"?><a><b>\xf0</b></a>", "b", "П"},
		"cp866":   {"<?xml version=\"1.0\" encoding=\"cp866\"?><a><b>\x8f</b></a>", "b", "П"},
		"UTF-16, little": {"\xff\xfe" + wide("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<a><b>Ş😀</b></a>\r\n", 0),
			"b", "Ş😀"},
		"UTF-16, big":     {"\xfe\xff" + wide("<a><b>Ş</b></a>\n", 1), "b", "Ş"},
		"UTF-16, no mark": {wide("<a><b>Ş</b></a>", 0), "b", "Ş"},
		"nil":             {nilled(`<b xsi:nil="true"/>`), "b", ""},
		"nil, 1":          {nilled(`<b xsi:nil=" 1 "> </b>`), "b", ""},
		"not nil":         {nilled(`<b xsi:nil="false">x</b>`), "b", "x"},
		"a type":          {nilled(`<b xsi:type="xs:string">x</b>`), "b", "x"},
		"references":      {`<a><b>&lt;&#x41;&amp;</b></a>`, "b", "<A&"},
		"said again":      {`<a><Id> 1</Id><ID>1</ID><id>1</id></a>`, "ID", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			root, err := Parse([]byte(c.document), form)
			if err != nil {
				t.Fatal(err)
			}
			if got := root.Child(c.path).Trimmed(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// nilled is a document whose prefix xsi is declared.
func nilled(inside string) string {
	return `<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` + inside + `</a>`
}

// wide writes a text in UTF-16, its low byte at this place of two.
func wide(text string, low int) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := [2]byte{}
		pair[low], pair[1-low] = byte(unit), byte(unit>>8)
		b.Write(pair[:])
	}
	return b.String()
}

// TestNilIsNotThere, unlike an empty element.
func TestNilIsNotThere(t *testing.T) {
	for document, there := range map[string]bool{nilled(`<b xsi:nil="true"/>`): false, nilled(`<b xsi:nil="0"/>`): true,
		nilled(`<b/>`): true} {
		root, err := Parse([]byte(document), strict.Form{Bytes: 4096, Depth: 4, Tokens: 100})
		if err != nil || (root.Child("b") != nil) != there || (root.Fold("B") != nil) != there {
			t.Errorf("%s: %v, %v", document, root.Child("b"), err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct{ document, why string }{
		"empty":                    {"", "no element"},
		"white space":              {" \n", "no element"},
		"html":                     {"<!DOCTYPE html><html><br></html>", "document type"},
		"document type":            {`<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>`, "document type"},
		"unknown entity":           {`<a>&e;</a>`, "well-formed"},
		"second root":              {`<a/><b/>`, "second root"},
		"text before":              {`x<a/>`, "outside"},
		"text after":               {`<a/>x`, "outside"},
		"split by comment":         {`<a><b>0<!-- -->0</b></a>`, "split"},
		"split by element":         {`<a><b>0<c>9</c>0</b></a>`, "split"},
		"text beside element":      {`<a>0<c>9</c></a>`, "split"},
		"instruction":              {`<a><?php x ?></a>`, "instruction"},
		"instruction before":       {`<?php x ?><a/>`, "instruction"},
		"two declarations":         {`<?xml version="1.0"?><?xml version="1.0"?><a/>`, "instruction"},
		"half a declaration":       {`<?xml version="1.0"><a/>`, "well-formed"},
		"late declaration":         {"<!-- c --><?xml version=\"1.0\"?><a/>", "instruction"},
		"stylesheet":               {`<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>`, "instruction"},
		"twice":                    {`<a><b>1</b><b>2</b></a>`, "twice"},
		"twice in other case":      {`<a><OrderID>1</OrderID><ORDERID>2</ORDERID></a>`, "twice"},
		"twice, once empty":        {`<a><OrderID>1</OrderID><OrderId/></a>`, "twice"},
		"twice with children":      {`<a><B><c>1</c></B><b><c>1</c></b></a>`, "twice"},
		"default namespace":        {`<a xmlns="urn:x"><b/></a>`, "namespace"},
		"prefixed":                 {`<x:a xmlns:x="urn:x"/>`, "namespace"},
		"unbound prefix":           {`<a><x:b>1</x:b></a>`, "namespace"},
		"prefixed attribute":       {`<a x:b="1"/>`, "namespace"},
		"UTF-7":                    {`<?xml version="1.0" encoding="UTF-7"?><a/>`, "encoding"},
		"EBCDIC":                   {`<?xml version="1.0" encoding="IBM037"?><a/>`, "encoding"},
		"an unknown encoding":      {`<?xml version="1.0" encoding="bank"?><a/>`, "encoding"},
		"not ASCII after all":      {"<?xml version=\"1.0\" encoding=\"us-ascii\"?><a>\xe4</a>", "encoding"},
		"no sign of windows-1251":  {"<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\x98</a>", "encoding"},
		"utf-16 in single bytes":   {"<?xml version=\"1.0\" encoding=\"utf-16\"?><a>\xcf</a>", "UTF-8"},
		"half of UTF-16":           {"\xff\xfe<\x00a\x00/", "UTF-8"},
		"half a sign of UTF-16":    {"\xff\xfe" + "<\x00a\x00>\x00\x00\xd8<\x00/\x00a\x00>\x00", "UTF-8"},
		"nil and not empty":        {nilled(`<b xsi:nil="true">x</b>`), "nil"},
		"nil with a child":         {nilled(`<b xsi:nil="true"><c/></b>`), "nil"},
		"nil and again":            {nilled(`<b xsi:nil="true"/><b>x</b>`), "twice"},
		"perhaps nil":              {nilled(`<b xsi:nil="maybe"/>`), "nil"},
		"not UTF-8":                {"<a>\xcf</a>", "UTF-8"},
		"prefix used":              {`<a xmlns:x="urn:x"><x:b>1</x:b></a>`, "namespace"},
		"prefixed attribute, used": {`<a xmlns:x="urn:x" x:b="1"/>`, "namespace"},
		"declared nil": {`<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><b xsi:nil="true">1</b></a>`,
			"nil"},
		"byte order mark inside": {"<a/>\xef\xbb\xbf<!-- c -->", "outside"},
		"unfinished":             {`<a><b>`, "well-formed"},
		"crossed":                {`<a><b></a></b>`, "well-formed"},
		"too deep":               {strings.Repeat("<a>", 7) + strings.Repeat("</a>", 7), "deeper"},
		"too deep in a signature": {`<a><Signature xmlns="http://www.w3.org/2000/09/xmldsig#">` + strings.Repeat("<a>", 9) +
			strings.Repeat("</a>", 9) + `</Signature></a>`, "deeper"},
		"too many parts":           {"<a>" + strings.Repeat("<row/>", 150) + "</a>", "parts"},
		"too long":                 {"<a>" + strings.Repeat(" ", 5000) + "</a>", "bytes"},
		"character XML has not":    {"<a>&#1;</a>", "well-formed"},
		"a million levels at once": {strings.Repeat("<a>", 1000), "deeper"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(c.document), form)
			if err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("error %v, want one about %q", err, c.why)
			}
		})
	}
}

func TestErrorsQuoteNoText(t *testing.T) {
	for _, document := range []string{"<a><b>4169741330151124&", "<a><b>4169741330151124<c/></b></a>",
		"4169741330151124<a/>"} {
		_, err := Parse([]byte(document), form)
		if err == nil || strings.Contains(err.Error(), "4169") {
			t.Errorf("%s: error %v quotes the document or is missing", document, err)
		}
	}
}

func TestNilElement(t *testing.T) {
	var none *Element
	if none.Child("a").Fold("b").Trimmed() != "" {
		t.Error("a nil element has text")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`<a><b>x</b></a>`, "\xef\xbb\xbf<a/>", `<a><row>1</row><row/></a>`, `<a>0<!-- -->0</a>`,
		`<!DOCTYPE a><a/>`, `<a xmlns="urn:x"/>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		root, err := Parse(document, form)
		if (root == nil) == (err == nil) {
			t.Fatalf("element %v and error %v", root, err)
		}
		if err == nil {
			checkTree(t, root, 1)
		}
	})
}

// checkTree asserts what the reader promises of every tree that it returns.
func checkTree(t *testing.T, e *Element, depth int) {
	if depth > form.Depth {
		t.Fatalf("%s is %d deep", e.Name, depth)
	}
	if e.Text != "" && len(e.Children) > 0 {
		t.Fatalf("%s has text and children", e.Name)
	}
	for i, child := range e.Children {
		for _, other := range e.Children[:i] {
			if strings.EqualFold(other.Name, child.Name) && child.Name != "row" &&
				(other.Name == child.Name || other.Trimmed() != child.Trimmed()) {
				t.Fatalf("%s stands twice", child.Name)
			}
		}
		checkTree(t, child, depth+1)
	}
}
