using MeliProxy.Sidecar.Tests.Commands.Operating;

namespace MeliProxy.Sidecar.Tests.Commands;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("rules ", "cancel", "delete", "export", "get", "import", "list", "mode", "put", "rollback", "scheduled")]
    [InlineData("rules mode ", "enforce", "shadow")]
    [InlineData("rules put per-ip --alg", "--algorithm")]
    [InlineData("rules put per-ip --algorithm ", "concurrency", "fixed-window", "sliding-window", "token-bucket")]
    [InlineData("rules put per-ip --key header:X --alg", "--algorithm")]
    [InlineData("rules put per-ip --key header:X --limit 5 --alg", "--algorithm")]
    [InlineData("overrides put a x --unl", "--unlimited")]
    [InlineData("completion ", "bash", "fish", "zsh")]
    public async Task The_binary_says_what_can_follow(string typed, params string[] words)
    {
        CommandRun run = await CommandRun.OfAsync($"[suggest:{typed.Length}]", typed);

        Assert.Equal(words, run.Output.Split('\n').Where(word => words.Contains(word) || (word.Length > 0 && word[0] != '-')));
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Words_that_are_paths_are_no_call_for_help()
    {
        CommandRun run = await CommandRun.OfAsync("[suggest:6]", "nodes ");

        Assert.Contains("--help", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _meliproxy meliproxy")]
    [InlineData("zsh", "compdef _meliproxy meliproxy")]
    [InlineData("fish", "complete -c meliproxy")]
    public async Task Each_shell_has_its_script(string shell, string line)
    {
        CommandRun run = await CommandRun.OfAsync("completion", shell);

        Assert.Contains(line, run.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", run.Output, StringComparison.Ordinal);
    }
}
