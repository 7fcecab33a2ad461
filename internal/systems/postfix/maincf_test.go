package postfix

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const main = `# smtpd_client_restrictions = a comment
defer_transports = first
smtpd_client_restrictions=permit_mynetworks,
# between
	reject

   # a comment that is indented
smtpd_client_restrictions_too = x
  defer_transports_of_nobody = y
defer_transports = uucp
  # the last line ends without a line end
  smtp`

func TestSettingsAreTheLinesThatCount(t *testing.T) {
	require.Equal(t, Settings{
		Client: "smtpd_client_restrictions=permit_mynetworks,\n# between\n\treject\n",
		Defer:  "defer_transports = uucp\n  # the last line ends without a line end\n  smtp",
	}, settingsOf(main))
	require.Equal(t, Settings{}, settingsOf("myhostname = a\n"))
	require.Equal(t, Settings{}, settingsOf(""))
}

func TestSettingsArePutBackToTheByte(t *testing.T) {
	while := suspending("for $5", []string{"local", "smtp"})
	require.Equal(t, Settings{
		Client: "smtpd_client_restrictions = check_client_access static:{450 4.3.2 for $$5}\n",
		Defer:  "defer_transports = local smtp\n",
	}, while)
	for _, text := range []string{main, "", "myhostname = a\n", "\n\ndefer_transports =\n\n# end\n"} {
		before := settingsOf(text)
		changed := while.putInto(text)
		require.Equal(t, while, settingsOf(changed))
		require.Equal(t, changed, while.putInto(changed))
		require.Equal(t, text, before.putInto(changed))
	}
	// Then only a line end is more than before.
	require.Equal(t, "myhostname = a\n", Settings{}.putInto(while.putInto("myhostname = a")))
}

func TestWhoIsPutOff(t *testing.T) {
	for value, want := range map[string]bool{
		"":                  false,
		"permit_mynetworks": false,
		"defer":             true,
		", defer, permit":   true,
		"defer_unauth_x":    false,
		"permit, defer":     false,
		"check_client_access static:{450 4.3.2 later}": true,
		"check_client_access static:{554 never}":       false,
		"check_client_access hash:/etc/x":              false,
	} {
		require.Equal(t, want, putsOff(value), value)
	}
}

func TestEveryTransportThatDelivers(t *testing.T) {
	all := transports(`smtp       inet  n - y - - smtpd
smtp       unix  - - y - - smtp
amavis     unix  - - n - 2 lmtp -o lmtp_data_done_timeout=1200
retry      unix  - - y - - error
maildrop   unix  - n n - - pipe flags=DRXhu user=vmail argv=/usr/bin/maildrop
policy     unix  - n n - 0 spawn user=nobody argv=/usr/bin/policy
`)
	require.Equal(t, []string{"amavis", "maildrop", "smtp"}, all)
	require.True(t, covers("smtp, amavis\tmaildrop more", all))
	require.False(t, covers("smtp maildrop", all))
}

func TestANoticeFitsInAReply(t *testing.T) {
	require.Equal(t, "Mail is suspended; try again later", Words(" \n"))
	require.Equal(t, "Call (now) $5, M?ller 250 ok", Words("Call {now} $5, Müller\r\n250 ok"))
}

func TestTheQueueIsReadOrRefused(t *testing.T) {
	q, err := queueOf(`{"queue_name": "hold", "queue_id": "3xYz1", "arrival_time": 1, "recipients": [{"address": "a@example.com"}]}
{"queue_name": "deferred", "queue_id": "6B14B9CD07E"}
{"queue_name": "active", "queue_id": "6B14B9CD07F"}
{"queue_name": "incoming", "queue_id": "6B14B9CD080"}
`)
	require.NoError(t, err)
	require.Equal(t, Queue{Held: []string{"3xYz1"}, Moving: []string{"6B14B9CD07F", "6B14B9CD080"}, Waiting: []string{"6B14B9CD07E"}}, q)
	require.Equal(t, []string{"6B14B9CD080"}, q.loose([]string{"3xYz1", "6B14B9CD080", "GONE1"}))
	require.Equal(t, []string{"3xYz1"}, q.held([]string{"3xYz1", "6B14B9CD080", "GONE1"}))
	for _, text := range []string{"Mail queue is empty\n", `{"queue_name": "hold", "queue_id": "ALL"}`, `{"queue_name": "hold", "queue_id": "-x1y2"}`} {
		_, err := queueOf(text)
		require.ErrorContains(t, err, "cannot be read")
	}
}

// What a file on the mail system says becomes lines of main.cf and arguments of
// postsuper.
func TestARecordIsNotTakenOnTrust(t *testing.T) {
	p := Look{Settings: settingsOf(main), transports: []string{"smtp"}}.Plan("Later")
	record, err := p.Record()
	require.NoError(t, err)
	again, err := Recalled(record)
	require.NoError(t, err)
	require.Equal(t, p, again)
	record["held"] = []any{"ALL"}
	_, err = Recalled(record)
	require.ErrorContains(t, err, "does not say what was set before")
	p.While.Client += "mynetworks = 0.0.0.0/0\n"
	record, err = p.Record()
	require.NoError(t, err)
	_, err = Recalled(record)
	require.ErrorContains(t, err, "does not say what was set before")
}

// A run that died half way is not what the next one restores.
func TestAPlanGoesOnFromHalfASuspension(t *testing.T) {
	before := Settings{Client: clientSetting + " = reject\n"}
	while := suspending("Later", []string{"smtp"})
	l := Look{
		Settings: Settings{Client: while.Client}, transports: []string{"smtp"},
		Queue: Queue{Held: []string{"OURS1", "THEIRS1"}, Waiting: []string{"OURS2"}},
		Note:  &Suspension{Before: before, While: while, Held: []string{"OURS1", "OURS2"}},
	}
	require.Equal(t, Suspension{
		About: about, Words: "Later", Before: before, While: while, Held: []string{"OURS1"},
	}, l.Plan("Later"))
}

func TestVersions(t *testing.T) {
	for version, want := range map[string]bool{"3.1.0": true, "3.7.11": true, "4.0": true, "3.0.4": false, "2.11.0": false, "3": false, "new": false} {
		require.Equal(t, want, atLeast(version, 3, 1), version)
	}
}

func TestServicesThatBeginWithTheRestrictionsOfAll(t *testing.T) {
	master := "submission inet n - y - - smtpd\nsmtps inet n - y - - smtpd\nsmtp unix - - y - - smtp\n"
	require.Empty(t, apart(master, "submission/inet/smtpd_client_restrictions = $smtpd_client_restrictions,permit_sasl_authenticated,reject\n"))
	require.Empty(t, apart(master, "submission/inet/smtpd_client_restrictions = defer\nsmtp/unix/smtpd_client_restrictions = permit\n"))
	require.Equal(t, []string{"smtps (inet)", "submission (inet)"}, apart(master, "submission/inet/smtpd_client_restrictions = permit_sasl_authenticated,reject\nsmtps/inet/smtpd_client_restrictions =\n"))
}
