package shop

// Read reads the content of a shop's secret in a stage, as the functions do: what it takes, they take. Misconfigured
// when it is wrong; Fields then tells everything that is, by JSON pointers, and repeats nothing of the secret.
func Read(content []byte, stage string) (Settings, error) {
	return decodeSettings("of a shop", content, stage)
}
