package world

import (
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	"kassa/infra/explore/banks"
)

// Digest names a state: what is on record, here and at the bank, and how long ago it happened. What was drawn at
// random is left out, and of times only their class counts.
type Digest [16]byte

// Digest is that of the world as it stands.
func (w *World) Digest() Digest {
	d := digester{now: w.Now(), fields: w.fields}
	w.digest(&d)
	return d.sum()
}

// books names how the bank's books stand.
func (w *World) books() Digest {
	d := digester{now: w.Now(), fields: w.fields}
	d.value(reflect.ValueOf(w.side.Books()))
	return d.sum()
}

// ground names how the world stands between two moves, for whoever goes on in it.
func (w *World) ground(passed time.Duration) Digest {
	d := digester{now: w.Now(), fields: w.fields}
	w.digest(&d)
	d.number(coarse(passed))
	d.number(int64(w.turns.writes))
	d.number(int64(w.throttle))
	d.flag(w.overdue != nil)
	d.words(w.late)
	return d.sum()
}

// coarse is how much time has passed for two at once. What it has made of the times on record says the digest.
func coarse(passed time.Duration) int64 { return int64(passed.Round(10 * time.Second)) }

// nameOf is the digest of a name.
func nameOf(name string) Digest {
	d := digester{}
	d.words(name)
	return d.sum()
}

// hears notes what the worker whose turn it is was answered: it is all that it knows.
func (w *World) hears(answers ...any) {
	if w.turns == nil || w.shut {
		return
	}
	mind := &w.turns.heard[w.turns.picked]
	d := digester{now: w.Now(), fields: w.fields}
	d.words(string(mind[:]))
	d.number(coarse(time.Since(w.turns.began)))
	d.number(int64(w.turns.writes))
	for _, a := range answers {
		if err, failed := a.(error); failed {
			d.words(words(err.Error(), w.turns.drawn.name))
		} else if text, is := a.(string); is {
			d.words(words(text, w.turns.drawn.name))
		} else if a != nil {
			d.value(reflect.ValueOf(a))
		}
	}
	*mind = d.sum()
}

// digest writes down how the world stands.
func (w *World) digest(d *digester) {
	for _, p := range w.attempts() {
		d.value(reflect.ValueOf(p))
	}
	d.value(reflect.ValueOf(w.side.Books()))
	for _, p := range w.pages {
		d.number(int64(slices.IndexFunc(w.side.Accounts(), func(a banks.Account) bool { return a.Order == p.order })))
	}
	for _, id := range w.stream {
		d.number(int64(id.Attempt))
	}
	for _, m := range []reflect.Value{reflect.ValueOf(w.inboxIDs()), reflect.ValueOf(w.asked), reflect.ValueOf(w.failed),
		reflect.ValueOf(w.done), reflect.ValueOf(w.problems)} {
		d.value(m)
	}
	d.number(w.desk)
	d.flag(w.rotated)
	d.flag(w.renewed)
	d.number(w.unseen)
	d.words(string(w.lag.books[:]))
	d.flag(w.lag.taken)
	d.time(w.lagging)
	d.flag(w.old)
}

// inboxIDs are the messages that the shop has taken, without their times.
func (w *World) inboxIDs() map[string]string {
	all := map[string]string{}
	for id, m := range w.inbox {
		all[id] = m.what
	}
	return all
}

// digester writes values one after the other, in a form that is the same for all states that are alike.
type digester struct {
	now    time.Time
	text   []byte
	fields fields
}

// fields are those of a type that count in a digest: looking them up each time took a sixth of a search.
type fields map[reflect.Type][]int

func (all fields) of(t reflect.Type) []int {
	known, ok := all[t]
	if !ok {
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && !random(f.Name) {
				known = append(known, i)
			}
		}
		all[t] = known
	}
	return known
}

func (d *digester) sum() Digest {
	sum := sha256.Sum256(d.text)
	return Digest(sum[:16])
}

func (d *digester) words(text string) {
	d.number(int64(len(text)))
	d.text = append(d.text, text...)
}

func (d *digester) number(n int64) { d.text = binary.AppendVarint(d.text, n) }

func (d *digester) flag(b bool) {
	n := int64(0)
	if b {
		n = 1
	}
	d.number(n)
}

// random are fields that hold what was drawn, or what follows from it.
func random(name string) bool {
	switch name {
	case "CallbackToken", "ClientToken", "Rev", "Stamp", "Owner", "RedirectURL", "Handle", "Session", "Key", "Password",
		"Secret", "ApproveURL", "CancelURL", "DeclineURL", "SuccessURL", "FailURL", "CallbackURL", "BankRefundID", "RefundID",
		"ActionID", "RID", "Approval", "TwoID", "Receipt", "Extra", "ID", "Stamps", "HTTP", "Attempts":
		return true
	}
	return false
}

// value writes whatever it is, field by field.
func (d *digester) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			at, _ := v.Interface().(time.Time)
			d.time(at)
			return
		}
		for _, i := range d.fields.of(v.Type()) {
			d.value(v.Field(i))
		}
	case reflect.Slice:
		d.number(int64(v.Len()))
		for i := range v.Len() {
			d.value(v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		d.number(int64(len(keys)))
		for _, k := range keys {
			d.value(k)
			d.value(v.MapIndex(k))
		}
	case reflect.String:
		d.words(v.String())
	case reflect.Bool:
		d.flag(v.Bool())
	case reflect.Int, reflect.Int64, reflect.Int32:
		d.number(v.Int())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			d.value(v.Elem())
		}
	}
}

// The bounds between classes of times: what is decided by how long ago something was, or is still to come.
func classes() []time.Duration {
	return []time.Duration{0, 5 * time.Second, time.Minute, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute,
		8 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute, 45 * time.Minute, time.Hour,
		75 * time.Minute, 3 * time.Hour, 6 * time.Hour, 8 * time.Hour, 24 * time.Hour, 25 * time.Hour, 48 * time.Hour,
		30 * 24 * time.Hour}
}

// time writes how far a time is from now, and how many of the bank's days.
func (d *digester) time(at time.Time) {
	if at.IsZero() {
		d.number(-99)
		return
	}
	age := d.now.Sub(at)
	all := classes()
	class := int64(sort.Search(len(all), func(i int) bool { return all[i] > max(age, -age) }))
	if age < 0 {
		class = -class
	}
	d.number(class)
	d.number(day(d.now) - day(at))
}

// day counts the bank's days.
func day(at time.Time) int64 { return at.Add(4*time.Hour).Unix() / (24 * 60 * 60) }

// Anonymous is a text without what was drawn at random and without numbers, so that two findings of one kind are
// alike.
func Anonymous(text string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(text) {
		if !strings.ContainsAny(word, "0123456789") {
			b.WriteString(word + " ")
		}
	}
	return b.String()
}
