using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.FunctionalTests;

/// <summary>Completion as a shell does it, with the published binary.</summary>
public sealed class CompletionTests(PublishedBinary binary)
{
    // What bash sets before it calls the function that completes.
    private const string PressTab = """
        source <("$1" completion bash)
        COMP_LINE="$1 $2" COMP_POINT=$((${#1} + 1 + ${#2}))
        read -ra COMP_WORDS <<<"$COMP_LINE"
        [[ "$COMP_LINE" == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        "$(complete -p meliproxy | sed 's/.*-F \([^ ]*\) .*/\1/')"
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    [Theory]
    [InlineData("ov", "overrides")]
    [InlineData("rules ro", "rollback")]
    [InlineData("rules mode ", "enforce", "shadow")]
    [InlineData("rules put a --key path --algorithm s", "sliding-window")]
    [InlineData("rules import no-suggestion", "")]
    public async Task Bash_completes_what_was_typed(string typed, params string[] words)
    {
        FinishedProcess bash = await FinishedProcess.RunAsync("bash", ["-c", PressTab, "bash", binary.Path, typed]);

        Assert.Equal("", bash.Errors);
        Assert.Equal(words, bash.Output.TrimEnd('\n').Split('\n').Where(word => !word.StartsWith('-')));
    }
}
