package address

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// Parameter is one name and value of a query, neither of them encoded.
type Parameter struct{ Name, Value string }

// Extend gives an address with parameters at the end of its query, in ASCII, fit for a Location header. Its own
// parameters stand before them as they were, except those of the same names: nobody may find two answers in one
// address. A fragment, which may be a page's route with parameters of its own, stays behind the query without those.
//
// A name is the same in every spelling that a framework reads as that name, see names.
func Extend(text string, with ...Parameter) (string, error) {
	u, err := Parse(text)
	if err != nil {
		return "", err
	}
	pairs := without(u.RawQuery, with)
	for _, p := range with {
		pairs = append(pairs, url.QueryEscape(p.Name)+"="+url.QueryEscape(p.Value))
	}
	u.RawQuery, u.ForceQuery = strings.Join(pairs, "&"), false
	fragment := cmp.Or(u.RawFragment, u.EscapedFragment())
	u.Fragment, u.RawFragment = "", ""
	if fragment = withoutInRoute(fragment, with); fragment != "" {
		return u.String() + "#" + fragment, nil
	}
	return u.String(), nil
}

// without gives the pairs of a query that none of the parameters names.
func without(query string, those []Parameter) (pairs []string) {
	named := func(pair string) bool {
		return slices.ContainsFunc(those, func(p Parameter) bool { return p.names(pair) })
	}
	for pair := range strings.SplitSeq(query, "&") {
		parts := strings.Split(pair, ";") // which some frameworks take for &
		others := slices.DeleteFunc(parts[1:], func(part string) bool { return strings.Contains(part, "=") && named(part) })
		if !named(parts[0]) {
			others = append(parts[:1], others...)
		}
		if pair = strings.Join(others, ";"); pair != "" {
			pairs = append(pairs, pair)
		}
	}
	return pairs
}

// withoutInRoute takes the parameters out of a fragment: pages read them there behind a question mark, or as the pairs
// that it is. Any other fragment stays as it is, such as the name of a place on the page, which may also stand behind a
// route and a further #.
func withoutInRoute(fragment string, those []Parameter) string {
	var places []string
	for place := range strings.SplitSeq(fragment, "#") {
		var kept []string
		for i, part := range strings.Split(place, "?") {
			rest := part
			if i > 0 || strings.Contains(part, "=") {
				rest = strings.Join(without(part, those), "&")
			}
			if rest != "" || part == "" {
				kept = append(kept, rest)
			}
		}
		places = append(places, strings.Join(kept, "?"))
	}
	return strings.TrimRight(strings.Join(places, "#"), "#")
}

// names says whether a pair of a query, as it stands there, has the parameter's name for some framework: in any letter
// case, with blanks around it, with an index in brackets behind it, or as PHP reads names, which end at a NUL and in
// which a blank, a full stop and a bracket that is never closed are underscores.
func (p Parameter) names(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	name, _, _ = strings.Cut(name, "\x00")
	name = strings.TrimSpace(name)
	underscored := strings.NewReplacer(" ", "_", ".", "_", "[", "_")
	bare, index, _ := strings.Cut(name, "[")
	readings := []string{bare, underscored.Replace(bare)}
	if !strings.Contains(index, "]") {
		readings = append(readings, underscored.Replace(name))
	}
	return slices.ContainsFunc(readings, func(reading string) bool { return strings.EqualFold(reading, p.Name) })
}
