package redis

import (
	"context"
	"fmt"
	"strings"

	redis "github.com/redis/go-redis/v9"

	"github.com/irctl/irctl/internal/sent"
)

// told tells the log of the attempt which commands go to the server.
type told struct{ name string }

func (t told) say(ctx context.Context, c redis.Cmder) {
	var words []string
	for _, w := range c.Args() {
		word := fmt.Sprint(w)
		if strings.HasPrefix(word, "#") || strings.HasPrefix(word, ">") { // a password, or its hash
			word = "(not shown)"
		}
		words = append(words, word)
	}
	if len(words) > 0 && (strings.EqualFold(words[0], "auth") || strings.EqualFold(words[0], "hello")) {
		words = []string{words[0], "(not shown)"}
	}
	sent.Say(ctx, t.name+": "+strings.Join(words, " "))
}

// DialHook implements [redis.Hook].
func (told) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements [redis.Hook].
func (t told) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, c redis.Cmder) error {
		t.say(ctx, c)
		return next(ctx, c)
	}
}

// ProcessPipelineHook implements [redis.Hook].
func (t told) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, all []redis.Cmder) error {
		for _, c := range all {
			t.say(ctx, c)
		}
		return next(ctx, all)
	}
}
