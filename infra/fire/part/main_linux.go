// Command part runs one part of the checkout as a process of its own, so that it can be killed alone, on the folder
// that a whole stack has filled before. It says "ready" once it serves, and ends with its standard input: with whoever
// started it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"kassa/infra/local/stack"
)

func main() {
	c := stack.Config{Errors: os.Stderr}
	flag.StringVar(&c.Data, "data", "", "the folder of all state")
	flag.IntVar(&c.Port, "port", 0, "the first port of the stack")
	flag.StringVar(&c.Binaries, "binaries", "", "the folder of the functions' programs")
	flag.StringVar(&c.Sockets, "sockets", "", "the folder to listen in")
	flag.Parse()
	// A file that may not grow is an error of the call then, as on a full disk, and does not end the program.
	signal.Ignore(syscall.SIGXFSZ)
	if err := run(context.Background(), c, flag.Arg(0)); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "part:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(ctx context.Context, c stack.Config, part string) error {
	s, err := stack.StartPart(ctx, c, part)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Kill()
}
