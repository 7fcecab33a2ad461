package expr

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/irctl/irctl/internal/cacao/value"
)

// playbookFunctions are what the conditions and assignments of CACAO playbooks
// are translated to: cacao.text(type, name, value) and its like read a
// variable as its type says and fail where it has no value; cacao.fit takes a
// value as a variable of a type holds it.
func playbookFunctions() []cel.EnvOption {
	str, dyn := cel.StringType, cel.DynType
	reading := func(name string, result *cel.Type, read func(kind, name string, v any) (ref.Val, error)) cel.EnvOption {
		return cel.Function("cacao."+name, cel.Overload("cacao_"+name, []*cel.Type{str, str, dyn}, result,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				v, err := plain(args[2])
				if err != nil {
					return types.WrapErr(err)
				}
				out, err := read(textArg(args[0]), textArg(args[1]), v)
				if err != nil {
					return types.WrapErr(err)
				}
				return out
			})))
	}
	about := func(name string, holds func(a, b string) (bool, error)) cel.EnvOption {
		return cel.Function("cacao."+name, cel.Overload("cacao_"+name, []*cel.Type{str, str}, cel.BoolType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				yes, err := holds(textArg(a), textArg(b))
				if err != nil {
					return types.WrapErr(err)
				}
				return types.Bool(yes)
			})))
	}
	return []cel.EnvOption{
		reading("text", str, func(kind, name string, v any) (ref.Val, error) {
			s, err := value.Text(kind, name, v)
			return types.String(s), err
		}),
		reading("shown", str, func(kind, name string, v any) (ref.Val, error) {
			s, err := value.Shown(kind, name, v)
			return types.String(s), err
		}),
		reading("whole", cel.IntType, func(kind, name string, v any) (ref.Val, error) {
			i, err := value.Whole(kind, name, v)
			return types.Int(i), err
		}),
		reading("real", cel.DoubleType, func(kind, name string, v any) (ref.Val, error) {
			f, err := value.Real(kind, name, v)
			return types.Double(f), err
		}),
		reading("truth", cel.BoolType, func(kind, name string, v any) (ref.Val, error) {
			b, err := value.Truth(kind, name, v)
			return types.Bool(b), err
		}),
		reading("time", cel.TimestampType, func(kind, name string, v any) (ref.Val, error) {
			at, err := value.Time(kind, name, v)
			return types.Timestamp{Time: at}, err
		}),
		reading("fit", dyn, func(kind, name string, v any) (ref.Val, error) {
			out, err := value.Assigned(kind, name, v)
			return types.DefaultTypeAdapter.NativeToValue(out), err
		}),
		about("like", func(a, b string) (bool, error) { return value.Like(a, b), nil }),
		about("subset", value.Subset),
	}
}

func textArg(v ref.Val) string {
	s, _ := v.(types.String)
	return string(s)
}
