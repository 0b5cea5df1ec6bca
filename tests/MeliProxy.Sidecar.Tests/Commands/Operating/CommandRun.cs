using System.CommandLine;
using MeliProxy.Sidecar.Commands;

namespace MeliProxy.Sidecar.Tests.Commands.Operating;

/// <summary>A command that was run inside the test's process, and what it left.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Errors)
{
    public static async Task<CommandRun> OfAsync(params string[] args)
    {
        StringWriter output = new() { NewLine = "\n" };
        StringWriter errors = new() { NewLine = "\n" };
        int exitCode = await CommandLine.RunAsync(args, new InvocationConfiguration { Output = output, Error = errors });
        return new CommandRun(exitCode, output.ToString(), errors.ToString());
    }
}
