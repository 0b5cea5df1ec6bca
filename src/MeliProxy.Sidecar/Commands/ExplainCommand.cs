using System.CommandLine;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Configuration;

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
        using QuotaLimiter<HttpContext> limiter = Sidecar.Hosting.Sidecar.CreateLimiter(configuration, clients);
        IReadOnlyList<RuleExplanation> explanations = limiter.Explain(request);
        if (explanations.Count == 0)
        {
            Console.WriteLine("There are no rules, so every request passes.");
            return;
        }

        string[][] rows = [.. explanations.Select(Row)];
        int[] widths = [.. Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            Console.WriteLine($"{row[0].PadRight(widths[0])}  {row[1].PadRight(widths[1])}  {row[2].PadRight(widths[2])}  {row[3]}".TrimEnd());
        }
    }

    private static string[] Row(RuleExplanation explanation)
    {
        RateLimitRule rule = explanation.Rule;
        string applies = explanation.Applicability switch
        {
            RuleApplicability.Applies => "applies",
            RuleApplicability.KeyMissing => "skips, part of its key is missing",
            _ => "does not match",
        };
        if (explanation.Applicability == RuleApplicability.NotMatched)
        {
            return [rule.Name, applies, "", ""];
        }

        string key = string.Join(' ', rule.Key.Zip(
            explanation.Key, (part, value) => part == "global" ? part : $"{part}={(value is null ? "(missing)" : PrintableText.Of(value))}"));
        string outcome = explanation.Applicability == RuleApplicability.KeyMissing ? ""
            : explanation.IsAllowed ? $"would pass, {explanation.Remaining} of {rule.Capacity} left"
            : rule.Mode == RuleMode.Shadow ? "would be over the limit, but the rule is in shadow mode"
            : "would be rejected";
        return [rule.Name, applies, key, outcome];
    }
}
