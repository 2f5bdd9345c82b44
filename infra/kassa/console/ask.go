package console

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Terminal is where a person can be asked.
type Terminal interface {
	Line() (string, error)   // what was typed until enter
	Hidden() (string, error) // the same, not shown while it is typed
}

// keyboard is a real terminal.
type keyboard struct {
	file    *os.File
	lines   *bufio.Reader
	stopped <-chan struct{}
}

// Keyboard is the terminal behind a file; nil when it is none. Once stopped is closed, by ctrl-C, nobody answers any
// more: a program that catches that signal would wait for a line all the same.
func Keyboard(file *os.File, stopped <-chan struct{}) Terminal {
	if !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return &keyboard{file, bufio.NewReader(file), stopped}
}

// Line reads what somebody types, as they see it.
func (k *keyboard) Line() (string, error) {
	return k.unlessStopped(func() (string, error) {
		text, err := k.lines.ReadString('\n')
		if errors.Is(err, io.EOF) && text != "" {
			err = nil
		}
		return text, err
	})
}

// Hidden reads a secret: it is not shown, and so stands in no scroll-back. A terminal that was stopped shows again what
// is typed.
func (k *keyboard) Hidden() (string, error) {
	before, beforeErr := term.GetState(int(k.file.Fd()))
	text, err := k.unlessStopped(func() (string, error) {
		text, err := term.ReadPassword(int(k.file.Fd()))
		return string(text), err
	})
	if errors.Is(err, errStopped) && beforeErr == nil {
		_ = term.Restore(int(k.file.Fd()), before) // the program ends, whether it could or not
	}
	return text, err
}

var errStopped = errors.New("interrupted")

// unlessStopped gives what a read brings. One that is stopped goes on until the program ends, which is soon.
func (k *keyboard) unlessStopped(read func() (string, error)) (string, error) {
	var text string
	var err error
	done := make(chan struct{})
	go func() {
		text, err = read()
		close(done)
	}()
	select {
	case <-done:
		return strings.TrimSpace(text), err
	case <-k.stopped:
		return "", errStopped
	}
}

// Ask asks for a line; fallback is the answer when nothing is typed. Where nobody can be asked it is the answer at
// once.
func (c *Console) Ask(question, fallback string) (string, error) {
	if c.Person == nil {
		return fallback, nil
	}
	if fallback != "" {
		question += " [" + fallback + "]"
	}
	_, _ = fmt.Fprint(c.Err, question+": ")
	text, err := c.Person.Line()
	if err != nil {
		_, _ = fmt.Fprintln(c.Err) // nothing was typed that would have ended the question's line
		return "", Fail(Failed, "no answer was given: %w", err)
	}
	if text == "" {
		return fallback, nil
	}
	return text, nil
}

// AskUntil asks for a line until take accepts it, and says each time why it does not; where nobody can be asked take
// gets "" once. Nothing that was answered before is lost to a slip.
func (c *Console) AskUntil(question string, take func(answer string) error) error {
	for {
		answer, err := c.Ask(question, "")
		if err != nil {
			return err
		}
		err = take(answer)
		if err == nil || c.Person == nil {
			return err
		}
		c.Note("%s", Say(err))
	}
}

// AskSecret asks for what must not be seen; "" where nobody can be asked.
func (c *Console) AskSecret(question string) (string, error) {
	if c.Person == nil {
		return "", nil
	}
	_, _ = fmt.Fprint(c.Err, question+" (not shown): ")
	text, err := c.Person.Hidden()
	_, _ = fmt.Fprintln(c.Err)
	if err != nil {
		return "", Fail(Failed, "no answer was given: %w", err)
	}
	return text, nil
}

// ConfirmIfSeen is Confirm where somebody sits at a terminal. Elsewhere, in a script, it goes on: for what moves no
// money.
func (c *Console) ConfirmIfSeen(yes bool, question string) error {
	return c.Confirm(yes || c.Person == nil, question)
}

// Confirm makes sure that a person means it: by the flag --yes, or by asking. Where nobody can be asked the flag is
// needed.
func (c *Console) Confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	if c.Person == nil {
		return Fail(Usage, "%s Nobody can be asked here: add --yes to say so.", question)
	}
	answer, err := c.Ask(question+" y/N", "")
	if err != nil {
		return err
	}
	if !strings.EqualFold(answer, "y") && !strings.EqualFold(answer, "yes") {
		return Fail(Failed, "nothing was done")
	}
	return nil
}
