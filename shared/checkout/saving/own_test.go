package saving_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kassa/shared/checkout/saving"
	"kassa/shared/dynamo/memory"
	"kassa/shared/metric"
	"kassa/shared/payment"
	"kassa/shared/payment/delivery"
)

// history leads a payment from just being opened to where an event finds something to do.
type history []payment.Event

// events is every event that there is, by its type's name, each with what must have happened before.
func events() map[string]history {
	taken := payment.Report{State: payment.BankApproved, Amount: payment.Money{Minor: 14999, Currency: payment.AZN}}
	said := func(r payment.Report) payment.Event { return payment.Statement{Handle: opened.Handle, Report: r} }
	signed := payment.NoticeArrival{Handle: opened.Handle, Report: taken}
	cancelled := payment.Cancellation{By: "shop:k1"}
	refused := payment.Report{State: payment.BankDeclined, Code: "051"}
	intent := payment.RefundIntent{ID: "rf_1", Amount: 5000, By: "shop:k1", Owner: "o", Until: start.Add(time.Minute)}
	again := payment.Redelivery{Sequences: []int64{3}}
	paid := func(then ...payment.Event) history { return append(history{opened, said(taken)}, then...) }
	return map[string]history{
		"OpeningStart":    {payment.OpeningLoss{}, payment.OpeningStart{Until: start.Add(time.Minute)}},
		"OpeningDone":     {opened},
		"OpeningRefusal":  {payment.OpeningRefusal{Code: "10"}},
		"OpeningLoss":     {payment.OpeningLoss{}},
		"Wakeup":          {payment.OpeningLoss{}, payment.Wakeup{}},
		"Question":        {opened, payment.Question{}},
		"QuestionPromise": {opened, payment.QuestionPromise{}},
		"Statement":       paid(),
		"Hearsay": {opened, said(payment.Report{State: payment.BankDeclined}),
			payment.Hearsay{Handle: opened.Handle, Report: refused}},
		"NoticeArrival":    {opened, signed},
		"NoticeTrust":      {opened, signed, payment.NoticeTrust{}},
		"Silence":          {opened, signed, payment.Silence{Unsupported: true}},
		"Cancellation":     {opened, cancelled},
		"SiblingReading":   {opened, cancelled, said(taken), payment.SiblingReading{Overpaid: true}},
		"RefundIntent":     paid(intent),
		"RefundDisclosure": paid(intent, payment.RefundDisclosure{ID: "rf_1"}),
		"RefundAnswer":     paid(intent, payment.RefundAnswer{ID: "rf_1", Owner: "o", Answer: payment.AnswerDone}),
		"Redelivery":       paid(again),
		"DeliveryOutcome":  paid(again, payment.DeliveryOutcome{Answers: map[int64]delivery.Answer{3: {Code: "500"}}}),
		"Ruling":           paid(payment.Ruling{How: payment.ResolveAcceptCaptured, By: "operator:a", Why: "kept"}),
	}
}

// TestNoEventIsForgotten holds that table complete: every type of the package payment that is an event stands there.
func TestNoEventIsForgotten(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../payment/event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "event" {
			declared = append(declared, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	slices.Sort(declared)
	if known := slices.Sorted(maps.Keys(events())); len(declared) < 20 || !slices.Equal(declared, known) {
		t.Errorf("declared\n%q, in the table\n%q", declared, known)
	}
	for name, all := range events() {
		if last := reflect.TypeOf(all[len(all)-1]).Name(); last != name {
			t.Errorf("%s ends with a %s", name, last)
		}
	}
}

// lossy is a store that does its first save, whose answer is lost, and lets strangers save on top. The client of the
// store then writes the same once more, or gives up.
type lossy struct {
	*memory.Store
	gaveUp   bool
	strange  []func(payment.Payment) payment.Payment
	saved    payment.Payment // what the strangers left
	saves    int
	loseLoad int // how many readings fail after that
}

func (l *lossy) Save(ctx context.Context, p payment.Payment) (payment.Payment, error) {
	made, err := l.Store.Save(ctx, p)
	if l.saves++; l.saves > 1 || err != nil {
		return made, err
	}
	for _, change := range l.strange {
		if made, err = l.Store.Save(ctx, change(made)); err != nil {
			panic(err)
		}
	}
	if l.saved = made; l.gaveUp {
		return payment.Payment{}, unavailable()
	}
	return l.Store.Save(ctx, p)
}

func (l *lossy) Load(ctx context.Context, id payment.ID) (payment.Payment, error) {
	if l.loseLoad > 0 {
		l.loseLoad--
		return payment.Payment{}, unavailable()
	}
	return l.Store.Load(ctx, id)
}

// TestOnesOwnSaveIsKnownAgain, of whatever event, when it was done, its answer was lost and up to three others have
// saved on top: it is neither refused nor done twice, and counted once. The worst stranger takes everything back, so
// that the event would find it all to be done again.
func TestOnesOwnSaveIsKnownAgain(t *testing.T) {
	type saver func(context.Context, saving.Store, payment.Payment, saving.Step) (payment.Payment, error)
	savers := map[string]saver{"change": saving.Change, "surely": saving.Surely,
		"once": func(ctx context.Context, s saving.Store, p payment.Payment, step saving.Step) (payment.Payment, error) {
			next, err := step(p)
			if err != nil {
				return p, err
			}
			return saving.Once(ctx, s, p, next)
		}}
	for name, all := range events() {
		for how, saver := range savers {
			for strangers := range 4 {
				for _, worst := range []bool{false, true} {
					for _, gaveUp := range []bool{false, true} {
						if how == "once" && gaveUp {
							continue // its caller takes back what may be there
						}
						l := &lossy{gaveUp: gaveUp}
						if gaveUp && how == "surely" {
							l.loseLoad = strangers
						}
						t.Run(fmt.Sprintf("%s, %s, %d, worst %t, gave up %t", name, how, strangers, worst, gaveUp),
							func(t *testing.T) {
								synctest.Test(t, func(t *testing.T) { knownAgain(t, l, saver, all, strangers, worst) })
							})
					}
				}
			}
		}
	}
}

func knownAgain(t *testing.T, l *lossy, saver func(context.Context, saving.Store, payment.Payment,
	saving.Step) (payment.Payment, error), all history, strangers int, worst bool) {
	store, p := table(t)
	at := start
	for i, e := range all[:len(all)-1] {
		at = start.Add(time.Duration(i) * time.Second)
		var err error
		if p, err = payment.Apply(p, e, at); err != nil {
			t.Fatal(err)
		}
	}
	at = at.Add(time.Second)
	if reflect.TypeOf(all[len(all)-1]) == reflect.TypeFor[payment.Wakeup]() {
		at = start.Add(2 * time.Hour)
	}
	before, err := store.Save(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for range strangers {
		l.strange = append(l.strange, func(p payment.Payment) payment.Payment {
			if worst {
				rev := p.Rev
				p = before
				p.Rev = rev
			}
			p.BankCode = "001"
			return p
		})
	}
	l.Store = store
	ctx, tally := metric.Begin(t.Context())
	var want payment.Payment
	got, err := saver(ctx, l, before, func(p payment.Payment) (payment.Payment, error) {
		next, err := payment.Apply(p, all[len(all)-1], at)
		if want = next; err == nil && reflect.DeepEqual(p, next) {
			t.Error("the event finds nothing to do")
		}
		return next, err
	})
	if stands, _ := store.Load(t.Context(), before.ID); err != nil || !reflect.DeepEqual(got, l.saved) ||
		!reflect.DeepEqual(stands, l.saved) {
		t.Fatalf("%v, at version %s and stored as %s, want %s", err, got.Rev, stands.Rev, l.saved.Rev)
	}
	sound, wanted := metric.Begin(t.Context())
	fresh := &memory.Store{}
	first := before
	first.Rev = ""
	if first, err = fresh.Create(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	want.Rev = first.Rev
	if _, err := saving.Once(sound, fresh, first, want); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(tally.Attrs(time.Time{}, "t")), fmt.Sprint(wanted.Attrs(time.Time{}, "t")); got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
}

// TestNobodySavesPastTheLoop: what is saved without a stamp of its own is not known again. The two that do save what
// they have read, unchanged.
func TestNobodySavesPastTheLoop(t *testing.T) {
	allowed := map[string]bool{"shared/checkout/saving/saving.go": true, "shared/checkout/refund.go": true,
		"infra/kassa/bookcmd/fill.go": true}
	seen := 0
	for _, top := range []string{"functions", "shared/checkout", "shared/boot", "infra/kassa"} {
		root := filepath.Join("..", "..", "..")
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				strings.Contains(path, "boottest") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				f, ok := call.Fun.(*ast.SelectorExpr)
				if name, _ := filepath.Rel(root, path); ok && f.Sel.Name == "Save" && len(call.Args) == 2 {
					if seen++; !allowed[filepath.ToSlash(name)] {
						t.Errorf("%s saves by itself: use the package saving", name)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < len(allowed) {
		t.Errorf("only %d saves found", seen)
	}
}
