package house

import (
	"go/scanner"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"kassa/shared/boot"
)

// TestBanksAreNamedAtHomeAlone: whoever knows a bank by its name must be changed for the next one. What a bank is
// others read in its profile; tests may name what they test.
func TestBanksAreNamedAtHomeAlone(t *testing.T) {
	words, atHome := bankWords(), 0
	walk(t, func(path string, source []byte) {
		rel, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		found := namedBanks(filepath.ToSlash(rel), source, words)
		if home(filepath.ToSlash(rel), words) {
			atHome += len(found)
			return
		}
		for _, f := range found {
			t.Errorf("%s:%d names a bank: %s", rel, f.line, f.text)
		}
	})
	if atHome < 100 {
		t.Errorf("banks are named %d times in their own folders: the rule no longer sees them", atHome)
	}
}

// TestTheRuleOfNamesFindsWhatItIsFor, in a source that is spoiled, and nothing in one that is not.
func TestTheRuleOfNamesFindsWhatItIsFor(t *testing.T) {
	words := append(bankWords(), "nextbank", "abb") // names of some that are to come
	for source, spoiled := range map[string]bool{
		`var kapital = 1`:                                     true,
		`func openKapitalTXPG() {}`:                           true,
		`type kartaPokupok struct{}`:                          true,
		`var karta_pokupok = 1`:                               true,
		`var x = "kartapokupok"`:                              true,
		`var x = "Karta  Pokupok"`:                            true,
		`var x = "карта покупок"`:                             true,
		`var x = "https://e-commerce.kapitalbank.az"`:         true,
		"var x = `{\"bank\":\n \"TkkPG\"}`":                   true,
		`var x = "\u006bapital"`:                              true,
		`const name = "-txpg"`:                                true,
		`import "kassa/shared/bank/kapital"`:                  true,
		`// as Kapital's does`:                                true,
		"// Karta\n// Pokupok takes BYN":                      true,
		`/* TKKPG's XML */`:                                   true,
		`type S struct{ A int ` + "`json:\"kapital\"`" + ` }`: true,
		`var nextBank = 1`:                                    true,
		`func openABBPage() {}`:                               true,
		`// as ABB's does`:                                    true,
		`var x = "https://abb-bank.az"`:                       true,

		`var capital = "Baku"`:      false,
		`// grabbed; a bbolt file`:  false,
		`// a card, a purchase`:     false,
		`var x = "karta, BYN"`:      false,
		`var a, b = "kapi", "tal"`:  false,
		`var bank = Profile().Name`: false,
	} {
		if found := namedBanks("infra/x.go", []byte("package x\n"+source+"\n"), words); (len(found) > 0) != spoiled {
			t.Errorf("%q: %v", source, found)
		}
	}
	for path, want := range map[string]bool{
		"shared/bank/kapital/txpg/open.go": true, "shared/simbank/kapitalxml/sim.go": true,
		"shared/boot/banks.go": true, "infra/local/demo/banks.go": true, "infra/kassa/main_test.go": true,
		"shared/bank/nextbank/bank.go": true,

		"shared/bank/profile.go": false, "shared/bank/exchange/kapital.go": false, "shared/simbank/book/book.go": false,
		"shared/boot/connect.go": false, "infra/local/stack/stack.go": false, "infra/kassa/kapital/draft.go": false,
	} {
		if home(path, words) != want {
			t.Errorf("%s: a bank may be named there is %v", path, !want)
		}
	}
	if found := namedBanks("infra/kapital.go", []byte("package x\n"), words); len(found) != 1 {
		t.Errorf("a file that is called so: %v", found)
	}
}

// bankWords are the names of all banks, and those of their gateways, in letters alone.
func bankWords() []string {
	words := []string{"txpg", "tkkpg", "картапокупок", "капиталбанк"}
	for _, p := range boot.Profiles() {
		words = append(words, letters(p.Name), letters(p.Title))
	}
	return words
}

// home says whether a bank may be named in a file: in its own folders, in the list of banks, in what the local stack is
// filled with, and in tests.
func home(path string, words []string) bool {
	if path == "shared/boot/banks.go" || strings.HasPrefix(path, "infra/local/demo/") ||
		strings.HasSuffix(path, "_test.go") {
		return true
	}
	rooms := strings.Split(path, "/")
	return len(rooms) > 3 && rooms[0] == "shared" && (rooms[1] == "bank" || rooms[1] == "simbank") &&
		names(rooms[2], words)
}

type naming struct {
	line int
	text string
}

// namedBanks finds a bank's name in a file's own name and in its identifiers, texts and comments. A name over two lines
// of a comment is one.
func namedBanks(path string, source []byte, words []string) (found []naming) {
	if names(path, words) {
		found = append(found, naming{0, path})
	}
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	var before naming // the comment that this one may go on
	for {
		pos, kind, text := s.Scan()
		one := naming{file.Line(pos), text}
		switch kind {
		case token.EOF:
			return found
		case token.STRING:
			if unquoted, err := strconv.Unquote(text); err == nil {
				text = unquoted
			}
		case token.COMMENT:
			if before.line == one.line-1 && !names(before.text, words) {
				text = before.text + text
			}
			before = one
		case token.IDENT:
		default:
			continue
		}
		if names(text, words) {
			found = append(found, one)
		}
	}
}

// names says whether a text names one of the banks. A name of three letters stands in many words, as abb does in
// grabbed, so it is looked for as a word of its own.
func names(text string, words []string) bool {
	joined := letters(text)
	return slices.ContainsFunc(words, func(word string) bool {
		return strings.Contains(joined, word) && (len(word) > 3 || slices.Contains(apart(text), word))
	})
}

// apart gives the words of a text in small letters: openABBPage has three.
func apart(text string) []string {
	text = regexp.MustCompile(`(\p{Ll})(\p{Lu})`).ReplaceAllString(text, "$1 $2")
	text = regexp.MustCompile(`(\p{Lu})(\p{Lu}\p{Ll})`).ReplaceAllString(text, "$1 $2")
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
}

// letters is a text in small letters without anything between them: KartaPokupok, karta_pokupok and "Karta Pokupok" are
// one name.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}
