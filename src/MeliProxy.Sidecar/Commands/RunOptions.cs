using System.CommandLine;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Commands;

/// <summary>The options that set what the configuration says, shared by the commands that start a sidecar.</summary>
internal sealed class RunOptions
{
    public Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = "Configuration file. Default: meliproxy.json in the working folder, if there is one",
        HelpName = "FILE",
    };

    public Option<string[]> Listen { get; } = new("--listen")
    {
        Description = "Where clients connect; may be given several times. Default: http://127.0.0.1:8080",
        HelpName = "URL",
    };

    public Option<string[]> Upstream { get; } = new("--upstream")
    {
        Description = "Where requests are forwarded to; give it several times to balance. Default: https://api.mercadolibre.com",
        HelpName = "URL",
    };

    public Option<string?> Admin { get; } = new("--admin")
    {
        Description = "Where operators connect. Default: http://127.0.0.1:8081",
        HelpName = "URL",
    };

    public Option<string?> Nats { get; } = new("--nats")
    {
        Description = "NATS server through which sidecars share quotas",
        HelpName = "URL",
    };

    public Option<string?> Influx { get; } = new("--influx")
    {
        Description = "InfluxDB server that usage is written to",
        HelpName = "URL",
    };

    /// <summary>What the options given, the environment and the file say together.</summary>
    public ConfigurationSources ToSources(ParseResult parsed) => ConfigurationInput.Create(
        parsed.GetValue(Config),
        new CommandLineValues
        {
            Listen = parsed.GetValue(Listen) ?? [],
            Upstream = parsed.GetValue(Upstream) ?? [],
            Admin = parsed.GetValue(Admin),
            Nats = parsed.GetValue(Nats),
            Influx = parsed.GetValue(Influx),
        });

    public void AddTo(Command command)
    {
        command.Add(Config);
        command.Add(Listen);
        command.Add(Admin);
        command.Add(Upstream);
        command.Add(Nats);
        command.Add(Influx);
    }
}
