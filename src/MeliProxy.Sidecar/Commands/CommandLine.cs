using System.CommandLine;

namespace MeliProxy.Sidecar.Commands;

/// <summary>The commands of the binary.</summary>
internal static class CommandLine
{
    public static Task<int> RunAsync(string[] args)
    {
        RootCommand root = new(
            "MeliProxy, a sidecar that forwards HTTP and keeps callers within their quotas. Without a command it does the same as 'run'.");
        RunCommand.Configure(root);
        root.Add(RunCommand.Create());
        root.Add(DemoCommand.Create());
        root.Add(CheckCommand.Create());
        root.Add(ExplainCommand.Create());
        root.Add(NodesCommand.Create());

        // The commands that serve deal with signals themselves, as they have to finish requests under way.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
