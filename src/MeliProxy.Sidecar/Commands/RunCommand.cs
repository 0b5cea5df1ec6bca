using System.CommandLine;
using MeliProxy.Sidecar.Hosting;

namespace MeliProxy.Sidecar.Commands;

/// <summary><c>meliproxy run</c>: the sidecar.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Command command = new("run", "Forward requests and enforce quotas until stopped");
        Configure(command);
        return command;
    }

    /// <summary>Makes a command run the sidecar; the root command does so too.</summary>
    public static void Configure(Command command)
    {
        RunOptions options = new();
        options.AddTo(command);
        command.SetAction((parsed, _) => SidecarProcess.RunAsync(options.ToSources(parsed)));
    }
}
