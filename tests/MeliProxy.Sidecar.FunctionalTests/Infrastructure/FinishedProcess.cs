using System.Diagnostics;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>What a program that ran to its end has left.</summary>
public sealed record FinishedProcess(int ExitCode, string Output, string Errors)
{
    public static async Task<FinishedProcess> RunAsync(string program, IEnumerable<string> arguments, string? folder = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new FinishedProcess(process.ExitCode, await output, await errors);
    }
}
