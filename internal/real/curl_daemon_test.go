//go:build unix

package real

import (
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Answer is what a visitor of a website gets.
type Answer struct {
	Status     int
	RetryAfter string
	Body       string
}

// Visit asks a website as a visitor does, with curl. More is further arguments
// of curl's.
func Visit(t testing.TB, url string, more ...string) Answer {
	t.Helper()
	realtest.Need(t, "curl")
	a, err := curl(url, more...)
	require.NoError(t, err)
	return a
}

func curl(url string, more ...string) (Answer, error) {
	args := append([]string{"--silent", "--show-error", "--noproxy", "*", "--max-time", "10", "--path-as-is", "--dump-header", "-", url}, more...)
	out, err := exec.Command("curl", args...).Output()
	if err != nil {
		return Answer{}, fmt.Errorf("curl %s: %w", url, err)
	}
	head, body, _ := strings.Cut(string(out), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	words := strings.Fields(lines[0])
	if len(words) < 2 {
		return Answer{}, fmt.Errorf("curl %s: no status in %q", url, lines[0])
	}
	a := Answer{Body: body}
	if a.Status, err = strconv.Atoi(words[1]); err != nil {
		return Answer{}, err
	}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		if http.CanonicalHeaderKey(name) == "Retry-After" {
			a.RetryAfter = strings.TrimSpace(value)
		}
	}
	return a, nil
}
