package engine_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

func (r *running) create(t testing.TB, name, value string) *secretsmanager.CreateSecretOutput {
	t.Helper()
	out, err := r.secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// value reads a secret and returns its text and the labels of the version.
func (r *running) value(t testing.TB, in *secretsmanager.GetSecretValueInput) (string, []string) {
	t.Helper()
	out, err := r.secrets.GetSecretValue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out.VersionStages)
	return *out.SecretString, out.VersionStages
}

func token(letter string) *string { return aws.String(strings.Repeat(letter, 32)) }

func TestSecretVersions(t *testing.T) {
	r := start(t)
	name := aws.String("kassa/local/shop/demo-az")
	created := r.create(t, *name, "one")
	if *created.Name != *name || !strings.HasPrefix(*created.ARN, "arn:aws:secretsmanager:eu-test-1:") ||
		*created.VersionId == "" {
		t.Errorf("created %+v", created)
	}
	for _, step := range []struct {
		token, value  string
		stages        []string
		current, prev string
	}{
		{"b", "two", nil, "two", "one"},
		{"b", "two", nil, "two", "one"}, // the same request once more
		{"c", "three", []string{"AWSPENDING"}, "two", "one"},
		{"d", "four", []string{"AWSCURRENT"}, "four", "two"},
	} {
		in := &secretsmanager.PutSecretValueInput{SecretId: name, ClientRequestToken: token(step.token),
			SecretString: &step.value, VersionStages: step.stages}
		out, err := r.secrets.PutSecretValue(t.Context(), in)
		if err != nil || *out.VersionId != *in.ClientRequestToken ||
			(step.stages != nil && !reflect.DeepEqual(out.VersionStages, step.stages)) {
			t.Fatalf("put %s: %+v, error %v", step.value, out, err)
		}
		current, stages := r.value(t, &secretsmanager.GetSecretValueInput{SecretId: name})
		if current != step.current || !reflect.DeepEqual(stages, []string{"AWSCURRENT"}) {
			t.Errorf("after %s the current one is %s %v", step.value, current, stages)
		}
		previous, stages := r.value(t, &secretsmanager.GetSecretValueInput{SecretId: name,
			VersionStage: aws.String("AWSPREVIOUS")})
		if previous != step.prev || !reflect.DeepEqual(stages, []string{"AWSPREVIOUS"}) {
			t.Errorf("after %s the previous one is %s %v", step.value, previous, stages)
		}
	}
	_, err := r.secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: name,
		ClientRequestToken: token("b"), SecretString: aws.String("other")})
	var exists *types.ResourceExistsException
	if !errors.As(err, &exists) {
		t.Errorf("another value under a used token: %v", err)
	}
	r = r.again(t)
	for _, id := range []string{*name, *created.ARN,
		strings.TrimSuffix(*created.ARN, (*created.ARN)[len(*created.ARN)-7:])} {
		if got, _ := r.value(t, &secretsmanager.GetSecretValueInput{SecretId: &id, VersionId: token("c")}); got != "three" {
			t.Errorf("version c by %s is %q", id, got)
		}
	}
	described, err := r.secrets.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: name})
	want := map[string][]string{*token("b"): {"AWSPREVIOUS"}, *token("c"): {"AWSPENDING"}, *token("d"): {"AWSCURRENT"}}
	if err != nil || !reflect.DeepEqual(described.VersionIdsToStages, want) || !described.CreatedDate.Equal(born) {
		t.Errorf("described %+v, error %v", described, err)
	}
}

func TestOldVersionsAreDropped(t *testing.T) {
	r := start(t)
	r.create(t, "a", "v")
	for i := range 103 {
		in := &secretsmanager.PutSecretValueInput{SecretId: aws.String("a"),
			ClientRequestToken: aws.String(fmt.Sprintf("%032d", i)), SecretString: aws.String("v")}
		if i == 0 {
			in.VersionStages = []string{"KEEP"}
		}
		if _, err := r.secrets.PutSecretValue(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	for token, kept := range map[int]bool{0: true, 1: false, 3: false, 4: true, 102: true} {
		_, err := r.secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("a"),
			VersionId: aws.String(fmt.Sprintf("%032d", token))})
		if (err == nil) != kept {
			t.Errorf("version %d: error %v", token, err)
		}
	}
}

func TestCreatingASecretTwice(t *testing.T) {
	r := start(t)
	in := &secretsmanager.CreateSecretInput{Name: aws.String("a"), SecretBinary: []byte{0, 255},
		ClientRequestToken: token("a")}
	for range 2 {
		if out, err := r.secrets.CreateSecret(t.Context(), in); err != nil || *out.VersionId != *token("a") {
			t.Fatalf("the same request: %+v, error %v", out, err)
		}
	}
	out, err := r.secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: in.Name})
	if err != nil || string(out.SecretBinary) != "\x00\xff" || out.SecretString != nil {
		t.Errorf("value %+v, error %v", out, err)
	}
	in.SecretBinary = []byte("other")
	_, err = r.secrets.CreateSecret(t.Context(), in)
	wantCode(t, err, "ResourceExistsException", "the secret a already exists")
	in.SecretBinary, in.ClientRequestToken = []byte{0, 255}, nil
	_, err = r.secrets.CreateSecret(t.Context(), in)
	wantCode(t, err, "ResourceExistsException", "")
}

func TestSecretRefusals(t *testing.T) {
	r := start(t)
	r.create(t, "a", "one")
	get := func(in *secretsmanager.GetSecretValueInput) error {
		_, err := r.secrets.GetSecretValue(t.Context(), in)
		return err
	}
	put := func(in *secretsmanager.PutSecretValueInput) error {
		_, err := r.secrets.PutSecretValue(t.Context(), in)
		return err
	}
	create := func(in *secretsmanager.CreateSecretInput) error {
		_, err := r.secrets.CreateSecret(t.Context(), in)
		return err
	}
	a, text := aws.String("a"), aws.String("x")
	for name, tc := range map[string]struct {
		err        error
		code, want string
	}{
		"no such secret": {get(&secretsmanager.GetSecretValueInput{SecretId: aws.String("b")}), "ResourceNotFoundException",
			"can't find the specified secret."},
		"no such label": {get(&secretsmanager.GetSecretValueInput{SecretId: a, VersionStage: aws.String("AWSPREVIOUS")}),
			"ResourceNotFoundException", "staging label: AWSPREVIOUS"},
		"no such version": {get(&secretsmanager.GetSecretValueInput{SecretId: a, VersionId: token("z")}),
			"ResourceNotFoundException", "VersionId"},
		"put nowhere": {put(&secretsmanager.PutSecretValueInput{SecretId: aws.String("b"), SecretString: text}),
			"ResourceNotFoundException", ""},
		"put nothing": {put(&secretsmanager.PutSecretValueInput{SecretId: a}), "InvalidRequestException",
			"SecretString or SecretBinary"},
		"both values": {put(&secretsmanager.PutSecretValueInput{SecretId: a, SecretString: text,
			SecretBinary: []byte("x")}), "InvalidParameterException", "both"},
		"short token": {put(&secretsmanager.PutSecretValueInput{SecretId: a, SecretString: text,
			ClientRequestToken: text}), "InvalidParameterException", "ClientRequestToken"},
		"too large": {put(&secretsmanager.PutSecretValueInput{SecretId: a,
			SecretString: aws.String(strings.Repeat("x", 65537))}), "ValidationException", "65536"},
		"bad name": {create(&secretsmanager.CreateSecretInput{Name: aws.String("a b"), SecretString: text}),
			"InvalidParameterException", "Invalid name"},
		"tags": {create(&secretsmanager.CreateSecretInput{Name: aws.String("c"), SecretString: text,
			Tags: []types.Tag{{}}}), "ValidationException", `"Tags"`},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, tc.err, tc.code, tc.want) })
	}
}

func TestListSecrets(t *testing.T) {
	r := start(t)
	for _, name := range []string{"kassa/b", "kassa/a", "other/a", "kassa/c"} {
		r.create(t, name, "x")
	}
	list := func(in *secretsmanager.ListSecretsInput) string {
		t.Helper()
		var names []string
		for {
			out, err := r.secrets.ListSecrets(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range out.SecretList {
				names = append(names, *entry.Name)
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return strings.Join(names, " ")
			}
		}
	}
	named := func(values ...string) []types.Filter {
		return []types.Filter{{Key: types.FilterNameStringTypeName, Values: values}}
	}
	for _, tc := range []struct {
		in   secretsmanager.ListSecretsInput
		want string
	}{
		{secretsmanager.ListSecretsInput{}, "kassa/a kassa/b kassa/c other/a"},
		{secretsmanager.ListSecretsInput{MaxResults: aws.Int32(1), Filters: named("kassa/")}, "kassa/a kassa/b kassa/c"},
		{secretsmanager.ListSecretsInput{Filters: named("!kassa/")}, "other/a"},
		{secretsmanager.ListSecretsInput{Filters: named("other/", "kassa/c")}, "kassa/c other/a"},
		{secretsmanager.ListSecretsInput{Filters: named("a")}, ""},
	} {
		if got := list(&tc.in); got != tc.want {
			t.Errorf("listed %q, want %q", got, tc.want)
		}
	}
	_, err := r.secrets.ListSecrets(t.Context(),
		&secretsmanager.ListSecretsInput{
			Filters: []types.Filter{{Key: types.FilterNameStringTypeTagKey, Values: []string{"x"}}}})
	wantCode(t, err, "ValidationException", "tag-key")
}
