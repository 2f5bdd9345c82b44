// The last word. Rules of settings stand in the functions' own decoders; here they are asked, and their answers told
// by the names and lines of shop.yaml. So check cannot find sound what a function refuses.

package folder

import (
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kassa/shared/bank"
	"kassa/shared/bank/exchange"
	"kassa/shared/boot"
	"kassa/shared/payment"
	"kassa/shared/shop"
)

// judge asks the decoders that the functions use. What they refuse is wrong, even where nothing else saw it.
func (r *reading) judge() {
	settings := r.judgeShop()
	for _, b := range r.Banks {
		if built := r.judgeBank(b); built != nil && settings.Currency != "" {
			r.judgeTogether(b.Name, built.Profile(), settings)
		}
	}
}

// judgeShop reads the shop's settings as a function would, with stand-ins for what only the stage knows: keys and the
// secrets of the webhook. A pointer of theirs is turned into the name and line of the file.
func (r *reading) judgeShop() shop.Settings {
	content := maps.Clone(r.Settings)
	if _, there := content["keys"]; there {
		r.fail("keys", "is made by kassa shop put, and never stands in a file")
	}
	names := []string{}
	for _, b := range r.Banks {
		names = append(names, b.Name)
	}
	content["banks"] = names
	content["keys"] = []any{map[string]any{"id": "check", "sha256": strings.Repeat("0", 64)}}
	if hook, ok := content["webhook"].(map[string]any); ok {
		hook = maps.Clone(hook)
		if _, there := hook["secrets"]; there {
			r.fail("webhook/secrets", "are made by kassa shop put, and never stand in a file")
		}
		hook["secrets"] = []any{"whsec_" + strings.Repeat("A", 43) + "="}
		content["webhook"] = hook
	}
	text, err := json.Marshal(content)
	if err != nil {
		r.fail("", "cannot be written as JSON")
		return shop.Settings{}
	}
	settings, err := shop.Read(text, r.stage)
	refused, ok := errors.AsType[*payment.Error](err)
	switch {
	case err == nil:
	case ok && len(refused.Fields) > 0:
		for _, f := range refused.Fields {
			r.refused(r.pathOf(f.Pointer), f.Detail)
		}
	default:
		r.fail("", "%v", err)
	}
	return settings
}

// pathOf is where a pointer into the shop's secret stands in the file: the banks there are a list of names.
func (r *reading) pathOf(pointer string) string {
	path := strings.TrimPrefix(pointer, "/")
	if rest, ok := strings.CutPrefix(path, "banks/"); ok {
		if i, err := strconv.Atoi(rest); err == nil && i < len(r.Banks) {
			return "banks/" + r.Banks[i].Name
		}
	}
	return path
}

// refused notes what a decoder says, and how YAML helps there.
func (r *reading) refused(path, why string) {
	if why == "must be a JSON object" {
		why = "must have settings of its own below it, each a name and a value"
	}
	if value := r.named(path); why == "must be a string" && value != nil {
		switch value.(type) {
		case int64, bool:
			why = "must be a text; put it in quotes"
		}
	}
	r.fail(path, "%s", why)
}

// judgeBank builds a bank as a function would; nil when it cannot be. What was told of a field's file already is not
// told again of the field.
func (r *reading) judgeBank(b Bank) bank.Bank {
	at := "banks/" + b.Name
	text, err := json.Marshal(b.Secret)
	if err != nil {
		r.fail(at, "cannot be written as JSON")
		return nil
	}
	built, err := boot.NewBank(b.Name, text, r.stage, slog.New(slog.DiscardHandler))
	if err == nil {
		return built
	}
	fields, ok := errors.AsType[exchange.WrongFields](err)
	if !ok {
		r.fail(at, "%s", messageOf(err))
		return nil
	}
	known := boot.Profiles()[b.Name].Secret
	for _, f := range fields {
		path := at + "/" + f.Name
		if i := slices.IndexFunc(known, func(k bank.Field) bool { return k.Name == f.Name }); i >= 0 {
			path = at + "/" + settingOf(known[i])
		}
		if f.Name == "environment" || f.Name == "insecure_loopback" {
			path = f.Name
		}
		if !r.failedWithin(path) {
			r.refused(path, f.Why)
		}
	}
	return nil
}

// failedWithin says whether something serious is known about a field or an element of it.
func (r *reading) failedWithin(path string) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return f.Serious && (f.Field == path || strings.HasPrefix(f.Field, path+"/"))
	})
}

// messageOf is what an error says to people; its cause is for logs.
func messageOf(err error) string {
	if e, ok := errors.AsType[*payment.Error](err); ok && e.Message != "" {
		return e.Message
	}
	return err.Error()
}

// judgeTogether holds what the shop sells against what the bank takes: its currency, and its terms. It asks the bank's
// profile by orders that nobody has made, so that what is refused here is what Open would refuse.
func (r *reading) judgeTogether(name string, p bank.Profile, s shop.Settings) {
	refuses := func(term int, pointer string) (detail string, is bool) {
		order := bank.Order{Amount: payment.Money{Minor: 10000, Currency: s.Currency}, Term: term}
		for _, f := range p.Examine(order) {
			if f.Pointer == pointer {
				return f.Detail, true
			}
		}
		return "", false
	}
	detail, foreign := refuses(0, "/currency")
	if foreign {
		r.fail("currency", "does not fit the bank %s: %s", name, detail)
	}
	terms, at := s.Instalments.At(name).Terms, "instalments/terms/"
	if _, named := s.Instalments.Banks[name]; named {
		at = "instalments/banks/" + name + "/"
	}
	if _, needed := refuses(0, "/term"); needed && len(terms) == 0 {
		r.fail("banks/"+name, "sells by instalments alone; name the terms that the shop offers in instalments/terms")
	}
	for i, term := range terms {
		if detail, is := refuses(term, "/term"); is {
			r.fail(at+strconv.Itoa(i), "is a term that the bank %s does not take: %s", name, detail)
		} else if detail, is := refuses(term, "/currency"); is && !foreign { // the badge would show plans in it
			r.fail(at+strconv.Itoa(i), "is a term that the bank %s does not take in %s: %s", name, s.Currency, detail)
		}
	}
}
