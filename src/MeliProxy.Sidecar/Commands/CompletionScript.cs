namespace MeliProxy.Sidecar.Commands;

/// <summary>Scripts that have a shell ask the binary itself what can follow, by the <c>[suggest]</c> directive, so that they never go stale.</summary>
internal static class CompletionScript
{
    // The binary is called as it was typed: it need not be on the path. It suggests what holds the word anywhere, and shells want what
    // begins with it. Where it suggests nothing, a file may be meant.
    private const string Bash = """
        # Completion of meliproxy for bash. Put it in force with: source <(meliproxy completion bash)
        _meliproxy() {
          local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}"
          local words="${line#*"${COMP_WORDS[0]}"}"
          words="${words# }"
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#words}]" "$words" 2>/dev/null)" -- "$word"))
        }
        complete -o default -F _meliproxy meliproxy

        """;

    private const string Zsh = """
        #compdef meliproxy
        # Completion of meliproxy for zsh. Put it in force with: source <(meliproxy completion zsh)
        _meliproxy() {
          local text="${(j: :)words[2,CURRENT]}"
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:${#text}]" "$text" 2>/dev/null)}")
          found=(${(M)found:#${PREFIX}*})
          if (( ${#found} )); then
            compadd -- $found
          else
            _files
          fi
        }
        compdef _meliproxy meliproxy

        """;

    private const string Fish = """
        # Completion of meliproxy for fish. Put it in force with: meliproxy completion fish | source
        function __meliproxy_suggest
          set -l tokens (commandline -opc)
          set -l word (commandline -ct)
          set -l text (string join ' ' -- $tokens[2..] $word)
          set -l found ($tokens[1] "[suggest:"(string length -- "$text")"]" "$text" 2>/dev/null \
            | string match -r -- '^'(string escape --style=regex -- "$word")'.*')
          if set -q found[1]
            printf '%s\n' $found
          else
            __fish_complete_path "$word"
          end
        end
        complete -c meliproxy -f -a '(__meliproxy_suggest)'

        """;

    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        _ => Fish,
    };
}
