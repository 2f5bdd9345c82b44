package apidoc

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// markdown writes the little Markdown that the document uses as HTML: paragraphs, lists, tables, bold and code.
// Everything else, HTML above all, is text.
func markdown(text string) template.HTML {
	var b strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		lines := strings.Split(strings.Trim(block, "\n"), "\n")
		switch {
		case strings.HasPrefix(lines[0], "|"):
			table(&b, lines)
		case strings.HasPrefix(lines[0], "- "):
			list(&b, "ul", "- ", lines)
		case numbered.MatchString(lines[0]):
			list(&b, "ol", "", lines)
		case block != "":
			b.WriteString("<p>" + inline(strings.Join(lines, " ")) + "</p>")
		}
	}
	return template.HTML(b.String()) //nolint:gosec // G203: inline has escaped all text
}

// short is markdown for where a paragraph would be too much.
func short(text string) template.HTML {
	//nolint:gosec // G203: inline has escaped all text
	return template.HTML(inline(strings.Join(strings.Fields(text), " ")))
}

var (
	numbered = regexp.MustCompile(`^[0-9]+\. `)
	code     = regexp.MustCompile("`([^`]+)`")
	bold     = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

func inline(text string) string {
	text = html.EscapeString(text)
	text = bold.ReplaceAllString(text, "<strong>$1</strong>")
	return code.ReplaceAllString(text, "<code>$1</code>")
}

// list writes entries that begin with a mark; lines that do not go on with the entry before.
func list(b *strings.Builder, tag, mark string, lines []string) {
	b.WriteString("<" + tag + ">")
	entry := ""
	flush := func() {
		if entry != "" {
			b.WriteString("<li>" + inline(entry) + "</li>")
		}
	}
	for _, line := range lines {
		rest, begins := strings.CutPrefix(line, mark)
		if mark == "" {
			rest, begins = numbered.ReplaceAllString(line, ""), numbered.MatchString(line)
		}
		if begins {
			flush()
			entry = rest
		} else {
			entry += " " + strings.TrimSpace(line)
		}
	}
	flush()
	b.WriteString("</" + tag + ">")
}

// table writes rows of cells between bars; the second row only says that the first is the head.
func table(b *strings.Builder, lines []string) {
	b.WriteString(`<div class="wide"><table>`)
	for i, line := range lines {
		if i == 1 {
			continue
		}
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for cell := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			b.WriteString("<" + tag + ">" + inline(strings.TrimSpace(cell)) + "</" + tag + ">")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table></div>")
}
