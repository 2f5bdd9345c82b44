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
func (r *running) value(t testing.TB, name string) (string, []string) {
	t.Helper()
	out, err := r.secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		t.Fatal(err)
	}
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
		token, value, current string
		stages                []string // of the version that was meant
	}{
		{"b", "two", "two", []string{"AWSCURRENT"}},
		{"b", "two", "two", []string{"AWSCURRENT"}}, // the same request once more
		{"c", "three", "three", []string{"AWSCURRENT"}},
		{"b", "two", "three", []string{"AWSPREVIOUS"}}, // it came too late
		{"d", "four", "four", []string{"AWSCURRENT"}},
		{"b", "two", "four", nil},
	} {
		in := &secretsmanager.PutSecretValueInput{SecretId: name, ClientRequestToken: token(step.token),
			SecretString: &step.value}
		out, err := r.secrets.PutSecretValue(t.Context(), in)
		if err != nil || *out.VersionId != *in.ClientRequestToken || !reflect.DeepEqual(out.VersionStages, step.stages) {
			t.Fatalf("put %s: %+v, error %v", step.value, out, err)
		}
		if current, stages := r.value(t, *name); current != step.current ||
			!reflect.DeepEqual(stages, []string{"AWSCURRENT"}) {
			t.Errorf("after %s the current one is %s %v", step.value, current, stages)
		}
	}
	_, err := r.secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: name,
		ClientRequestToken: token("b"), SecretString: aws.String("other")})
	var exists *types.ResourceExistsException
	if !errors.As(err, &exists) {
		t.Errorf("another value under a used token: %v", err)
	}
	r = r.again(t)
	if got, _ := r.value(t, *name); got != "four" {
		t.Errorf("after a restart the current one is %q", got)
	}
	described, err := r.secrets.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: name})
	want := map[string][]string{*token("c"): {"AWSPREVIOUS"}, *token("d"): {"AWSCURRENT"}}
	if err != nil || !reflect.DeepEqual(described.VersionIdsToStages, want) || !described.CreatedDate.Equal(born) {
		t.Errorf("described %+v, error %v", described, err)
	}
}

// TestOldVersionsAreDropped: a hundred are kept, so the token of an older one is free again.
func TestOldVersionsAreDropped(t *testing.T) {
	r := start(t)
	r.create(t, "a", "v")
	put := func(i int, value string) error {
		in := &secretsmanager.PutSecretValueInput{SecretId: aws.String("a"),
			ClientRequestToken: aws.String(fmt.Sprintf("%032d", i)), SecretString: &value}
		_, err := r.secrets.PutSecretValue(t.Context(), in)
		return err
	}
	for i := range 103 {
		if err := put(i, "v"); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(3, "another"); err == nil {
		t.Error("version 3 is dropped, and is among the last hundred")
	}
	if err := put(2, "another"); err != nil {
		t.Errorf("version 2 is kept: %v", err)
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
		"by label": {get(&secretsmanager.GetSecretValueInput{SecretId: a, VersionStage: aws.String("AWSPREVIOUS")}),
			"ValidationException", `"VersionStage"`},
		"by version": {get(&secretsmanager.GetSecretValueInput{SecretId: a, VersionId: token("z")}),
			"ValidationException", `"VersionId"`},
		"put elsewhere": {put(&secretsmanager.PutSecretValueInput{SecretId: a, SecretString: text,
			VersionStages: []string{"X"}}), "ValidationException", `"VersionStages"`},
		"create nothing": {create(&secretsmanager.CreateSecretInput{Name: aws.String("c")}), "InvalidRequestException",
			"SecretString or SecretBinary"},
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
	var all []string
	for i := range 205 {
		all = append(all, fmt.Sprintf("kassa/shop/%03d", i))
	}
	for _, name := range append(slices.Clone(all), "kassa/shoq", "kassa/bank/a", "kassa/bank/b", "other/a") {
		r.create(t, name, "x")
	}
	named := func(values ...string) *secretsmanager.ListSecretsInput {
		return &secretsmanager.ListSecretsInput{
			Filters: []types.Filter{{Key: types.FilterNameStringTypeName, Values: values}}}
	}
	for prefix, want := range map[string][]string{"kassa/shop/": all, "kassa/bank/": {"kassa/bank/a", "kassa/bank/b"},
		"a": nil, "other/ab": nil} {
		var names []string
		pages := secretsmanager.NewListSecretsPaginator(r.secrets, named(prefix))
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil || len(page.SecretList) > 100 {
				t.Fatalf("a page of %d, error %v", len(page.SecretList), err)
			}
			for _, entry := range page.SecretList {
				names = append(names, *entry.Name)
			}
		}
		if !slices.Equal(names, want) {
			t.Errorf("below %s: %q", prefix, names)
		}
	}
	byTag := &secretsmanager.ListSecretsInput{
		Filters: []types.Filter{{Key: types.FilterNameStringTypeTagKey, Values: []string{"x"}}}}
	for _, in := range []*secretsmanager.ListSecretsInput{{}, named("!kassa/"), named("a", "b"), named(), byTag} {
		_, err := r.secrets.ListSecrets(t.Context(), in)
		wantCode(t, err, "ValidationException", "one prefix")
	}
}
