using System.CommandLine;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Demo;
using MeliProxy.Sidecar.Hosting;
using MeliProxy.Sidecar.Usage.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.Sidecar.Commands;

/// <summary><c>meliproxy demo</c>: the sidecar in front of a stand-in for the Mercado Libre API, with rules to run into.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        RunOptions options = new();
        Option<string> latency = new("--latency")
        {
            Description = "How long the stand-in takes for each answer, such as 50ms",
            HelpName = "TIME",
            DefaultValueFactory = _ => "0ms",
        };
        Command command = new("demo", "Try it without network: a stand-in for the Mercado Libre API, example rules, and curl lines to type");
        command.Add(options.Listen);
        command.Add(options.Admin);
        command.Add(latency);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!DurationText.TryParse(parsed.GetValue(latency), out TimeSpan delay))
            {
                await Console.Error.WriteLineAsync("meliproxy: --latency takes a time such as 50ms or 1s");
                return 1;
            }

            using DemoFolder folder = new();
            await using StandInApi standIn = await StandInApi.StartAsync(
                new StandInOptions { Latency = delay }, NullLoggerFactory.Instance, cancellationToken);
            ConfigurationSources sources = options.ToSources(parsed) with { BuiltIn = DemoConfiguration.Read() };
            return await SidecarProcess.RunAsync(
                sources,
                configuration => configuration with
                {
                    Upstream = [standIn.Address],
                    ReverseProxy = null,
                    State = null,
                    RulesFile = null,
                    Usage = configuration.Usage with { Store = new UsageStoreOptions { Path = folder.UsageStore } },
                },
                sidecar => PrintThingsToTry(sidecar.Addresses[0], sidecar.AdminAddress));
        });
        return command;
    }

    private static void PrintThingsToTry(string address, string? admin) => Console.WriteLine(
        $"""

        This is a demo: a stand-in inside this process answers for the Mercado Libre API. Try

          curl -i {address}/categories/MLA97994

        The rule ip-path allows 5 of these at once from one address, then one every 2 s. The rest get 429:

          for i in 1 2 3 4 5 6 7; do curl -s -o /dev/null -w '%{'{'}http_code{'}'}\n' {address}/categories/MLA97994; done

        Another client, as told by a trusted proxy, has a quota of its own:

          curl -i -H 'X-Forwarded-For: 203.0.113.7' {address}/categories/MLA97994
        {(admin is null ? "" : $"{Environment.NewLine}The console page shows it all live, and changes it:{Environment.NewLine}{Environment.NewLine}  {admin}/{Environment.NewLine}")}
        """);
}
