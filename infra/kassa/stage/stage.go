// Package stage says where a command works: a stage on AWS, reached with the credentials that the AWS tools use, or the
// stage "local", which is what `make run` has started on this machine.
package stage

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"kassa/infra/kassa/console"
	"kassa/shared/boot"
	"kassa/shared/checkout"
	"kassa/shared/dynamo"
)

// LocalStage is the stage of one machine.
const LocalStage = "local"

// Flags say where to work.
type Flags struct {
	Stage, Profile, Region, Table string
	// Getenv is the environment; os.Getenv where it is nil.
	Getenv func(string) string
}

// Register adds the flags to a set of them.
func (f *Flags) Register(set interface {
	StringVar(p *string, name, value, usage string)
}) {
	set.StringVar(&f.Stage, "stage", "",
		`stage to work on: "local" for what make run started, or the Stage of a deployment (env KASSA_STAGE)`)
	set.StringVar(&f.Profile, "profile", "", "AWS profile (env AWS_PROFILE)")
	set.StringVar(&f.Region, "region", "", "AWS region (env AWS_REGION)")
	set.StringVar(&f.Table, "table", "",
		"DynamoDB table, such as one that was restored (env KASSA_TABLE; default kassa-<stage>-payments)")
}

// env is a variable of the environment, which a test gives itself.
func (f *Flags) env(name string) string {
	if f.Getenv == nil {
		return os.Getenv(name)
	}
	return f.Getenv(name)
}

// Words are these flags as they would be typed again: the stage, also where the environment names it, and whatever else
// was given.
func (f *Flags) Words() (words []string) {
	if stage, err := f.Name(); err == nil {
		words = append(words, "--stage", stage)
	}
	for _, flag := range [][2]string{{"--profile", f.Profile}, {"--region", f.Region}, {"--table", f.Table}} {
		if flag[1] != "" {
			words = append(words, flag[0], flag[1])
		}
	}
	return words
}

var stageForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)

// Name is the stage that is meant, whether or not it can be reached.
func (f *Flags) Name() (string, error) {
	stage := f.Stage
	if stage == "" {
		stage = f.env("KASSA_STAGE")
	}
	if stage == "" {
		return "", console.Fail(console.Usage,
			`no stage is named: add --stage local for what "make run" started, or --stage prod for the deployment of that `+
				`Stage (or set KASSA_STAGE)`)
	}
	if !stageForm.MatchString(stage) {
		return "", console.Fail(console.Usage,
			"%q is no stage: it is lower-case letters, digits and hyphens, at most 16, a letter first", stage)
	}
	return stage, nil
}

// Stage is a stage that can be worked on.
type Stage struct {
	Name  string
	Table string
	Local *Local // what runs on this machine; nil on AWS

	config aws.Config
}

// Open finds the stage and how to reach it. It makes sure that there are credentials, or that the local stack is there,
// and calls nothing else.
func (f *Flags) Open(ctx context.Context) (Stage, error) {
	stage, err := f.Name()
	if err != nil {
		return Stage{}, err
	}
	if stage == LocalStage {
		return f.openLocal(ctx)
	}
	config, err := f.loadAWS(ctx)
	if err != nil {
		return Stage{}, err
	}
	return Stage{Name: stage, Table: cmp.Or(f.Table, f.env("KASSA_TABLE"), "kassa-"+stage+"-payments"), config: config},
		nil
}

// Secrets speaks to Secrets Manager.
func (s Stage) Secrets() *secretsmanager.Client { return secretsmanager.NewFromConfig(s.config) }

// Metrics speaks to CloudWatch; nil for this machine, where nothing is measured.
func (s Stage) Metrics() *cloudwatch.Client {
	if s.Local != nil {
		return nil
	}
	return cloudwatch.NewFromConfig(s.config)
}

// Store is the stage's payments.
func (s Stage) Store() *dynamo.Store { return dynamo.New(dynamodb.NewFromConfig(s.config), s.Table) }

// Service is the use cases over the stage's payments, with the shops' real banks.
func (s Stage) Service(log *slog.Logger) *checkout.Service {
	return boot.Connect(s.Store(), s.Secrets(), s.Name, log)
}

// String names the stage for messages.
func (s Stage) String() string {
	if s.Local != nil {
		return "the local stack (" + s.Local.File + ")"
	}
	return fmt.Sprintf("stage %s in %s", s.Name, s.config.Region)
}

// patience bounds the search for credentials: on a machine without any, the SDK asks an address that only answers on
// EC2.
const patience = 10 * time.Second
