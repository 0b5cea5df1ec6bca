using System.CommandLine;
using System.CommandLine.Help;
using MeliProxy.Sidecar.Commands.Operating;
using MeliProxy.Sidecar.Commands.Operating.Connections;

namespace MeliProxy.Sidecar.Commands;

/// <summary>The commands of the binary.</summary>
internal static class CommandLine
{
    // A word that begins with @ may be a key, and is no file with more words to read.
    private static readonly ParserConfiguration Words = new() { ResponseFileTokenReplacer = null };

    // The commands that serve deal with signals themselves, as they have to finish requests under way.
    public static Task<int> RunAsync(string[] args) => RunAsync(args, new InvocationConfiguration { ProcessTerminationTimeout = null });

    /// <summary>Runs a command.</summary>
    /// <param name="args">What was typed.</param>
    /// <param name="invocation">Where it prints.</param>
    public static Task<int> RunAsync(IReadOnlyList<string> args, InvocationConfiguration invocation) =>
        CreateRoot().Parse(args, Words).InvokeAsync(invocation);

    private static RootCommand CreateRoot()
    {
        RootCommand root = new(
            "MeliProxy, a sidecar that forwards HTTP and keeps callers within their quotas. Without a command it does the same as 'run'.\n\n"
            + ExitCodes.Description);
        RunCommand.Configure(root);
        root.Add(RunCommand.Create());
        root.Add(DemoCommand.Create());
        root.Add(CheckCommand.Create());
        root.Add(ExplainCommand.Create());
        root.Add(RulesCommand.Create());
        root.Add(OverridesCommand.Create());
        root.Add(AuditCommand.Create());
        root.Add(UsageCommand.Create());
        root.Add(TrafficCommand.Create());
        root.Add(TopCommand.Create());
        root.Add(NodesCommand.Create());
        root.Add(CompletionCommand.Create());

        // Paths are keys of rules and addresses to explain, and /h and /? are two of them; and a shell may take -? for a pattern.
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Aliases.Remove("/h");
            help.Aliases.Remove("/?");
            help.Aliases.Remove("-?");
        }

        return root;
    }
}
