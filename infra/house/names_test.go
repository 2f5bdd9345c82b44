package house

import (
	"go/scanner"
	"go/token"
	"maps"
	"path/filepath"
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
	abroad, atHome := namedAbroad(t, bankNames(), bankWords())
	for _, f := range abroad {
		t.Errorf("%s:%d names a bank: %s (if that is no bank but a word that happens to be used here, call the bank's "+
			"folder and name <word>bank)", f.path, f.line, f.text)
	}
	if atHome < 100 {
		t.Errorf("banks are named %d times in their own folders: the rule no longer sees them", atHome)
	}
}

// ordinary is in how many files a word stands that is no bank's name, whatever bank is called so. A bank may be called
// Unit or Order; then its name proves nothing, and what is looked for are its folders and its title.
const ordinary = 12

// namedAbroad gives the places outside of their own folders where banks are named, and how many are inside.
func namedAbroad(t *testing.T, banks, words []string) (abroad []naming, atHome int) {
	t.Helper()
	places := map[string][]naming{} // by the word
	walk(t, func(path string, source []byte) {
		rel, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		rel = filepath.ToSlash(rel)
		for _, f := range namedBanks(rel, source, words) {
			if home(rel, banks) {
				atHome++
				continue
			}
			places[f.word] = append(places[f.word], f)
		}
	})
	for _, word := range slices.Sorted(maps.Keys(places)) {
		files := map[string]bool{}
		for _, f := range places[word] {
			files[f.path] = true
		}
		for _, f := range places[word] {
			if len(files) <= ordinary || leadsTo(f.text, banks) {
				abroad = append(abroad, f)
			}
		}
	}
	return abroad, atHome
}

// leadsTo says whether a text is the path of a bank's folder, or of a room in it.
func leadsTo(text string, banks []string) bool {
	path := strings.TrimPrefix(text, "kassa/")
	return path != text && home(path+"/x.go", banks)
}

// TestABankMayBeCalledByACommonWord: a name that is also a word, or a part of one, raises no alarm where it is not the
// bank, and is found where it is.
func TestABankMayBeCalledByACommonWord(t *testing.T) {
	names := []string{"halk", "unit", "order", "access", "prior", "azer", "alfa", "page", "bank"}
	abroad, _ := namedAbroad(t, names, names)
	for _, f := range abroad {
		t.Errorf("%s:%d: %s is taken for a bank in %s", f.path, f.line, f.word, f.text)
	}
	for _, name := range names {
		path := "kassa/shared/simbank/" + name
		if !leadsTo(path, names) || leadsTo(path, []string{"another"}) || leadsTo(name, names) ||
			len(namedBanks("x.go", []byte("package x\nvar _ = `"+name+"`\n"), names)) != 1 {
			t.Errorf("%s is not found", name)
		}
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
		if home(path, []string{"kapital", "kartapokupok", "nextbank"}) != want {
			t.Errorf("%s: a bank may be named there is %v", path, !want)
		}
	}
	if found := namedBanks("infra/kapital.go", []byte("package x\n"), words); len(found) != 1 {
		t.Errorf("a file that is called so: %v", found)
	}
}

// bankNames are the names of all banks, with which their folders begin.
func bankNames() []string { return slices.Collect(maps.Keys(boot.Profiles())) }

// bankWords are the names and titles of all banks, and those of their gateways, in letters alone.
func bankWords() []string {
	words := []string{"txpg", "tkkpg", "kapitaltxpg", "kapitalxml", "картапокупок", "капиталбанк"}
	for _, p := range boot.Profiles() {
		words = append(words, letters(p.Name), letters(p.Title))
	}
	return words
}

// home says whether a bank may be named in a file: in its own folders, in the list of banks, in what the local stack is
// filled with, and in tests.
func home(path string, banks []string) bool {
	if path == "shared/boot/banks.go" || strings.HasPrefix(path, "infra/local/demo/") ||
		strings.HasPrefix(path, "infra/explore/banks/") ||
		strings.HasSuffix(path, "_test.go") {
		return true
	}
	rooms := strings.Split(path, "/")
	return len(rooms) > 3 && rooms[0] == "shared" && (rooms[1] == "bank" || rooms[1] == "simbank") &&
		slices.ContainsFunc(banks, func(name string) bool { return strings.HasPrefix(rooms[2], name) })
}

type naming struct {
	path string
	line int
	text string
	word string // the bank's name, as the rule knows it
}

// namedBanks finds a bank's name in a file's own name and in its identifiers, texts and comments. A name over two lines
// of a comment is one.
func namedBanks(path string, source []byte, words []string) (found []naming) {
	add := func(line int, text, also string) {
		for _, word := range named(also+text, words) {
			found = append(found, naming{path, line, text, word})
		}
	}
	add(0, path, "")
	set := token.NewFileSet()
	file := set.AddFile(path, set.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	above, end := "", 0 // the comment that the next one may go on, and its line
	for {
		pos, kind, text := s.Scan()
		line := file.Line(pos)
		switch kind {
		case token.EOF:
			return found
		case token.STRING:
			if unquoted, err := strconv.Unquote(text); err == nil {
				text = unquoted
			}
			add(line, text, "")
		case token.COMMENT:
			if end != line-1 || len(named(above, words)) > 0 {
				above = ""
			}
			add(line, text, above)
			above, end = text, line
		case token.IDENT:
			add(line, text, "")
		}
	}
}

// named gives the banks' names that a text holds, each as a word of its own or as several that follow each other: abb
// does not stand in grabbed, and KartaPokupok, karta_pokupok and "Karta Pokupok" are one name.
func named(text string, words []string) (found []string) {
	parts := apart(text)
	for i := range parts {
		joined := ""
		for _, part := range parts[i:min(len(parts), i+3)] {
			if joined += part; slices.Contains(words, joined) && !slices.Contains(found, joined) {
				found = append(found, joined)
			}
		}
	}
	return found
}

// apart gives the words of a text in small letters: openABBPage has three.
func apart(text string) (words []string) {
	all, begin := []rune(text), 0
	cut := func(end int) {
		if end > begin {
			words = append(words, strings.ToLower(string(all[begin:end])))
		}
		begin = end
	}
	for i, r := range all {
		switch {
		case !unicode.IsLetter(r):
			cut(i)
			begin = i + 1
		case i > begin && unicode.IsUpper(r) && (unicode.IsLower(all[i-1]) || i+1 < len(all) && unicode.IsLower(all[i+1])):
			cut(i)
		}
	}
	cut(len(all))
	return words
}

// letters is a name in small letters without anything between them.
func letters(name string) string { return strings.Join(apart(name), "") }
