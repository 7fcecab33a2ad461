//go:build unix

package real

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/realtest"
)

// Who may do what in Request Tracker.
const (
	// TrackerQueue is the queue of incidents.
	TrackerQueue = "Incidents"
	// TrackerUser may open, see, comment and change tickets in the queue.
	TrackerUser     = "irctl"
	TrackerPassword = "canary-tracker-password"
	// TrackerViewer may see tickets and nothing more.
	TrackerViewer         = "viewer"
	TrackerViewerPassword = "canary-tracker-viewer"
	// TrackerWriter may do all that TrackerUser may, except see comments.
	TrackerWriter         = "writer"
	TrackerWriterPassword = "canary-tracker-writer"
)

// RequestTracker is Request Tracker 5 with a database of its own in SQLite.
type RequestTracker struct{ *realtest.Process }

// StartRequestTracker starts one with an empty queue.
func StartRequestTracker(t testing.TB) *RequestTracker {
	t.Helper()
	program := realtest.Need(t, "rt-server")
	setup := realtest.Need(t, "rt-setup-database-5")
	return &RequestTracker{realtest.Daemon{
		Ports:     1,
		Configure: func(at realtest.Place) error { return configureTracker(setup, at) },
		Command: func(at realtest.Place) *exec.Cmd {
			cmd := at.Command(program, "--host", realtest.Loopback, "--port", fmt.Sprint(at.Ports[0]), "--max-workers", "2")
			cmd.Env = trackerEnv(at)
			return cmd
		},
		Ready: func(at realtest.Place) error {
			// Nobody else's has this token.
			_, err := (&RequestTracker{&realtest.Process{Place: at}}).get("/rt")
			return err
		},
	}.Start(t)}
}

// trackerEnv has Request Tracker read the folder's configuration alone. The
// machine's own would win over it otherwise, database and all.
func trackerEnv(at realtest.Place) []string {
	return append(os.Environ(), "RT_SITE_CONFIG="+at.File("site.pm"), "RT_SITE_CONFIG_DIR="+at.File("no-more-settings"))
}

func configureTracker(setup string, at realtest.Place) error {
	for _, folder := range []string{"mason", "sessions", "no-more-settings"} {
		if err := os.Mkdir(at.File(folder), 0o700); err != nil {
			return err
		}
	}
	files := strings.NewReplacer("DIR", at.Dir, "PORT", fmt.Sprint(at.Ports[0]), "QUEUE", TrackerQueue)
	if err := at.Write("site.pm", files.Replace(trackerSettings)); err != nil {
		return err
	}
	if err := at.Write("people.pl", files.Replace(trackerPeople())); err != nil {
		return err
	}
	for _, args := range [][]string{{"--action", "init"}, {"--action", "insert", "--datafile", at.File("people.pl")}} {
		cmd := at.Command(setup, append(args, "--skip-create", "--dba", "", "--dba-password", "")...)
		cmd.Env = trackerEnv(at)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s: %w\n%s", filepath.Base(setup), args[1], err, out)
		}
	}
	return nil
}

const trackerSettings = `
Set($rtname, 'example');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, 'DIR/rt.db');
Set($WebDomain, '127.0.0.1');
Set($WebPort, PORT);
Set($WebBaseURL, 'http://127.0.0.1:PORT');
Set($MailCommand, 'testfile');
Set($MasonDataDir, 'DIR/mason');
Set($MasonSessionDir, 'DIR/sessions');
Set($BcryptCost, 4);
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'warning');
1;
`

// trackerPeople is what RT::Handle's InsertData reads. The token of
// TrackerUser is written to a file.
func trackerPeople() string {
	return fmt.Sprintf(`
my @people = (['%s', '%s'], ['%s', '%s'], ['%s', '%s']);
@Users = map { { Name => $_->[0], Password => $_->[1], EmailAddress => "$_->[0]\@example.com", Privileged => 1 } } @people;
@Queues = ({ Name => 'QUEUE', Description => 'Security incidents' });
sub may { my ($who, @rights) = @_; map { { UserId => $who, Right => $_, Queue => 'QUEUE' } } @rights }
my @writes = qw(SeeQueue ShowTicket CreateTicket CommentOnTicket ModifyTicket);
@ACL = (may('%s', @writes, 'ShowTicketComments'), may('%s', qw(SeeQueue ShowTicket)), may('%s', @writes));
@Final = (sub {
	my $token = RT::AuthToken->new(RT->SystemUser);
	my $owner = RT::User->new(RT->SystemUser);
	$owner->Load('%s');
	my ($ok, $said, $text) = $token->Create(Owner => $owner->Id, Description => 'irctl');
	open(my $f, '>', 'DIR/token') or die $!;
	print $f $text;
	close($f) or die $!;
});
`, TrackerUser, TrackerPassword, TrackerViewer, TrackerViewerPassword, TrackerWriter, TrackerWriterPassword,
		TrackerUser, TrackerViewer, TrackerWriter, TrackerUser)
}

// URL is where people open it.
func (r *RequestTracker) URL() string { return "http://" + r.Address(0) }

// Token is the authentication token of TrackerUser.
func (r *RequestTracker) Token() string {
	text, err := os.ReadFile(r.File("token"))
	if err != nil {
		return ""
	}
	return string(text)
}

// Tickets are the subjects of all tickets, by their numbers in rising order.
func (r *RequestTracker) Tickets(t testing.TB) []string {
	t.Helper()
	return r.list(t, "/tickets?orderby=id&fields=Subject,Status&query="+url.QueryEscape("id > 0"), "Subject")
}

// Status is the status of a ticket.
func (r *RequestTracker) Status(t testing.TB, id string) string {
	t.Helper()
	text, err := r.get("/ticket/" + id)
	require.NoError(t, err)
	var k struct{ Status string }
	require.NoError(t, json.Unmarshal([]byte(text), &k))
	return k.Status
}

// SetStatus gives a ticket a status, as a person does.
func (r *RequestTracker) SetStatus(t testing.TB, id, status string) {
	t.Helper()
	_, err := r.request(http.MethodPut, "/ticket/"+id, `{"Status":"`+status+`"}`)
	require.NoError(t, err)
	require.Equal(t, status, r.Status(t, id))
}

// NewTicket opens a ticket, as a person does, and returns its number.
func (r *RequestTracker) NewTicket(t testing.TB, subject string) string {
	t.Helper()
	text, err := r.request(http.MethodPost, "/ticket", `{"Queue":"`+TrackerQueue+`","Subject":"`+subject+`"}`)
	require.NoError(t, err)
	var made struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(text), &made))
	return made.ID
}

// Comments are the texts of a ticket, its first one among them, in no order.
func (r *RequestTracker) Comments(t testing.TB, id string) []string {
	t.Helper()
	return r.list(t, "/ticket/"+id+"/attachments?per_page=100&fields=Content", "Content")
}

// History is every change of a ticket, a line for each.
func (r *RequestTracker) History(t testing.TB, id string) []string {
	t.Helper()
	return r.list(t, "/ticket/"+id+"/history?per_page=100&fields=Type,OldValue,NewValue", "id", "Type", "OldValue", "NewValue")
}

// list is the fields of every item of a list, a line for each item.
func (r *RequestTracker) list(t testing.TB, path string, fields ...string) []string {
	t.Helper()
	text, err := r.get(path)
	require.NoError(t, err)
	var page struct{ Items []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(text), &page), text)
	lines := []string{}
	for _, item := range page.Items {
		var values []string
		for _, f := range fields {
			values = append(values, fmt.Sprint(item[f]))
		}
		lines = append(lines, strings.Join(values, " "))
	}
	return lines
}

func (r *RequestTracker) get(path string) (string, error) {
	return r.request(http.MethodGet, path, "")
}

// request speaks REST 2 as TrackerUser.
func (r *RequestTracker) request(method, path, body string) (string, error) {
	req, err := http.NewRequest(method, r.URL()+"/REST/2.0"+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "token "+r.Token())
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, text)
	}
	return string(text), err
}
