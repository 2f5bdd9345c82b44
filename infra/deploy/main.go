// Command deploy brings a stage into the AWS account whose credentials are in the environment. It settles the stage's
// parameters and looks at the account before anything is built, packs, and leaves the rest to the SAM CLI.
//
//	STAGE=test PARAMETERS="AlarmEmail=oncall@shop.example" go run ./infra/deploy .cache/python/aws/bin .build/package
//
// The first argument is the folder of Python's tools, the second where the package goes. Without PARAMETERS the answers
// of the stage in samconfig.toml count; where there are none, it asks and keeps what it hears there.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The command line is make's: people type make deploy.
func main() {
	if len(os.Args) != 3 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: make deploy STAGE=test [PARAMETERS=\"Name=value ...\"]")
		os.Exit(2)
	}
	if err := deploy(os.Getenv("STAGE"), os.Getenv("PARAMETERS"), os.Args[1], os.Args[2]); err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "deploy: %v\n", err)
		os.Exit(1)
	}
}

// deploy refuses what it can before anything is built, since a build takes minutes and a failed stack has to be deleted
// by hand. The account is asked first for what stands in the way there.
func deploy(stage, parameters, tools, folder string) error {
	template, err := readTemplate("template.yaml")
	if err != nil {
		return err
	}
	if err := template.checkStage(stage); err != nil {
		return err
	}
	given, err := template.parse(stage, parameters)
	if err != nil {
		return err
	}
	kept, err := readAnswers(answersFile, stage)
	if err != nil {
		return err
	}
	// botocore knows AWS_DEFAULT_REGION and profiles only
	where, err := look(tools, stage, cmp.Or(kept.region, os.Getenv("AWS_REGION")))
	if err != nil {
		return err
	}
	asked := len(given) == 0
	if asked && !kept.there {
		if kept, err = template.ask(console{os.Stdin, os.Stdout}, stage, where.Region); err != nil {
			return err
		}
	}
	fmt.Printf("stack kassa-%s, account %s, region %s\n", stage, where.Account, where.Region)
	// The settings make a version of each function; see infra/pack. They are what counts, not how it was typed.
	if err := run("make", "--no-print-directory", "package", "PACKAGE="+folder,
		"SETTINGS="+digest(given, kept)); err != nil {
		return fmt.Errorf("packing failed: %w", err)
	}
	return run(filepath.Join(tools, "sam"), samArguments(stage, folder, given, kept, where)...)
}

// samArguments are those of `sam deploy`. It refuses a configuration file that is not there.
func samArguments(stage, folder string, given []parameter, kept answers, where place) []string {
	args := []string{"deploy", "--template-file", filepath.Join(folder, "template.yaml"), "--stack-name", "kassa-" + stage,
		"--region", where.Region, "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset"}
	if kept.there {
		here, err := filepath.Abs(answersFile)
		if err == nil { // without a working folder make would not have come this far
			args = append(args, "--config-file", here, "--config-env", stage)
		}
	}
	if len(given) == 0 && kept.unasked {
		return append(args, "--no-confirm-changeset")
	}
	if len(given) == 0 {
		return append(args, "--confirm-changeset")
	}
	args = append(args, "--no-confirm-changeset", "--parameter-overrides", "Stage="+stage)
	for _, p := range given {
		args = append(args, p.String())
	}
	return args
}

// place is where a stage lives, and what is there already; empty texts where nothing is.
type place struct{ Account, Region, Stack, Table string }

// look asks the account. What a deployment would fail at after minutes is said here.
func look(tools, stage, region string) (place, error) {
	stack, table := "kassa-"+stage, "kassa-"+stage+"-payments"
	//nolint:gosec // the caller's own tools and names
	python := exec.Command(filepath.Join(tools, "python"), "infra/deploy/account.py", stack, table, region)
	out, err := python.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return place{}, errors.New(strings.TrimSpace(string(failed.Stderr)))
	}
	var where place
	if err == nil {
		err = json.Unmarshal(out, &where)
	}
	if err != nil {
		return place{}, fmt.Errorf("the account cannot be asked: %w", err)
	}
	return where, where.refuses(stack, table)
}

// refuses says why a stack could not be made or changed.
func (p place) refuses(stack, table string) error {
	const how = "docs/deploy.md, \"If the first deployment of a stage fails\", says how to begin again"
	switch p.Stack {
	case "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "CREATE_FAILED":
		return fmt.Errorf("the stack %s is %s after an attempt that failed: %s", stack, p.Stack, how)
	case "", "REVIEW_IN_PROGRESS":
		if p.Table != "" {
			return fmt.Errorf("there is no stack %s, but its table %s exists, and a new one cannot have that name: %s", stack,
				table, how)
		}
	}
	return nil
}

// run lets make and the SAM CLI speak to the terminal themselves, and ask there; SAM is told to report nothing to
// anybody.
func run(name string, args ...string) error {
	command := exec.Command(name, args...) //nolint:gosec // make and SAM, and what the caller typed
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0")
	return command.Run()
}
