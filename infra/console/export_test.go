package console

// Token is that of a form to an address which no page has.
func (c *Console) Token(address string) string { return c.guard.Token(address) }
