package contract

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/irctl/irctl/internal/actiontest"
	"github.com/irctl/irctl/pkg/action"
)

const passwordFile = "/etc/apache2/portal.htpasswd"

// htpasswdFile has entries of alice and of others.
type htpasswdFile struct {
	machine
	old string // alice's hash
}

func startHtpasswd(t *testing.T, a action.Action) actiontest.StandIn {
	hash, err := bcrypt.GenerateFromPassword([]byte("old"), bcrypt.MinCost)
	require.NoError(t, err)
	s := &htpasswdFile{old: string(hash)}
	entry := "alice:" + s.old + ":since May\n"
	if a.Spec().Name == "account.enable" {
		entry = "#irctl-disabled-0123456789ab " + entry
	}
	s.files = map[string]string{passwordFile: "# staff\nbob:$apr1$x$y\n" + entry + "carol:$apr1$x$z\n"}
	s.changes = func([]string) bool { return false }
	s.program = func([]string, string) (string, string, int) { return "", "", 1 } // no configuration names a file
	s.req = request(t, a, "htpasswd", action.Values{"account": "alice"}, map[string]any{
		"file": passwordFile, "old_password": action.NewSecret("old"),
	})
	return s
}

func (s *htpasswdFile) State() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, hash, _ := strings.Cut(s.files[passwordFile], "alice:")
	hash, _, _ = strings.Cut(hash, ":")
	return strings.ReplaceAll(s.content(), hash, map[bool]string{true: "old", false: "new"}[hash == s.old])
}
