//go:build unix

package crash

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/child"
	"github.com/irctl/irctl/internal/realtest"
)

// TestAnSSHThatEndsWith255ReachesOnFailure: 255 is how ssh ends when it failed
// itself. Where the command never began, the step of a playbook has failed, and
// its on_failure follows. Where it had begun, nobody can tell what it did until a
// person says that it did not happen.
func TestAnSSHThatEndsWith255ReachesOnFailure(t *testing.T) {
	server := realtest.StartSSHD(t)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := nobody.Addr().(*net.TCPAddr).Port
	require.NoError(t, nobody.Close())
	for began, port := range map[bool]int{false: closed, true: server.Port()} {
		t.Run(fmt.Sprintf("began: %t", began), func(t *testing.T) {
			at, home := t.TempDir(), t.TempDir()
			playbook, env := filepath.Join(at, "lost.json"), filepath.Join(at, "environment.yaml")
			require.NoError(t, os.WriteFile(playbook, fmt.Appendf(nil, `{"type": "playbook", "spec_version": "cacao-2.0", "id": "playbook--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f001",
  "name": "Lost", "created_by": "identity--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f002", "created": "2026-03-01T12:00:00.000Z", "modified": "2026-03-01T12:00:00.000Z",
  "workflow_start": "start--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f003",
  "workflow": {
    "start--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f003": {"type": "start", "on_completion": "action--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f004"},
    "action--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f004": {"type": "action", "name": "Far", "on_success": "end--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f006", "on_failure": "action--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f005",
      "commands": [{"type": "ssh", "command": "exit 255"}], "agent": "ssh--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f007"},
    "action--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f005": {"type": "action", "name": "Handle", "on_completion": "end--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f006",
      "commands": [{"type": "bash", "command": "touch %s"}], "agent": "individual--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f008"},
    "end--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f006": {"type": "end"}
  },
  "agent_definitions": {
    "ssh--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f007": {"type": "ssh", "name": "web", "address": {"dname": ["web1.example.com"]}},
    "individual--0c3ef8a4-8a0c-4a7e-9d0a-51b3f0a1f008": {"type": "individual", "name": "Responder"}
  }
}
`, filepath.Join(at, "handled")), 0o600))
			require.NoError(t, os.WriteFile(env, fmt.Appendf(nil, `irctl: v1
kind: environment
name: lost
allow: {loopback: true}
targets:
  web: {type: ssh, config: {host: 127.0.0.1, port: %d, user: %s, identity: %s, known_hosts: %s, config: /dev/null}}
`, port, server.User, server.Identity(), server.KnownHosts()), 0o600))
			out, err := child.Command(t, home, nil, "run", playbook, "--env", env).CombinedOutput()
			code, _, err := child.Ended(err)
			require.NoError(t, err)
			if began {
				require.Equal(t, 7, code, "%s", out)
				require.NoFileExists(t, filepath.Join(at, "handled"))
				code, out = failed(t, home, "far")
			}
			require.Zero(t, code, "%s", out)
			require.FileExists(t, filepath.Join(at, "handled"))
		})
	}
}
