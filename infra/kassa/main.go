// Command kassa sets shops up and looks after their payments, on AWS and on one machine: kassa --help.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"kassa/infra/kassa/command"
	"kassa/infra/kassa/console"
	"kassa/infra/kassa/tool"
)

func main() {
	// a month of payments is garbage as soon as it is added up: collecting it as often as Go does by itself is a fourth of
	// the work, and so seldom it takes no more memory than a browser's page
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx := context.Background()
	if !signal.Ignored(syscall.SIGHUP) { // nohup has it ignored
		// a terminal that is closed says so, by its shell once more, and money may be on its way: it is heard to the end
		ctx, _ = signal.NotifyContext(ctx, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal then ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// called is how the program was typed: with its path where it was given one, as a clone's .build/kassa is.
func called(args []string) string {
	if len(args) > 0 && strings.ContainsRune(args[0], os.PathSeparator) {
		return args[0]
	}
	return "kassa"
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return command.Run(ctx, &tool.Tool{
		Console: &console.Console{Out: stdout, Err: stderr, Person: console.Keyboard(os.Stdin, ctx.Done())},
		Now:     time.Now,
		User:    os.Getenv("USER"),
		Program: called(os.Args),
	}, args)
}
