package search

import (
	"strings"
	"testing"
	"testing/synctest"

	"kassa/infra/explore/world"
)

// TestEveryShortHistory: one event after each scene, with each fault at each of its calls, for every bank. make
// explore goes further.
func TestEveryShortHistory(t *testing.T) {
	t.Parallel()
	banks := world.Banks()
	if testing.Short() { // with the race detector
		banks = banks[:1]
	}
	for _, c := range Run(t, banks, Bounds{Events: 1, Faults: 1}, func(Finding) {}) {
		t.Log(c)
		for _, f := range c.Found {
			t.Error(f)
		}
		if met, all := c.Reached(); c.States < 100 || met < all {
			t.Errorf("%s: only %d states, and %d of %d faults", c.Bank, c.States, met, all)
		}
	}
}

// TestHistoriesThatWereWrong repeats what the search has found before.
func TestHistoriesThatWereWrong(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		// the refund stayed in flight, and nothing was due any more
		"karta: create; pay; come; refund@3=done; page",
		"karta: create; pay; come; refund@7=overdue; rival@3=done; page",
		// a claim whose asker was killed was the last question, and nobody was called
		"karta: create; page; page; create@3=done",
		// the bank let a customer pay whose page it had just called expired, and her return was answered without asking
		"xml: create; day; come; late",
		"txpg: create; night; come; late",
		// an old "unpaid" called a person to money that was given back whole meanwhile: nothing is asked about it any more
		"karta: create; pay; supersede|whole:000000000@6=stale",
		// the desk gave back between a reading of an old total and the refund: what a person is called for is not wrong
		"xml: create; pay; come; refund; rival|desk:000010000@3=stale",
		// a copy of the bank's books that lagged called unpaid what was then wholly given back, and nobody asked again
		"karta: create; pay; supersede|whole:000000000@6=stale",
		"txpg: create; pay; create|whole:000001110000@7=stale",
		// nor after a refund of the desk's at the moment of our own
		"txpg: create; pay; come; night; refund|desk:0001000@2=stale",
		"txpg: create; pay; come; night; whole|desk:0010000000",
		"xml: create; pay; come; night; whole|desk:0001000000",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				script, err := Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				problems, err := Replay(script, func(string, string, string) {})
				if err != nil || len(problems) > 0 {
					t.Error(problems, err)
				}
			})
		})
	}
}

// TestAHistoryIsTheSameAgain: a script says all that a history depends on.
func TestAHistoryIsTheSameAgain(t *testing.T) {
	t.Parallel()
	const text = "txpg: create; pay; come|poll:0110; refund@3=done; rotate; sweep; rival; night; tell"
	script, err := Parse(text)
	if err != nil || script.String() != text {
		t.Fatalf("%v is read as %q", err, script)
	}
	var stories []string
	for range 3 {
		synctest.Test(t, func(t *testing.T) {
			var b strings.Builder
			_, err := Replay(script, func(step, calls, stands string) { b.WriteString(step + calls + stands + "\n") })
			if err != nil {
				t.Error(err)
			}
			stories = append(stories, b.String())
		})
	}
	if stories[0] != stories[1] || stories[1] != stories[2] {
		t.Errorf("%s\nand then\n%s\nand then\n%s", stories[0], stories[1], stories[2])
	}
}

func TestScriptsThatCannotBeRead(t *testing.T) {
	for _, text := range []string{"create", "xml: creat", "xml: create@x=lost", "xml: create@3", "xml: |poll"} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}

// TestHowFarEachSceneIsFollowed: by as many events as are asked for, and by one fewer of many where a scene is several
// itself.
func TestHowFarEachSceneIsFollowed(t *testing.T) {
	for events, want := range map[int][]int{1: {1, 1, 1, 1}, 2: {2, 2, 2, 2}, 3: {3, 3, 2, 2}} {
		for i, text := range Scenes() {
			scene, err := Parse("xml: " + text)
			if got := (Bounds{Events: events}).after(scene); err != nil || got != want[i] {
				t.Errorf("%q is followed by %d of %d events, want %d (%v)", text, got, events, want[i], err)
			}
		}
	}
}
