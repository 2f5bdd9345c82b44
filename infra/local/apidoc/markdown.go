package apidoc

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/util"
)

// converter is goldmark without what would let the document bring in anything from elsewhere: it does not know HTML,
// links or images, so that each of them stays the text that it is. Headings are left out too, since the page has its
// own.
var converter = sync.OnceValue(func() goldmark.Markdown {
	blocks := []util.PrioritizedValue{
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	}
	inlines := []util.PrioritizedValue{
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewEmphasisParser(), 500),
	}
	return goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParser(
		parser.NewParser(parser.WithBlockParsers(blocks...), parser.WithInlineParsers(inlines...))))
})

// markdown writes the document's Markdown as HTML.
func markdown(text string) template.HTML {
	var b bytes.Buffer
	if err := converter().Convert([]byte(text), &b); err != nil {
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // G203: escaped; a buffer takes everything
	}
	return template.HTML(b.String()) //nolint:gosec // G203: goldmark escapes all text
}

// short is markdown for where a paragraph would be too much.
func short(text string) template.HTML {
	inner := strings.TrimSuffix(strings.TrimPrefix(string(markdown(text)), "<p>"), "</p>\n")
	return template.HTML(inner) //nolint:gosec // G203: as above
}
