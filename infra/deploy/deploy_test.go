package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func own(t *testing.T) template {
	t.Helper()
	read, err := readTemplate("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestStages(t *testing.T) {
	d := own(t)
	for stage, fine := range map[string]bool{"test": true, "prod": true, "shop-2": true, "": false, "local": false,
		"Prod": false, "a b": false,
		"2nd": false, "seventeen-letters": false, "x;y": false, "../prod": false, "prod\n": false} {
		if err := d.checkStage(stage); (err == nil) != fine {
			t.Errorf("STAGE=%q: %v", stage, err)
		}
	}
}

func TestParametersAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		" \t\n":                            "",
		"Stage=test":                       "",
		"AlarmEmail=oncall@shop.example":   `AlarmEmail="oncall@shop.example"`,
		" AlarmEmail='a@b.example'\n":      `AlarmEmail="a@b.example"`,
		`AlarmEmail="" ApiRateLimit="300"`: `AlarmEmail="" ApiRateLimit="300"`,
		"AlarmEmail=":                      `AlarmEmail=""`,
		`CallbackBaseUrl=https://x.example/a="b=c"`: `CallbackBaseUrl="https://x.example/a=b=c"`,
		`CallbackBaseUrl='https://x.example/"\'`:    `CallbackBaseUrl="https://x.example/\"\\"`,
		`InitiateConcurrency=-1`:                    `InitiateConcurrency="-1"`,
	} {
		all, err := own(t).parse("test", text)
		var got []string
		for _, p := range all {
			got = append(got, p.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

// TestAddressesThatNobodyUses: a function does not start with a callback address that has a query, and no browser
// sends an origin that is written otherwise than as it does.
func TestAddressesThatNobodyUses(t *testing.T) {
	for text, fine := range map[string]bool{
		"CallbackBaseUrl=https://pay.shop.example":                          true,
		"CallbackBaseUrl=https://pay.shop.example:8443/a/":                  true,
		"CallbackBaseUrl=https://pay.shop.example/?a=1":                     false,
		"CallbackBaseUrl=https://pay.shop.example?a":                        false,
		"CallbackBaseUrl=https://pay.shop.example/#a":                       false,
		"CallbackBaseUrl=https://me@pay.shop.example":                       false,
		"CallbackBaseUrl=https:///a":                                        false,
		"CallbackBaseUrl=http://pay.shop.example":                           false,
		"AllowedOrigins=https://xn--maaza-l1a.az,https://shop.example:8443": true,
		"AllowedOrigins=https://mağaza.az":                                  false,
		"AllowedOrigins=https://Shop.example":                               false,
		"AllowedOrigins=https://shop.example/":                              false,
		"AllowedOrigins=https://shop.example,":                              false,
		"AllowedOrigins=https://shop.example:":                              false,
		"AllowedOrigins=https://me@shop.example":                            false,
		"CallbackDomainName=pay.shop.example":                               true,
		"CallbackDomainName=pay.shop.example.":                              false,
		"CallbackDomainName=pay":                                            false,
		"CallbackDomainName=Pay.shop.example":                               false,
	} {
		if _, err := own(t).parse("test", text); (err == nil) != fine {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestEverythingWrongIsToldAtOnce, each mistake in words.
func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	_, err := own(t).parse("test",
		`AlarmEmial=a@b.example ApiRateLimit=many LogRetentionDays=31 AlarmEmail="a b@c.example" word Stage=prod `+
			`InitiateConcurrency=-2 RolloutGuarded=yes RolloutGuarded=true AllowedOrigins=* ParameterKey=AlarmEmail,`+
			`ParameterValue=x`)
	if err == nil {
		t.Fatal("all this is taken")
	}
	for _, want := range []string{"there is no parameter AlarmEmial", "ApiRateLimit=\"many\": a whole number",
		"LogRetentionDays=\"31\": one of 30, 60",
		"AlarmEmail=\"a b@c.example\": empty, or an e-mail address", "\"word\" is no Name=value", "said by STAGE=test alone",
		"at least -1",
		"RolloutGuarded=\"yes\": one of true, false", "RolloutGuarded is named twice", "AllowedOrigins=\"*\"",
		"there is no parameter ParameterKey"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
	if _, err := own(t).parse("test", `AlarmEmail="a@b.example`); err == nil ||
		!strings.Contains(err.Error(), "never closed") {
		t.Errorf("an open quote: %v", err)
	}
}

// TestAnswersAreKept, and found again as they were: only what differs from the template's own values stands in the
// file.
func TestAnswersAreKept(t *testing.T) {
	read := own(t)
	t.Chdir(t.TempDir())
	first, err := read.ask(console{strings.NewReader("no origin\nhttps://shop.example\n\n\n\nleft for the next"),
		io.Discard}, "test", "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read.ask(console{strings.NewReader("\noncall@shop.example\n\n\n"), io.Discard}, "prod",
		"eu-west-1"); err != nil {
		t.Fatal(err)
	}
	again, err := readAnswers(answersFile, "test")
	if err != nil || !again.there || again.region != "eu-central-1" ||
		strings.TrimSpace(again.text) != strings.TrimSpace(first.text) {
		t.Errorf("%+v, %v; want %+v", again, err, first)
	}
	if !strings.Contains(again.text, `"AllowedOrigins=\"https://shop.example\"",`) ||
		strings.Contains(again.text, "AlarmEmail") || digest(nil, again) != digest(nil, first) {
		t.Errorf("the answers are\n%s", again.text)
	}
	if other, err := readAnswers(answersFile, "staging"); err != nil || other.there {
		t.Errorf("a stage that was never asked for has %+v, %v", other, err)
	}
}

func TestForeignAnswers(t *testing.T) {
	const guided = "[test.deploy.parameters]\nstack_name = \"kassa-test\"\nregion = \"eu-west-1\"\nparameter_overrides " +
		"= \"Stage=\\\"test\\\" AllowedOrigins=\\\"\\\"\"\n"
	for name, c := range map[string]struct {
		text  string
		there bool
		wrong string
	}{
		"none":                   {"", false, ""},
		"of another stage":       {strings.ReplaceAll(guided, "test", "test-2"), false, ""},
		"as SAM's guide writes":  {"version = 0.1\n" + guided, true, ""},
		"as a table":             {"[test.deploy.parameters.parameter_overrides]\nStage = \"test\"\n", true, ""},
		"without its stage":      {strings.ReplaceAll(guided, "Stage=", "Stages="), false, "must say Stage=test"},
		"with another stage":     {strings.ReplaceAll(guided, `Stage=\"test`, `Stage=\"prod`), false, "must say Stage=test"},
		"with a longer one":      {strings.ReplaceAll(guided, `Stage=\"test`, `Stage=\"test2`), false, "must say Stage=test"},
		"other commands of SAM":  {"[test.build.parameters]\ncached = true\n", false, ""},
		"the default's sections": {strings.ReplaceAll(guided, "[test.", "[default."), false, ""},
	} {
		file := filepath.Join(t.TempDir(), answersFile)
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readAnswers(file, "test")
		if got.there != c.there || (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestTheSameSettingsMakeNoNewVersion, however they were typed.
func TestTheSameSettingsMakeNoNewVersion(t *testing.T) {
	of := func(text string) string {
		all, err := own(t).parse("test", text)
		if err != nil {
			t.Fatal(err)
		}
		return digest(all, answers{})
	}
	one := of("AlarmEmail=a@b.example ApiRateLimit=300")
	if of(`ApiRateLimit="300" Stage=test  AlarmEmail='a@b.example'`) != one {
		t.Error("another order makes another version")
	}
	if of("AlarmEmail=a@b.example ApiRateLimit=301") == one || of("AlarmEmail=a@b.example") == one {
		t.Error("other settings make no other version")
	}
}

// TestMakeLooksIntoNothing: what is typed reaches the command to the byte, and nothing of it is run.
func TestMakeLooksIntoNothing(t *testing.T) {
	made := filepath.Join(t.TempDir(), "made")
	typed := `AlarmEmail="o'neil+$x$(shell touch ` + made + `)$$@shop.example" CallbackBaseUrl=https://x.example/%20#\` +
		"`id`"
	c := exec.CommandContext(t.Context(), "make", "-s", "--eval", `show: ; @printenv STAGE PARAMETERS`, "show",
		"STAGE=a$(b)", "PARAMETERS="+typed)
	c.Dir, c.Env = "../..", append(os.Environ(), "MAKEFLAGS=") // none of the make's that runs this test
	said, err := c.CombinedOutput()
	if want := "a$(b)\n" + typed + "\n"; err != nil || string(said) != want {
		t.Errorf("%v: the command is told\n%s, want\n%s", err, said, want)
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("make has run a part of it")
	}
}

// TestSamIsGivenWhatIsThere: it refuses a file that is not.
func TestSamIsGivenWhatIsThere(t *testing.T) {
	without := samArguments("test", "p", []parameter{{"AlarmEmail", ""}}, answers{}, place{Region: "eu-central-1"})
	if slices.Contains(without, "--config-file") || !slices.Contains(without, "--no-confirm-changeset") ||
		!slices.Contains(without, `AlarmEmail=""`) || !slices.Contains(without, "Stage=test") {
		t.Error(without)
	}
	with := samArguments("test", "p", nil, answers{there: true}, place{Region: "eu-central-1"})
	if !slices.Contains(with, "--config-file") || !slices.Contains(with, "--confirm-changeset") ||
		slices.Contains(with, "--parameter-overrides") {
		t.Error(with)
	}
}

// TestAPipelineIsAskedNothing where its file says so.
func TestAPipelineIsAskedNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), answersFile)
	text := "[prod.deploy.parameters]\nconfirm_changeset = false\nrole_arn = \"arn:aws:iam::1:role/" +
		"x\"\nparameter_overrides = [\"Stage=prod\"]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	kept, err := readAnswers(file, "prod")
	if args := samArguments("prod", "p", nil, kept, place{}); err != nil ||
		!slices.Contains(args, "--no-confirm-changeset") || slices.Contains(args, "--confirm-changeset") {
		t.Errorf("%v, %v", args, err)
	}
}

func TestAFailedFirstDeploymentIsTold(t *testing.T) {
	for p, refused := range map[place]bool{
		{}: false, {Stack: "CREATE_COMPLETE", Table: "t"}: false, {Stack: "UPDATE_ROLLBACK_COMPLETE", Table: "t"}: false,
		{Stack: "REVIEW_IN_PROGRESS"}: false,
		{Stack: "ROLLBACK_COMPLETE"}:  true, {Stack: "ROLLBACK_FAILED", Table: "t"}: true,
		{Stack: "DELETE_FAILED", Table: "t"}: true,
		{Table: "t"}:                         true, {Stack: "REVIEW_IN_PROGRESS", Table: "t"}: true,
	} {
		if err := p.refuses("kassa-test", "t"); (err != nil) != refused || err != nil &&
			!strings.Contains(err.Error(), "says how to begin again") {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// TestNobodyToAsk: a closed input is no answer, and what stands behind a line is left for whoever reads next.
func TestNobodyToAsk(t *testing.T) {
	in := strings.NewReader("first\nsecond")
	c := console{in, io.Discard}
	if line, err := c.line(); line != "first" || err != nil || in.Len() != len("second") {
		t.Errorf("%q, %v, %d left", line, err, in.Len())
	}
	if line, err := c.line(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("%q, %v", line, err)
	}
}
