package console

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// barWidth is of the bar that Progress draws, in characters.
const barWidth = 30

// Progress tells on standard error how far long work is: at a terminal by a bar in one line, elsewhere, as in a log, by
// a line at its end. done and all count the same things.
func (c *Console) Progress(what string) func(done, all int) {
	file, is := c.Err.(*os.File)
	seen := is && term.IsTerminal(int(file.Fd()))
	return func(done, all int) {
		switch {
		case seen:
			full := barWidth * done / max(all, 1)
			_, _ = fmt.Fprintf(c.Err, "\r%s [%s%s] %d of %d", what, strings.Repeat("#", full),
				strings.Repeat(".", barWidth-full), done, all) // nobody is left to tell when standard error is closed
			if done == all {
				_, _ = fmt.Fprintln(c.Err) // as above
			}
		case done == all:
			c.Note("%s: %d of %d", what, done, all)
		}
	}
}
