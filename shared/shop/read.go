package shop

// Read reads the content of a shop's secret in a stage: what it takes, the functions take whole. Misconfigured when
// anything is wrong; Fields then tells everything that is, by JSON pointers, and repeats nothing of the secret.
func Read(content []byte, stage string) (Settings, error) {
	s, err := decodeSettings("of a shop", content, stage)
	if err != nil {
		return Settings{}, err
	}
	return s, nil
}
