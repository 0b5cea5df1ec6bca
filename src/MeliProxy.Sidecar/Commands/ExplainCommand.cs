using System.CommandLine;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.Sidecar.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.Sidecar.Commands;

/// <summary><c>meliproxy explain</c>: what each rule would make of a request.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        RunOptions options = new();
        Option<string> method = new("--request", "-X") { Description = "Method", HelpName = "METHOD", DefaultValueFactory = _ => "GET" };
        Option<string[]> headers = new("--header", "-H") { Description = "A header of the request; may be given several times", HelpName = "'NAME: VALUE'" };
        Option<string> from = new("--from")
        {
            Description = "The address that the connection comes from",
            HelpName = "IP",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        Argument<string> url = new("URL") { Description = "What is asked for, such as http://localhost/items/1?x=y or only /items/1" };
        Command command = new("explain", "Tell which rules match a request, the key of each, and what each would decide");
        command.Add(options.Config);
        command.Add(method);
        command.Add(headers);
        command.Add(from);
        command.Add(url);
        command.SetAction(async (parsed, _) =>
        {
            ConfigurationResult result = await ConfigurationInput.LoadAsync(
                ConfigurationInput.Create(parsed.GetValue(options.Config), new CommandLineValues()));
            if (result.Configuration is not { } configuration)
            {
                ConfigurationInput.PrintErrors(result.Errors, "there is nothing to explain");
                return 1;
            }

            if (!SampleRequest.TryCreate(
                parsed.GetValue(method)!,
                parsed.GetValue(url)!,
                parsed.GetValue(headers) ?? [],
                parsed.GetValue(from)!,
                out HttpContext? request,
                out string? error))
            {
                await Console.Error.WriteLineAsync($"meliproxy: {error}");
                return 1;
            }

            Print(configuration, request);
            return 0;
        });
        return command;
    }

    private static void Print(SidecarConfiguration configuration, HttpContext request)
    {
        ClientAddressResolver clients = new(configuration.ClientIp.ToOptions());
        using QuotaLimiter<HttpContext> limiter = Sidecar.Hosting.Sidecar.CreateLimiter(
            configuration, configuration.RuleSet, clients, NullLoggerFactory.Instance, TimeProvider.System);
        IReadOnlyList<RuleExplanation> explanations = limiter.Explain(request);
        if (explanations.Count == 0)
        {
            Console.WriteLine("There are no rules, so every request passes.");
            return;
        }

        ExplanationRow[] rows = [.. explanations.Select(explanation => ExplanationRow.Of(explanation, configuration.Mode))];
        int rule = rows.Max(row => row.Rule.Length);
        int applies = rows.Max(row => row.Applies.Length);
        int key = rows.Max(row => row.Key.Length);
        foreach (ExplanationRow row in rows)
        {
            Console.WriteLine(
                $"{row.Rule.PadRight(rule)}  {row.Applies.PadRight(applies)}  {row.Key.PadRight(key)}  {row.Outcome}".TrimEnd());
        }
    }
}
