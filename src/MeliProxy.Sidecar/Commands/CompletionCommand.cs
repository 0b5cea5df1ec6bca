using System.CommandLine;

namespace MeliProxy.Sidecar.Commands;

/// <summary><c>meliproxy completion</c>: prints what makes a shell complete commands and options.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command command = new("completion", "Print a script that makes a shell complete commands and options, such as: source <(meliproxy completion bash)")
        {
            shell,
        };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(CompletionScript.For(parsed.GetRequiredValue(shell))));
        return command;
    }
}
