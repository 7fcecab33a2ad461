package lab

import (
	"cmp"
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const maxPost = 1 << 20 // bytes

// Post is a message that the war room received.
type Post struct {
	Time time.Time       `json:"time"`
	Key  string          `json:"key"` // Idempotency-Key; empty if the client sent none
	Text string          `json:"text"`
	Body json.RawMessage `json:"body"`
}

// outside is what stands outside the company and works when the company does
// not: the out-of-band mailbox, the war room, and a probe that looks at the
// company's mail server as a sender anywhere would.
type outside struct {
	company *company
	mail    *box[Message]
	mu      sync.Mutex // held from looking for a key to keeping its post
	posts   *box[Post]
	mx      string // address of the company's mail server
	pages   *template.Template
}

func (o *outside) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", o.page)
	mux.HandleFunc("GET /mail", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, o.mail.all()) })
	mux.HandleFunc("GET /mail/{id...}", o.message)
	mux.HandleFunc("POST /war-room", o.post)
	mux.HandleFunc("GET /war-room", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, o.posts.all()) })
	mux.HandleFunc("GET /war-room/keys/{key...}", o.postByKey)
	mux.HandleFunc("GET /probe/mail", o.probe)
	return mux
}

// page shows people what has arrived, newest first.
func (o *outside) page(w http.ResponseWriter, _ *http.Request) {
	mail, posts := o.mail.all(), o.posts.all()
	slices.Reverse(mail)
	slices.Reverse(posts)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_ = o.pages.ExecuteTemplate(w, "outside.html", map[string]any{"Company": Company, "Mail": mail, "Posts": posts}) // the visitor has gone
}

func (o *outside) message(w http.ResponseWriter, r *http.Request) {
	id := bareID(r.PathValue("id"))
	for _, m := range o.mail.all() {
		if id != "" && m.MessageID == id {
			reply(w, http.StatusOK, m)
			return
		}
	}
	reply(w, http.StatusNotFound, problem("no message with this Message-ID has arrived"))
}

func (o *outside) postByKey(w http.ResponseWriter, r *http.Request) {
	if p, ok := o.find(r.PathValue("key")); ok {
		reply(w, http.StatusOK, p)
		return
	}
	reply(w, http.StatusNotFound, problem("no post with this key has arrived"))
}

func (o *outside) find(key string) (Post, bool) {
	for _, p := range o.posts.all() {
		if key != "" && p.Key == key {
			return p, true
		}
	}
	return Post{}, false
}

// post keeps a message. A key that was here before is answered like the first
// time and kept no second time.
func (o *outside) post(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPost))
	if err != nil {
		reply(w, http.StatusRequestEntityTooLarge, problem("the post is larger than 1 MiB"))
		return
	}
	var body struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(b, &body); err != nil {
		reply(w, http.StatusBadRequest, problem("the post is not a JSON object: "+err.Error()))
		return
	}
	p := Post{Time: o.company.now().UTC(), Key: keyOf(r), Text: body.Text, Body: b}
	o.mu.Lock()
	defer o.mu.Unlock()
	_, repeated := o.find(p.Key)
	if !repeated {
		if err := o.posts.add(p); err != nil {
			reply(w, http.StatusInternalServerError, problem(err.Error()))
			return
		}
	}
	e := Entry{System: "war-room", Effect: WebhookReceived, Key: p.Key, Detail: p.Text, Duplicate: repeated}
	if err := o.company.change(func(*companyData) []Entry { return []Entry{e} }); err != nil {
		reply(w, http.StatusInternalServerError, problem(err.Error()))
		return
	}
	reply(w, http.StatusOK, map[string]any{"ok": true, "duplicate": repeated})
}

func (o *outside) probe(w http.ResponseWriter, r *http.Request) {
	a, err := probeMail(r.Context(), Addresses{Mail: o.mx})
	if err != nil {
		reply(w, http.StatusBadGateway, problem(err.Error()))
		return
	}
	reply(w, http.StatusOK, map[string]any{"code": a.Code, "text": strings.Join(a.Text, " "), "accepts": a.Accepts})
}

// keyOf returns what a client sent to make repetitions recognisable.
func keyOf(r *http.Request) string {
	return cmp.Or(r.Header.Get("Idempotency-Key"), r.Header.Get("X-Irctl-Key"))
}

func problem(text string) map[string]any { return map[string]any{"error": text} }
