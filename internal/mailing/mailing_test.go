package mailing_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/mailing"
	"github.com/irctl/irctl/runbooks"
)

// files writes files into a folder of their own.
func files(t *testing.T, texts map[string]string) string {
	dir := t.TempDir()
	for name, text := range texts {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

const hello = "Subject: Hello {{name|you}}\n\nYour loan {{loan}} at {{company}}: {{code}}\n"

func open(t *testing.T, list string) (*mailing.Notice, error) {
	dir := files(t, map[string]string{
		"hello.en.txt": hello, "hello.es.txt": "Subject: Hola\r\n\r\nSu préstamo {{loan}} en {{company}}\r\n",
		"list.csv": list, "codes": "aaaa\nbbbb\ncccc\n",
	})
	return mailing.Open(mailing.Options{
		Template: "./hello", List: "list.csv", Codes: "codes", Folder: dir,
		Values: map[string]string{"company": "Example Bank", "company.es": "Banco Ejemplo"},
	})
}

func TestEachReaderGetsALetter(t *testing.T) {
	n, err := open(t, "\ufeffAddress;Name;language;loan\r\n"+
		"dana@example.com;\"Dana; the \"\"first\"\"\";;7\r\n"+
		"sam@example.com;;ES;8\r\n"+
		"DANA@example.com;Twice;;9\r\n"+
		";By post;de;10\r\n")
	require.NoError(t, err)
	require.Equal(t, []int{4}, n.Repeated)
	require.Len(t, n.Readers, 3)
	require.Equal(t, 2, n.Mailed())
	l, err := n.Letter(0, "aaaa")
	require.NoError(t, err)
	require.Equal(t, mailing.Letter{Language: "en", Subject: `Hello Dana; the "first"`, Body: "Your loan 7 at Example Bank: aaaa\n"}, l)
	l, err = n.Letter(1, "bbbb")
	require.NoError(t, err)
	require.Equal(t, mailing.Letter{Language: "es", Subject: "Hola", Body: "Su préstamo 8 en Banco Ejemplo\n"}, l)
	require.Equal(t, `./hello goes to 3 readers of list.csv, 2 of them by mail. 1 lines repeat an address and are left out. 1 readers ask for a language that it has no text in, and get en.

--- en, to 2 readers; line 2 gets:
Subject: Hello Dana; the "first"

Your loan 7 at Example Bank: [the code for line 2 of the list]

--- es, to 1 readers; line 3 gets:
Subject: Hola

Su préstamo 8 en Banco Ejemplo`, n.Draft())
}

func TestMistakesInAListAreToldWithTheirLines(t *testing.T) {
	for list, want := range map[string]string{
		"":                             "has no first line of names",
		"name\nDana\n":                 "no column is called address",
		"address,address\n":            `the column "address" is there twice`,
		"address,code\na@b.test,x\n":   `the column "code" is there twice, or is irctl's own`,
		"address,loan\n":               "nobody stands in it",
		"address,loan\na@b.test\n":     "line 2: wrong number of fields",
		"address,loan\n\"a@b.test,1\n": "line 2: extraneous or missing",
		"address,loan\na@b.test,1\nnobody,2\n\"x@b.test\r\nBcc: y@b.test\",3\n": `line 3: "nobody" is not an e-mail address; line 4: the field address has a line end`,
		"address,loan\na@b.test>,1\n":                                           `line 2: "a@b.test>" is not an e-mail address`,
		"address,loan\n\"a@b.test, c@b.test\",1\n":                              "is not an e-mail address",
		"address,loan\na@b.test," + strings.Repeat("x", 5000) + "\n":            "line 2: the field loan has",
		"address,loan\na@b.test,\n":                                             "line 2, in en: {{loan}} is empty",
		"address\na@b.test\n":                                                   "line 2, in en: nobody says what {{loan}} is",
		"address,loan\n" + strings.Repeat("nobody,1\n", 30):                     "; and 20 more",
		"address,loan\n\xff@b.test,1\n":                                         "is not UTF-8",
	} {
		_, err := open(t, list)
		require.ErrorContains(t, err, want, "%.60q", list)
	}
}

func TestMistakesInATextAreTold(t *testing.T) {
	for text, want := range map[string]string{
		"Hello\n\nYou\n":                      "does not begin with a line `Subject: ...`",
		"Subject: a\nBcc: x@b.test\n\nYou\n":  "does not begin with",
		"Subject: a\n\n \n":                   "does not begin with",
		"Subject: a\n\nYou {{ Name }}\n":      "line 3: what stands in braces is no name",
		"Subject: a\n\nYou {{ {{name}} \n":    "line 3: what stands in braces is no name",
		"Subject: a\n\nYou {{name}} {{name}}": "{{name}} is empty",
	} {
		dir := files(t, map[string]string{"x.en.txt": text, "list.csv": "address\na@b.test\n"})
		_, err := mailing.Open(mailing.Options{Template: "./x", List: "list.csv", Folder: dir})
		require.ErrorContains(t, err, want, text)
	}
	_, err := mailing.Open(mailing.Options{Template: "braech"})
	require.ErrorContains(t, err, "there is no notice braech")
}

// TestValuesAreNotRead: what a customer is called is no text to be filled in.
func TestValuesAreNotRead(t *testing.T) {
	n, err := open(t, "address,name,loan\na@b.test,{{code}},{{company}}\n")
	require.NoError(t, err)
	l, err := n.Letter(0, "aaaa")
	require.NoError(t, err)
	require.Equal(t, "Hello {{code}}", l.Subject)
	require.Equal(t, "Your loan {{company}} at Example Bank: aaaa\n", l.Body)
}

func TestACodeIsHandedOutOnce(t *testing.T) {
	dir := files(t, map[string]string{"hello.en.txt": hello, "one": "address,loan\na@b.test,1\n", "two": "address,loan\na@b.test,1\nb@b.test,2\n", "codes": "aaaa\nbbbb\ncccc\n"})
	notice := func(list string) *mailing.Notice {
		n, err := mailing.Open(mailing.Options{Template: "./hello", List: list, Codes: "codes", Folder: dir, Values: map[string]string{"company": "B"}})
		require.NoError(t, err)
		return n
	}
	first, err := notice("two").Claim("run 1")
	require.NoError(t, err)
	require.Equal(t, 1, first)
	again, err := notice("two").Claim("run 1")
	require.NoError(t, err)
	require.Equal(t, 1, again, "the same step gets the same codes")
	other, err := notice("one").Claim("run 2")
	require.NoError(t, err)
	require.Equal(t, 3, other)
	require.Equal(t, "cccc", notice("one").Code(other).Reveal())
	_, err = notice("one").Claim("run 3")
	require.ErrorContains(t, err, "1 readers get a code, and codes has 0 left")
	left, err := notice("one").Left()
	require.NoError(t, err)
	require.Zero(t, left)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "codes"), []byte("dddd\neeee\n"), 0o600))
	_, err = notice("one").Claim("run 1")
	require.ErrorContains(t, err, "is not about this file of codes")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "codes"), []byte("dddd\n\ndddd\n"), 0o600))
	_, err = mailing.Open(mailing.Options{Template: "./hello", List: "one", Codes: "codes", Folder: dir})
	require.ErrorContains(t, err, "line 2 is empty; line 3 is the same as line 1")
}

func TestTheListForPostHoldsNoFormula(t *testing.T) {
	n, err := open(t, "address,name,loan,phone\na@b.test,\"=HYPERLINK(\"\"http://x\"\")\",7,+1 555 0100\nb@b.test,Sam,8,\n")
	require.NoError(t, err)
	text, count := n.OutOfBand(5, func(i int) string { return []string{"refused: 550", ""}[i] })
	require.Equal(t, 1, count)
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"line", "address", "name", "language", "code_line", "why", "loan", "phone"},
		{"2", "a@b.test", `'=HYPERLINK("http://x")`, "", "5", "refused: 550", "7", "+1 555 0100"},
	}, rows)
}

// TestShippedNotices: every notice is there in every language, and says the same
// about the same things.
func TestShippedNotices(t *testing.T) {
	dir := files(t, map[string]string{"codes": "aaaa\nbbbb\ncccc\n", "list": "address,language\na@b.test,en\nb@b.test,es\nc@b.test,fr\n"})
	require.Equal(t, []string{"breach", "restored", "unavailable"}, runbooks.NoticeNames())
	for _, name := range runbooks.NoticeNames() {
		n, err := mailing.Open(mailing.Options{Template: name, List: "list", Codes: "codes", Folder: dir, Values: map[string]string{
			"company": "Example Bank", "hotline": "+1 555 0121", "happened": "2026-03-01", "data": "names", "enrol_at": "https://enrol.example.org", "post": "PO Box 1", "next": "N.",
		}})
		require.NoError(t, err)
		require.Zero(t, n.Foreign)
		for i, language := range []string{"en", "es", "fr"} {
			l, err := n.Letter(i, "aaaa")
			require.NoError(t, err)
			require.Equal(t, language, l.Language)
			for line := range strings.Lines(l.Body) {
				require.LessOrEqual(t, len([]rune(line)), 80, line)
			}
			require.Equal(t, name == "breach", strings.Contains(l.Body, "aaaa"))
			require.Contains(t, l.Body, "+1 555 0121")
		}
	}
}
