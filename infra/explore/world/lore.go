package world

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lore is what the orders of two at once have shown so far, of all pairs that begin where a world stands now. What a
// move does depends on how the world stands and on what its worker was told, and not on what the other was told: so
// the same moves come again in many orders, and need not be made again.
type Lore struct {
	moves map[Digest]effect // by their causes
	calls *names
	ends  map[end]bool
	met   map[Digest]bool
}

// NewLore knows nothing.
func NewLore() *Lore {
	return &Lore{map[Digest]effect{}, &names{number: map[string]uint8{}}, map[end]bool{}, map[Digest]bool{}}
}

// Stand is how everything stands between two moves.
type Stand struct {
	ground Digest  // the world
	minds  [2]mind // of the workers
	last   string  // what the second worker has just done, if it was its move: with what it commutes
	faulty bool    // the fault was met
}

// mind is what a worker knows, and what it does next; nothing when it is done.
type mind struct {
	heard Digest
	next  string
}

// stand says how everything stands after some moves, with who is not done.
func (t *turns) stand(w *World, left []int, moves []Move, passed time.Duration) *Stand {
	s := &Stand{ground: w.ground(passed), faulty: w.fault.At > 0 && w.fault.At <= len(moves)}
	for _, worker := range left {
		s.minds[worker] = mind{t.heard[worker], t.next[worker]}
	}
	if last := len(moves) - 1; last >= 0 {
		s.last = moves[last].manner()
	}
	return s
}

// cause names what the effect of a worker's move depends on.
func (s *Stand) cause(worker int, kind Kind) Digest {
	d := digester{text: make([]byte, 0, 128)}
	d.text = append(d.text, s.ground[:]...)
	d.text = append(d.text, s.minds[worker].heard[:]...)
	d.words(s.minds[worker].next)
	d.words(string(kind))
	return d.sum()
}

// effect is what a move did. There are millions, so the names of calls stand there as numbers.
type effect struct {
	ground, heard Digest
	next          uint8
	call          uint8 // as it was known when it was made
	felt          bool
}

// names number texts.
type names struct {
	all    []string
	number map[string]uint8
}

func (n *names) of(text string) uint8 {
	number, known := n.number[text]
	if !known {
		number = uint8(len(n.all)) //nolint:gosec // there are some twenty calls
		n.all, n.number[text] = append(n.all, text), number
	}
	return number
}

// end is where both workers are done.
type end struct {
	ground Digest
	faulty bool
}

func (s *Stand) end() end { return end{s.ground, s.faulty} }

// digest names a stand.
func (s *Stand) digest() Digest {
	d := digester{text: make([]byte, 0, 192)}
	d.text = append(d.text, s.ground[:]...)
	for _, m := range s.minds {
		d.text = append(d.text, m.heard[:]...)
		d.words(m.next)
	}
	d.words(s.last)
	d.flag(s.faulty)
	return d.sum()
}

// manner tells moves apart that do not commute with the same moves.
func (m Move) manner() string {
	if m.Worker == 0 {
		return ""
	}
	m.Call = m.said
	d := digester{}
	d.words(m.said)
	d.flag(m.idle())
	d.flag(m.lasts())
	d.flag(m.changes())
	return string(d.text)
}

// Met says whether everything has stood so in another order; Meet notes it.
func (l *Lore) Met(s *Stand) bool { return l.met[s.digest()] }

// Meet notes that what can follow is being tried.
func (l *Lore) Meet(s *Stand) { l.met[s.digest()] = true }

// Pair gives the same lore for another pair, of which nothing was met.
func (l *Lore) Pair() *Lore {
	other := *l
	other.met = map[Digest]bool{}
	return &other
}

// learn notes what the last of some moves did.
func (l *Lore) learn(before *Stand, moves []Move, calls []string, after *Stand) {
	last := len(moves) - 1
	if before == nil || last < 0 || len(calls) <= last {
		return
	}
	m := moves[last]
	mind := after.minds[m.Worker]
	l.moves[before.cause(m.Worker, m.Kind)] =
		effect{after.ground, mind.heard, l.calls.of(mind.next), l.calls.of(calls[last]), m.felt}
}

// Foresee tells the moves of an order that goes on with one after some others, when all that it would bring was seen.
// If it was not, known is false, and the order must be tried.
func (l *Lore) Foresee(before []Move, first Move, fault Fault) (moves []Move, known bool) {
	s, all := first.Stand, slices.Clone(before)
	m := Move{Worker: first.Worker, Kind: first.Kind}
	for {
		m.said, m.Other = s.minds[m.Worker].next, s.minds[1-m.Worker].next
		e, seen := l.moves[s.cause(m.Worker, m.Kind)]
		if !seen {
			return nil, false
		}
		m.Call, m.felt = l.calls.all[e.call], e.felt
		all = append(all, m)
		if m.Again {
			return all, true
		}
		next := &Stand{ground: e.ground, minds: s.minds, last: m.manner(),
			faulty: fault.At > 0 && fault.At <= len(all)}
		next.minds[m.Worker] = mind{e.heard, l.calls.all[e.next]}
		s = next
		var left []int
		for worker, mind := range s.minds {
			if mind.next != "" {
				left = append(left, worker)
			}
		}
		if len(left) == 0 {
			return all, l.ends[s.end()]
		}
		at, another := pick(left, [2]string{s.minds[0].next, s.minds[1].next}, all, nil)
		if !another && l.Met(s) {
			return all, true
		}
		m = Move{Worker: left[at], Stand: s, Again: another}
	}
}

// drawn tells what was drawn at random from what it means: two orders of the same calls draw other tokens, and a token
// is worth no more than that it is another one than those before. What was there when the world was marked keeps its
// name.
type drawn struct {
	old map[string]bool
	new map[string]int // by when the run first heard of it
}

// tokens are the drawn words of what is on record.
func (w *World) tokens() map[string]bool {
	old := map[string]bool{}
	note := func(word string) string {
		old[word] = true
		return word
	}
	for _, part := range []any{w.attempts(), w.side.Books(), w.pages} {
		words(fmt.Sprintf("%+v", part), note)
	}
	return old
}

// name gives what a run draws the number of its appearance.
func (d drawn) name(word string) string {
	if d.old[word] {
		return word
	}
	n, known := d.new[word]
	if !known {
		n = len(d.new)
		d.new[word] = n
	}
	return "#" + strconv.Itoa(n)
}

// words gives a text with each of its words replaced that looks drawn: at least so long, with a digit, and no time.
func words(text string, replace func(word string) string) string {
	const short = 12 // the password of an order of the JSON gateway
	var b strings.Builder
	from, digits := 0, 0
	end := func(i int) {
		if word := text[from:i]; i-from >= short && digits > 0 && !strings.HasPrefix(word, "20") {
			b.WriteString(replace(word))
		} else {
			b.WriteString(word)
		}
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_':
		default:
			end(i)
			b.WriteByte(c)
			from, digits = i+1, 0
		}
	}
	end(len(text))
	return b.String()
}
