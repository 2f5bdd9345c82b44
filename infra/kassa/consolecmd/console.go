// Package consolecmd is `kassa console`: it opens the stage as every other command does, and serves the screens over
// it.
package consolecmd

import (
	"context"
	"log/slog"
	"sync"

	"github.com/spf13/cobra"

	web "kassa/infra/console"
	"kassa/infra/console/screen"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/stage"
	"kassa/infra/kassa/tool"
	"kassa/infra/kassa/vault"
)

// flags is what the command was told.
type flags struct {
	shop, as      string
	port          int
	write, noOpen bool
}

// New makes the command.
func New(t *tool.Tool) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:   "console",
		Short: "Show the day, the payments and what people must decide in a browser on this machine",
		Long: `Serves a console for staff to a browser on this machine: the day, the payments, what people must look at. It
works with this command's own credentials and can do nothing that they may not. It can be reached from this machine
alone, by the one address that it tells: that works once, for the browser that opens it first. It ends with this command
(Ctrl-C).

Nothing can be changed unless --write is given; what is done then stands in the payments' histories under your name.

With --json: {"url"}, the address, before anything is served.

` + console.Codes,
		Example: "  kassa console --stage local\n  kassa console --write --as aysel --stage prod --profile shop",
		Args:    tool.Exactly(),
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c.Context(), t) },
	}
	c.Flags().StringVar(&f.shop, "shop", "", "the `shop` to begin with, where these credentials may not list shops")
	c.Flags().IntVar(&f.port, "port", 0, "listen on this `port` of 127.0.0.1 (default any that is free)")
	c.Flags().BoolVar(&f.write, "write", false, "allow refunds, cancellations, decisions and sending messages again")
	c.Flags().BoolVar(&f.noOpen, "no-open", false, "do not open the browser, only tell the address")
	tool.Operator(c, t, &f.as)
	return c
}

func (f flags) run(ctx context.Context, t *tool.Tool) error {
	var wrong []error
	if f.port < 0 || f.port > 65535 {
		wrong = append(wrong, console.Fail(console.Usage, "--port %d is none: it is 1 to 65535", f.port))
	}
	if f.shop != "" && !vault.IsShopID(f.shop) {
		wrong = append(wrong, console.Fail(console.Usage,
			"--shop %q is no id of a shop: it is 1 to 32 of a-z, 0-9 and -", f.shop))
	}
	by := ""
	if f.write {
		var err error
		by, err = tool.Actor(f.as)
		wrong = append(wrong, err)
	}
	if err := console.All(wrong...); err != nil {
		return err
	}
	at, err := t.Flags.Open(ctx)
	if err != nil {
		return err
	}
	var behind sync.WaitGroup
	defer behind.Wait() // what the pages have begun writes its last down
	k := f.kassa(t, at, by)
	k.Behind = func(work func(context.Context)) { behind.Go(func() { work(ctx) }) }
	served, err := web.Listen(k, f.port)
	if err != nil {
		return console.Fail(console.TryAgain, "%w; another --port may be free", err)
	}
	if err := tell(t, served.Address()); err != nil {
		return err
	}
	if f.write {
		t.Console.Note("changes are allowed, by %s on %s; end with Ctrl-C", by, at)
	} else {
		t.Console.Note("read-only on %s; --write allows changes; end with Ctrl-C", at)
	}
	if !f.noOpen && t.Console.Person != nil {
		open(ctx, t, served.Address())
	}
	return served.Serve(ctx)
}

// kassa is what the screens work on.
func (f flags) kassa(t *tool.Tool, at stage.Stage, by string) screen.Kassa {
	log := slog.New(slog.NewTextHandler(t.Console.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	return screen.Kassa{Store: at.Store(), Service: at.Service(log), Shops: newShops(at, f.shop), Stage: at.Name,
		Operator: by, Write: f.write, Now: t.Now, Health: health{vault.New(at.Secrets(), at.Name), at, t.Now}}
}
