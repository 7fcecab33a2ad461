package recording

import (
	"strings"

	"github.com/irctl/irctl/internal/pattern"
)

// masker takes secrets out of what is shown: those that are known, and what looks
// like one. A private key is one over many lines.
type masker struct {
	known func(string) string
	key   bool // inside a private key
}

const masked = "[redacted]"

// likely are what secrets look like; the first group of each stays.
var likely = pattern.Late(`(?i)(\b(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key)["']?\s*[:=]\s*["']?)[^\s"']{4,}` +
	`|(\bauthorization:\s*(?:bearer|basic)\s+)\S+` +
	`|(\b[a-z][a-z0-9+.-]*://[^\s:/@]+:)[^\s/@]+@` +
	`|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{20,}|\bxox[abeprs]-[0-9A-Za-z-]{10,}` +
	`|\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*`)

// Without returns a text without secrets: those that known takes out, and what looks
// like one.
func Without(known func(string) string, text string) string {
	return (&masker{known: known}).text(text)
}

func (m *masker) text(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if strings.Contains(line, "-----BEGIN ") && strings.Contains(line, "PRIVATE KEY") {
			m.key = true
			out.WriteString(masked + "\r\n")
		}
		if !m.key {
			line = m.known(line)
			out.WriteString(likely().ReplaceAllStringFunc(line, func(found string) string {
				for _, kept := range likely().FindStringSubmatch(found)[1:] {
					if kept != "" {
						end := ""
						if strings.HasSuffix(found, "@") {
							end = "@"
						}
						return kept + masked + end
					}
				}
				return masked
			}))
		}
		if strings.Contains(line, "-----END ") {
			m.key = false
		}
	}
	return out.String()
}
